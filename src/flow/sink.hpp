// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/datagram.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "flow/batch.hpp"
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

/// How far an output has come in one writer's journal.
struct Mark {
  std::uint32_t writer = 0;
  Position position;
  std::string state;  ///< the decoder's there; empty at the very beginning, and for a sink that keeps no marks
};

/// Where flows go beside the store, as they are decoded: a dataset, a stream of lines. One thread.
///
/// put() only remembers. commit() makes what was put stand, together with how far the journals were read for it. After
/// an error of commit() nothing is forgotten and nothing stands twice: it is called again, later, maybe with later
/// marks and nothing new.
class FlowSink {
 public:
  /// How much may be put before a commit, and how long it may wait for one.
  struct Pace {
    std::uint64_t rows = 0;
    Duration interval = 0;
  };

  FlowSink() = default;
  FlowSink(const FlowSink&) = delete;
  FlowSink& operator=(const FlowSink&) = delete;
  virtual ~FlowSink() = default;

  /// The fields it looks at.
  virtual FieldSet wanted() const = 0;
  virtual Pace pace() const = 0;
  /// Whether a later run goes on where this one ended; if not, mark() never knows anything.
  virtual bool keeps_marks() const = 0;
  /// How far it has come with a writer, as committed; nothing for a writer that it has never seen.
  virtual Result<std::optional<Mark>> mark(std::uint32_t writer) = 0;

  virtual void put(const FlowBatch& flows) = 0;
  /// Waits for a fraction of a second at most; what takes longer is an error to be tried again.
  virtual Status commit(std::span<const Mark> marks) = 0;
  /// Grows whenever something of a commit moves, even when the commit is not yet done: it is slow, not stuck.
  virtual std::uint64_t progress() const = 0;
  /// Of the flows that were put and not committed, those that are out all the same, and can not be taken back.
  virtual std::uint64_t flows_out() const { return 0; }
  /// Nobody will ever take anything more; what commit() failed with says why.
  virtual bool ended() const = 0;
};

}  // namespace flowspan::flow
