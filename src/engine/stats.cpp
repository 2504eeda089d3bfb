// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/stats.hpp"

#include <algorithm>

namespace flowspan::engine {
namespace {

using flow::operator""_field;

std::int64_t ns_per_unit(flow::Type type) {
  if (type == flow::Type::time_ms) return millisecond;
  return type == flow::Type::time_us ? microsecond : 1;
}

Time saturated(std::int64_t units, std::int64_t ns) {
  Time time = 0;
  if (!__builtin_mul_overflow(units, ns, &time)) return time;
  return units < 0 ? std::numeric_limits<Time>::min() : std::numeric_limits<Time>::max();
}

std::uint64_t sum(const flow::FlowBatch& batch, flow::FieldIndex field) {
  if (!batch.present(field)) return 0;
  const auto* values = batch.values<std::uint64_t>(field);
  const std::uint64_t* valid = batch.validity(field);
  std::uint64_t total = 0;
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    const std::uint64_t keep = valid == nullptr ? 1 : valid[row / 64] >> (row % 64) & 1;
    total += values[row] & -keep;
  }
  return total;
}

}  // namespace

void StatsGatherer::widen(Range& range, const flow::FlowBatch& batch, flow::FieldIndex field) {
  if (!batch.present(field)) return;
  const auto* values = batch.values<std::int64_t>(field);
  // Two of each, so that the processor need not wait for one comparison before the next.
  Range a = range;
  Range b = range;
  if (batch.validity(field) == nullptr) {
    std::size_t row = 0;
    for (; row + 2 <= batch.rows(); row += 2) {
      a.min = std::min(a.min, values[row]);
      a.max = std::max(a.max, values[row]);
      b.min = std::min(b.min, values[row + 1]);
      b.max = std::max(b.max, values[row + 1]);
    }
    if (row < batch.rows()) {
      a.min = std::min(a.min, values[row]);
      a.max = std::max(a.max, values[row]);
    }
  } else {
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      if (batch.is_null(field, row)) continue;
      a.min = std::min(a.min, values[row]);
      a.max = std::max(a.max, values[row]);
    }
  }
  range.min = std::min(a.min, b.min);
  range.max = std::max(a.max, b.max);
}

void StatsGatherer::add(const flow::FlowBatch& batch) {
  rows_ += batch.rows();
  bytes_ += sum(batch, "bytes"_field);
  packets_ += sum(batch, "packets"_field);
  widen(received_, batch, "received_time"_field);
  widen(first_, batch, "first_time"_field);
  widen(last_, batch, "last_time"_field);
}

std::optional<TimeRange> StatsGatherer::in_ns(const Range& range, flow::FieldIndex field) {
  if (range.min > range.max) return std::nullopt;
  const std::int64_t ns = ns_per_unit(flow::fields[field].type);
  return TimeRange{saturated(range.min, ns), saturated(range.max, ns)};
}

SegmentStats StatsGatherer::stats() const {
  return {rows_,
          in_ns(received_, "received_time"_field),
          in_ns(first_, "first_time"_field),
          in_ns(last_, "last_time"_field),
          bytes_,
          packets_};
}

}  // namespace flowspan::engine
