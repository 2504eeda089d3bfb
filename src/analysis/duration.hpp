// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// How long flows last, in sum: T and C of GDP (Oujezsky & Horvath 2017).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/report.hpp"
#include "base/result.hpp"
#include "query/answer.hpp"

namespace flowspan::analysis {

enum class DurationUnit { ms, s };
/// "ms" or "s".
Result<DurationUnit> parse_duration_unit(std::string_view word);

/// T = sum of the flows' durations and C = number of flows, of each key.
///
/// FIRST and LAST are the flow's first and last time in whole ms. A flow's duration is LAST - FIRST + 1 in ms, or
/// floor((LAST - FIRST) / 1000) + 1 in s. A flow without one of the two, or with LAST < FIRST, has no duration: it is
/// counted in C, not in T, and told in the notes. T of a key none of whose flows has a duration is NULL.
struct DurationQuestion {
  std::vector<std::string> by = {"src_addr"};  ///< as Question::by; at least one
  DurationUnit unit = DurationUnit::ms;
  bool plus_one = true;
  std::string order = {};  ///< "T", "C", a key, with ":asc" or ":desc"; empty: most T first
  std::uint64_t top = 10;  ///< rows; 0: all
  store::Window window = {};
  std::optional<std::uint64_t> newest = {};  ///< only so many flows that arrived last; not together with a window
};

/// "T = sum(LAST - FIRST + 1) in ms, C = number of flows".
std::string duration_formula(const DurationQuestion& question);

/// The question to query::answer, but for store and exporters. Its rows have to go through DurationRows. Words that are
/// no column are errors of kind usage.
Result<query::Request> plan_duration(const DurationQuestion& question);

/// Takes the answer's rows, turns what they tell of all flows into notes, and passes on the rest: keys, T and C.
class DurationRows final : public query::RowWriter {
 public:
  /// `rows` outlives it.
  DurationRows(const DurationQuestion& question, query::RowWriter& rows)
      : RowWriter({}, {}), formula_(duration_formula(question)), rows_(rows) {}
  void begin(const std::vector<engine::Column>& columns) override;
  void row(std::span<const engine::Value> values) override;
  Status flush() override { return rows_.flush(); }
  Status end(std::string_view quality) override { return rows_.end(quality); }
  std::vector<std::string> notes() const override;
  /// The notes but for the formula: flows that are in C and not in T.
  std::vector<std::string> left_out() const;

 private:
  std::string formula_;
  query::RowWriter& rows_;
  std::uint64_t backwards_ = 0;  ///< flows with LAST < FIRST
  std::uint64_t untimed_ = 0;    ///< flows that do not say both
};

/// Asks, and keeps the whole answer: give it a `top`. A row has the keys, T and C; the notes are those of left_out().
/// Where to ask is up to `ask`.
Result<Report> duration_report(const DurationQuestion& question, const query::Ask& ask);

}  // namespace flowspan::analysis
