// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "base/datagram.hpp"
#include "base/result.hpp"
#include "flow/fields.hpp"
#include "flow/ledger.hpp"
#include "flow/reader.hpp"

namespace flowspan::flow {

/// A stretch of one writer's journal that becomes one segment: what is known of it before its flows are decoded again.
struct Range {
  std::uint32_t writer = 0;
  Position from;
  Position to;      ///< the writer's position once the range is committed
  FieldSet fields;  ///< the columns its flows need; `received_time` is always one
  std::uint64_t datagrams = 0;
  std::uint64_t rows = 0;  ///< flows
  /// Known lost before they were received (by sequence numbers); negative when late flows took back earlier losses.
  std::int64_t lost_flows = 0;
  std::uint64_t dropped_datagrams = 0;  ///< dropped by the kernel, the ring or a full journal
  std::uint64_t decode_errors = 0;
  Time received_min = 0;  ///< of its datagrams; when there is none, of what was dropped
  Time received_max = 0;
};

/// What was learned from a range while its flows were read.
struct Learned {
  Learned(std::string decoder_state) : state(std::move(decoder_state)) {}  // NOLINT: a state is the least there is
  Learned(std::string decoder_state, Ledger account) : state(std::move(decoder_state)), ledger(std::move(account)) {}

  std::string state;  ///< the decoder's, at the end of the range
  Ledger ledger;      ///< of the range
};

/// Where finished ranges go: the store. One transaction makes the segment exist and moves the writer's position and state.
class SegmentSink {
 public:
  SegmentSink() = default;
  SegmentSink(const SegmentSink&) = delete;
  SegmentSink& operator=(const SegmentSink&) = delete;
  virtual ~SegmentSink() = default;

  /// Reads `flows` to its end, stores them (no segment when there are none), then asks `learned` for the decoder's state
  /// at `range.to` and the account, and commits all of it. After an error nothing has changed and the same range may be tried again with a
  /// new reader.
  virtual Status commit(const Range& range, Reader& flows, const std::function<Learned()>& learned) = 0;
};

}  // namespace flowspan::flow
