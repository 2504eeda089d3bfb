// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/screen_questions.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "analysis/duration.hpp"

namespace flowspan::app {
namespace {

constexpr Duration least_pause = 5 * second;
constexpr Duration pause_after_failure = 2 * second;
constexpr Duration pauses_per_duration = 19;  // asking takes a twentieth of the time
constexpr std::size_t most_rows = 500;
constexpr std::chrono::milliseconds ask_again{20};

double amount(const engine::Value& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*number);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return static_cast<double>(*number);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* number = std::get_if<engine::Decimal>(&value)) return std::strtod(number->text.c_str(), nullptr);
  return 0;
}

std::uint64_t whole(const engine::Value& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return *number;
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return *number < 0 ? 0 : static_cast<std::uint64_t>(*number);
  const double number = amount(value);
  return number >= 1.8e19 ? UINT64_MAX : number <= 0 ? 0 : static_cast<std::uint64_t>(number);
}

std::optional<Time> time_of(const engine::Value& value) {
  const auto* timestamp = std::get_if<engine::Timestamp>(&value);
  return timestamp == nullptr ? std::nullopt : std::optional(timestamp->time);
}

std::optional<unsigned> small(const engine::Value& value) {
  return engine::is_null(value) ? std::nullopt : std::optional(static_cast<unsigned>(whole(value)));
}

/// A row of analysis::duration_report() by source.
tui::SourceDuration duration_of(const std::vector<engine::Value>& row) {
  return {.source = Ip::parse(engine::to_text(row[0])).value_or(Ip{}),
          .total_ms = engine::is_null(row[1]) ? std::nullopt : std::optional(whole(row[1])),
          .flows = whole(row[2])};
}

tui::Flow flow_of(const std::vector<engine::Value>& row) {
  return {.exporter = {whole(row[0]), whole(row[1])},
          .protocol = static_cast<unsigned>(whole(row[2])),
          .source = {whole(row[3]), whole(row[4])},
          .destination = {whole(row[5]), whole(row[6])},
          .source_port = small(row[7]),
          .destination_port = small(row[8]),
          .tos = static_cast<unsigned>(whole(row[9])),
          .bytes = whole(row[10]),
          .packets = whole(row[11]),
          .first = time_of(row[12]),
          .last = time_of(row[13]),
          .received = time_of(row[14]).value_or(0)};
}

constexpr std::string_view pairs_sql =
    "SELECT src_hi, src_lo, dst_hi, dst_lo, sum(bytes) AS b, sum(packets) AS p, count(*) AS c FROM flows "
    "GROUP BY src_hi, src_lo, dst_hi, dst_lo ORDER BY b DESC NULLS LAST, src_hi, src_lo, dst_hi, dst_lo";
constexpr std::string_view newest_sql =
    "SELECT exporter_hi, exporter_lo, proto, src_hi, src_lo, dst_hi, dst_lo, src_port, dst_port, tos, raw_bytes, "
    "raw_packets, first_time, last_time, received_time FROM flows ORDER BY received_time DESC";

}  // namespace

