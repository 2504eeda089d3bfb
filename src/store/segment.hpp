// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/datagram.hpp"
#include "base/time.hpp"
#include "flow/fields.hpp"
#include "flow/reader.hpp"

namespace flowspan::store {

/// The least and the greatest time of a segment's rows; nullopt: no row says it.
struct TimeBounds {
  std::optional<Time> min;
  std::optional<Time> max;
  friend bool operator==(const TimeBounds&, const TimeBounds&) = default;
};

/// Flows and datagrams that are known to be missing.
struct Loss {
  std::uint64_t lost_flows = 0;         ///< by sequence numbers, wherever they were lost
  std::uint64_t dropped_datagrams = 0;  ///< by the kernel or the ring
  std::uint64_t decode_errors = 0;
  std::uint64_t dropped_flows = 0;      ///< of lost_flows: in datagrams that this machine dropped
  std::uint64_t down_flows = 0;         ///< of lost_flows: while no collector ran
  std::uint64_t undecodable_flows = 0;  ///< of lost_flows: in damaged datagrams
  std::uint64_t unclear_flows = 0;      ///< of lost_flows: on the way or here, and it can not be known which
  /// Of lost_flows: before they reached this machine.
  std::uint64_t network_flows() const;
  bool any() const { return lost_flows != 0 || dropped_datagrams != 0 || decode_errors != 0; }
  Loss& operator+=(const Loss& other);
  /// Late flows take back a loss that an earlier range counted: a range alone may be below nothing (modulo 2^64, as the
  /// catalog has it), and so may a window's sum that does not reach back to it. Nothing lost is what that means.
  void settle();
  friend bool operator==(const Loss&, const Loss&) = default;
};

/// As a Loss; see Loss::settle().
Loss loss_of(const flow::Missing& missing);

/// A committed Parquet file: one row of the catalog.
struct Segment {
  std::int64_t id = 0;
  std::string name;            ///< path relative to the store: "segments/2026/11/23/….parquet"
  std::uint32_t writer = 0;    ///< of an import or of several writers: the smallest
  std::uint64_t sequence = 0;  ///< of the writer or within the import; of a merged segment: the smallest
  Position from;               ///< the journal range it came from; all zero in an import
  Position to;
  std::uint64_t rows = 0;
  std::uint64_t file_bytes = 0;
  flow::FieldSet fields;    ///< its columns, as far as this version knows them
  bool knows_more = false;  ///< a later flowspan wrote columns that this one does not know: not to be merged
  TimeBounds received;
  TimeBounds first;
  TimeBounds last;
  std::uint64_t raw_bytes = 0;    ///< sum of `bytes` as exported
  std::uint64_t raw_packets = 0;  ///< sum of `packets` as exported
  std::uint64_t datagrams = 0;
  Loss loss;
  std::uint32_t level = 0;  ///< how many times its oldest rows were merged
  std::optional<std::int64_t> import_id;
  Time committed_at = 0;
};

/// Where the journal of a writer is committed to.
struct WriterState {
  std::uint32_t writer = 0;
  Position position;
  std::string state = {};           ///< the decoder's, at `position`
  std::uint64_t next_sequence = 0;  ///< of its next segment
  std::uint32_t attempts = 0;       ///< recoveries that have begun and not ended
  bool active = true;               ///< false: the number of workers went down; the numbers stay used
};

/// One capture or IPFIX file that was read.
struct ImportRecord {
  std::int64_t id = 0;
  std::string path;
  std::uint64_t size = 0;
  std::string digest;
  std::optional<Time> modified;
  Time imported_at = 0;
  std::uint64_t datagrams = 0;
  std::uint64_t flows = 0;
};

/// A stretch of a journal that the decoder must not see again.
struct Quarantined {
  std::uint32_t writer = 0;
  Position position;
  std::uint64_t length = 0;  ///< bytes of the journal
  std::string exporter = {};
  std::string reason = {};
  std::string file = {};  ///< relative to the store: "quarantine/…"
  Time at = 0;
};

/// Sums over all committed segments.
struct Totals {
  std::uint64_t segments = 0;
  std::uint64_t rows = 0;
  std::uint64_t file_bytes = 0;
};

}  // namespace flowspan::store
