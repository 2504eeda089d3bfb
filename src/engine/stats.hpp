// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Gathers SegmentStats while flows pass by. Only for the .cpp files of this folder.

#include <cstddef>
#include <cstdint>
#include <limits>

#include "engine/parquet_out.hpp"
#include "flow/batch.hpp"

namespace flowspan::engine {

class StatsGatherer {
 public:
  /// All rows of a sealed batch.
  void add(const flow::FlowBatch& batch);
  SegmentStats stats() const;

 private:
  /// In the column's own unit; nothing seen while min > max.
  struct Range {
    std::int64_t min = std::numeric_limits<std::int64_t>::max();
    std::int64_t max = std::numeric_limits<std::int64_t>::min();
  };
  static void widen(Range& range, const flow::FlowBatch& batch, flow::FieldIndex field);
  static std::optional<TimeRange> in_ns(const Range& range, flow::FieldIndex field);

  std::uint64_t rows_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t packets_ = 0;
  Range received_;
  Range first_;
  Range last_;
};

}  // namespace flowspan::engine
