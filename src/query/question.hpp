// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/snapshot.hpp"

namespace flowspan::query {

/// An aggregate over flows: the column's name in the answer, and its SQL over the view `flows`.
struct Measure {
  std::string name;
  std::string sql;
};

/// What a user asks of the flows, in words: a list of flows, or sums over groups of them.
struct Question {
  std::vector<std::string> by = {};    ///< "src_addr", "dst_port", "src_addr/24", "src_addr/24/64"; empty: list flows
  std::vector<std::string> sum = {};   ///< "bytes", "packets", "flows"; empty: these three
  std::vector<Measure> measures = {};  ///< of each group, instead of `sum`
  std::vector<Measure> totals = {};    ///< summed over all groups, shown or not: last, the same in each row
  std::string order = {};              ///< "bytes", "dst_port:asc"; empty: the first sum; of a list: as received
  std::uint64_t top = 10;              ///< rows; 0: all
  store::Window window = {};
  /// Counters may be 2^63 or more. Sums of smaller ones take half the time, for DuckDB then sees that 64 bits hold them,
  /// and fail at a larger one.
  bool wide_counters = false;
};

/// The question as SQL over the view `flows`: groups, filters and sorts by halves of addresses and formats last. Words
/// that are no column are errors of kind usage that name the nearest that is.
Result<std::string> plan_sql(const Question& question);

}  // namespace flowspan::query
