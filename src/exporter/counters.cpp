// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "exporter/counters.hpp"

#include <numeric>

namespace flowspan::exporter {
namespace {

// In the order of Reason.
constexpr auto names =
    std::to_array<std::string_view>({"empty", "unknown_version", "unsupported_version", "truncated_header",
                                     "no_records", "truncated_records", "excess_bytes", "unknown_aggregation"});
static_assert(names.size() == reason_count);

}  // namespace

std::string_view name(Reason reason) { return names[static_cast<std::size_t>(reason)]; }

std::uint64_t Counters::decode_errors() const {
  return std::accumulate(errors.begin(), errors.end(), std::uint64_t{0});
}

Counters& Counters::operator+=(const Counters& other) {
  for (const CounterName& row : counter_names) this->*row.value += other.*row.value;
  for (std::size_t i = 0; i < reason_count; ++i) errors[i] += other.errors[i];
  return *this;
}

}  // namespace flowspan::exporter