ScreenQuestions::ScreenQuestions(std::filesystem::path store, std::vector<store::ExporterSettings> settings,
                                 query::Ask ask)
    : store_(std::move(store)),
      settings_(std::move(settings)),
      ask_(std::move(ask)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

ScreenQuestions::~ScreenQuestions() {
  thread_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
  while (!ended_) {  // a question that begins just now would not hear it
    interrupt_.ask();
    std::this_thread::sleep_for(ask_again);
  }
}

void ScreenQuestions::want(const tui::Wishes& wishes, bool newest) {
  const std::lock_guard lock(mutex_);
  if (wishes.window != window_) {
    window_ = wishes.window;
    durations_ = {};
    pairs_ = {};
    for (const Kind kind : {Kind::durations, Kind::pairs}) states_[static_cast<std::size_t>(kind)].due = 0;
    interrupt_.ask();
  }
  states_[0].wanted = wishes.durations;
  states_[1].wanted = wishes.pairs;
  states_[2].wanted = newest;
  changed_.notify_all();
}

void ScreenQuestions::fill(tui::Model& model) const {
  const std::lock_guard lock(mutex_);
  model.durations = durations_;
  model.pairs = pairs_;
  if (states_[2].wanted && !newest_.rows.empty()) {
    model.flows = newest_.rows;
    model.flows_are_stored = true;
  }
}

void ScreenQuestions::work(const std::stop_token& stop) {
  ::setpriority(PRIO_PROCESS, 0, 19);  // this thread, and those that the engine starts from it
  while (!stop.stop_requested()) {
    Kind kind{};
    {
      std::unique_lock lock(mutex_);
      while (!stop.stop_requested() && !next(kind))
        changed_.wait_for(lock, stop, std::chrono::milliseconds(500), [] { return false; });
    }
    if (!stop.stop_requested()) ask(kind);
  }
  ended_ = true;
}

/// The question that is due for longest.
bool ScreenQuestions::next(Kind& kind) {
  const Time time = monotonic_now();
  const State* best = nullptr;
  for (const State& state : states_)
    if (state.wanted && state.due <= time && (best == nullptr || state.due < best->due)) best = &state;
  if (best == nullptr) return false;
  kind = static_cast<Kind>(best - states_.data());
  return true;
}

void ScreenQuestions::ask(Kind kind) {
  std::size_t window = 0;
  const Time as_of = now();
  const Time began = monotonic_now();
  const auto each = [&](auto&& change) {
    if (kind == Kind::durations) change(durations_);
    if (kind == Kind::pairs) change(pairs_);
    if (kind == Kind::newest) change(newest_);
  };
  {
    const std::lock_guard lock(mutex_);
    window = window_;
    interrupt_.clear();
    each([&](auto& answer) { answer.asking_since = as_of; });
  }
  const auto report = answer(kind, window);
  const Duration took = monotonic_now() - began;
  const std::lock_guard lock(mutex_);
  each([&](auto& answer) { answer.asking_since = 0; });
  if (window != window_ && kind != Kind::newest) return;  // of no use any more
  if (!report && interrupt_.asked()) return;              // it did not fail: it is still due
  State& state = states_[static_cast<std::size_t>(kind)];
  state.due = monotonic_now() + (report ? std::max(least_pause, pauses_per_duration * took) : pause_after_failure);
  each([&](auto& answer) {
    answer.error = report ? "" : report.error().kind == ErrorKind::not_found ? "no store yet" : report.error().text;
    if (!report) return;
    answer.rows.clear();
    answer.window = tui::windows[window].name;
    answer.as_of = as_of;
    answer.took = took;
    answer.note = fmt::format("{}", fmt::join(report->notes, "; "));
  });
  if (report) take(kind, *report);
}

Result<analysis::Report> ScreenQuestions::answer(Kind kind, std::size_t window) {
  store::Window received;
  received.column = store::TimeColumn::received;
  if (const Duration length = tui::windows[window].length; length > 0) received.from = now() - length;
  if (kind == Kind::durations)
    return analysis::duration_report(
        {.top = most_rows, .window = received},
        [this](const query::Request& request, query::RowWriter& rows) { return put(request, rows); });
  query::Request request;
  if (kind == Kind::newest) {
    request.newest = most_rows;
  } else {
    request.window = received;
    request.window_in_view = true;
  }
  request.sql = fmt::format("{} LIMIT {}", kind == Kind::pairs ? pairs_sql : newest_sql, most_rows);
  analysis::Report report;
  analysis::ReportRows rows(report.rows);
  if (const auto truth = put(std::move(request), rows); !truth) return fail(truth.error());
  return report;
}

Result<query::Truth> ScreenQuestions::put(query::Request request, query::RowWriter& rows) {
  request.store = store_;
  request.exporters = settings_;
  request.interrupt = &interrupt_;
  return ask_(request, rows);
}

void ScreenQuestions::take(Kind kind, const analysis::Report& report) {
  for (const auto& row : report.rows) {
    if (kind == Kind::durations) durations_.rows.push_back(duration_of(row));
    if (kind == Kind::pairs)
      pairs_.rows.push_back({{whole(row[0]), whole(row[1])},
                             {whole(row[2]), whole(row[3])},
                             whole(row[4]),
                             whole(row[5]),
                             whole(row[6])});
    if (kind == Kind::newest) newest_.rows.push_back(flow_of(row));
  }
  if (kind != Kind::newest) return;
  std::reverse(newest_.rows.begin(), newest_.rows.end());
  for (std::size_t i = 0; i < newest_.rows.size(); ++i) newest_.rows[i].number = i + 1;
}

}  // namespace flowspan::app
