// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "analysis/duration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/units.hpp"
#include "query/nearest.hpp"
#include "query/question.hpp"

namespace flowspan::analysis {
namespace {

/// Columns that only the notes are made of, at the end of each row.
constexpr std::size_t hidden_columns = 2;

/// Of a flow that has a duration.
std::string duration_sql(const DurationQuestion& question) {
  return fmt::format("duration_ms{}{}", question.unit == DurationUnit::s ? " // 1000" : "",
                     question.plus_one ? " + 1" : "");
}

/// "1 flow ends", "2 flows end".
std::string flows_that(std::uint64_t flows, const char* one, const char* many) {
  return fmt::format("{} {}", count_text(flows), flows == 1 ? one : many);
}

std::uint64_t count_of(const engine::Value& value) {
  if (const auto* count = std::get_if<std::int64_t>(&value)) return static_cast<std::uint64_t>(*count);
  return 0;
}

}  // namespace

Result<DurationUnit> parse_duration_unit(std::string_view word) {
  if (word == "ms") return DurationUnit::ms;
  if (word == "s") return DurationUnit::s;
  constexpr std::array<std::string_view, 6> words{"ms", "milliseconds", "msec", "s", "seconds", "sec"};
  const auto near = query::nearest(word, words);
  const auto hint = near.empty() ? ": write ms or s" : fmt::format(": did you mean '{}'?", near[0] == 'm' ? "ms" : "s");
  return fail(fmt::format("there is no unit '{}'{}", word, hint), ErrorKind::usage);
}

std::string duration_formula(const DurationQuestion& question) {
  const bool seconds = question.unit == DurationUnit::s;
  return fmt::format("T = sum({}{}) in {}, C = number of flows",
                     seconds ? "floor((LAST - FIRST) / 1000)" : "LAST - FIRST", question.plus_one ? " + 1" : "",
                     seconds ? "s" : "ms");
}

Result<query::Request> plan_duration(const DurationQuestion& question) {
  query::Question grouped;
  grouped.by = question.by;
  grouped.measures = {{"T", fmt::format("sum({}) FILTER (duration_ms >= 0)", duration_sql(question))},
                      {"C", "count(*)"}};
  grouped.totals = {{"backwards", "count_if(duration_ms < 0)"}, {"untimed", "count(*) - count(duration_ms)"}};
  grouped.order = question.order;
  grouped.top = question.top;
  grouped.window = question.window;
  auto sql = query::plan_sql(grouped);
  if (!sql) return fail(std::move(sql.error()));
  query::Request request;
  request.sql = std::move(*sql);
  request.window = question.window;
  request.newest = question.newest;
  request.raw = true;  // nothing here depends on sampling rates
  return request;
}

void DurationRows::begin(const std::vector<engine::Column>& columns) {
  rows_.begin({columns.begin(), columns.end() - hidden_columns});
}

void DurationRows::row(std::span<const engine::Value> values) {
  const auto shown = values.size() - hidden_columns;
  backwards_ = count_of(values[shown]);
  untimed_ = count_of(values[shown + 1]);
  rows_.row(values.first(shown));
}

std::vector<std::string> DurationRows::left_out() const {
  std::vector<std::string> notes;
  if (backwards_ > 0)
    notes.push_back(flows_that(backwards_, "flow ends before it begins", "flows end before they begin") +
                    ": in C, not in T");
  if (untimed_ > 0)
    notes.push_back(flows_that(untimed_, "flow does", "flows do") +
                    " not say both a first and a last time: in C, not in T");
  return notes;
}

std::vector<std::string> DurationRows::notes() const {
  auto notes = left_out();
  notes.insert(notes.begin(), formula_);
  return notes;
}

Result<Report> duration_report(const DurationQuestion& question, const query::Ask& ask) {
  const auto request = plan_duration(question);
  if (!request) return fail(request.error());
  Report report;
  ReportRows kept(report.rows);
  DurationRows rows(question, kept);
  if (const auto truth = ask(*request, rows); !truth) return fail(truth.error());
  report.notes = rows.left_out();
  return report;
}

}  // namespace flowspan::analysis
