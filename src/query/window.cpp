// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/window.hpp"

#include <array>
#include <optional>

#include "engine/scan_sql.hpp"
#include "flow/fields.hpp"
#include "query/nearest.hpp"

namespace flowspan::query {

using store::TimeColumn;
using store::Window;

namespace {

constexpr std::array<std::string_view, 4> time_words{"received", "first", "last", "active"};

Result<TimeColumn> parse_time_column(std::string_view word) {
  if (word.empty()) return TimeColumn::last;
  for (std::size_t i = 0; i < time_words.size(); ++i)
    if (time_words[i] == word) return static_cast<TimeColumn>(i);
  auto hint = did_you_mean(word, time_words);
  if (hint.empty()) hint = ": write received, first, last or active";
  return fail("--time: there is no time '" + std::string(word) + "'" + hint, ErrorKind::usage);
}

Result<std::optional<Time>> parse_end(const char* flag, std::string_view word, Time now) {
  if (word.empty()) return std::optional<Time>{};
  const auto time = parse_time(word, now);
  if (!time) return fail(std::string(flag) + ": " + time.error().text, ErrorKind::usage);
  return std::optional<Time>{*time};
}

/// Neither overflows: the far past and future are far enough.
Time saturated(Time time, Duration by) {
  Time sum = 0;
  if (__builtin_add_overflow(time, by, &sum)) return by < 0 ? INT64_MIN : INT64_MAX;
  return sum;
}

Duration unit_of(flow::Type type) {
  switch (type) {
    case flow::Type::time_ms: return millisecond;
    case flow::Type::time_us: return microsecond;
    default: return 1;
  }
}

/// `column >= time` or `column < time`: for a column in whole units both mean the next whole unit.
std::string compare(flow::FieldIndex field, const char* comparison, Time time) {
  const auto& column = flow::fields[field];
  const Duration unit = unit_of(column.type);
  const Time rest = time % unit;
  if (rest > 0) time = saturated(time, unit - rest);
  if (rest < 0) time -= rest;
  std::string text = time_text(time);
  text.pop_back();  // the Z: TIMESTAMP literals are UTC
  text[text.find('T')] = ' ';
  return std::string(column.name) + comparison + std::string(engine::sql_type(column.type)) + " '" + text + "'";
}

/// For people milliseconds are enough.
std::string short_text(Time time) { return time_text(time - (time % millisecond + millisecond) % millisecond); }

}  // namespace

Result<Window> parse_window(const WindowWords& words, Time now) {
  Window window;
  const auto column = parse_time_column(words.time);
  if (!column) return fail(column.error());
  window.column = *column;
  const auto from = parse_end("--from", words.from, now);
  if (!from) return fail(from.error());
  const auto to = parse_end("--to", words.to, now);
  if (!to) return fail(to.error());
  window.from = *from;
  window.to = *to;
  if (!words.last.empty()) {
    if (window.from && window.to)
      return fail("--from, --to and --last together contradict each other: give two of them", ErrorKind::usage);
    const auto last = parse_duration(words.last);
    if (!last) return fail("--last: " + last.error().text, ErrorKind::usage);
    if (window.from) {
      window.to = saturated(*window.from, *last);
    } else {
      if (!window.to) window.to = now;
      window.from = saturated(*window.to, -*last);
    }
  }
  if (window.from && window.to && *window.from >= *window.to)
    return fail("the window is empty: it begins at " + time_text(*window.from) + " and ends at " +
                    time_text(*window.to) + "; give a --to after --from",
                ErrorKind::usage);
  return window;
}

std::string window_sql(const Window& window) {
  using flow::operator""_field;
  auto begin = "last_time"_field;  // compared with `from`
  auto end = "last_time"_field;    // compared with `to`
  if (window.column == TimeColumn::received) begin = end = "received_time"_field;
  if (window.column == TimeColumn::first) begin = end = "first_time"_field;
  if (window.column == TimeColumn::active) end = "first_time"_field;
  std::string sql;
  if (window.from) sql = compare(begin, " >= ", *window.from);
  if (window.to) sql += (sql.empty() ? "" : " AND ") + compare(end, " < ", *window.to);
  return sql;
}

std::string_view time_word(TimeColumn time) { return time_words[static_cast<std::size_t>(time)]; }

std::string window_text(const Window& window) {
  if (!window.from && !window.to) return "all times";
  std::string text(time_word(window.column));
  if (window.column != TimeColumn::active) text += window.column == TimeColumn::received ? "" : " time";
  if (window.from) text += " from " + short_text(*window.from);
  if (window.to) text += (window.from ? " to " : " before ") + short_text(*window.to);
  return text;
}

}  // namespace flowspan::query
