// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/screen_counters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "exporter/counters.hpp"

namespace flowspan::app {
namespace {

using State = tui::Collecting::State;

/// A collector tells its counters every second.
constexpr Duration silent_after = 4 * second;
constexpr Duration losing_for = minute;

std::uint64_t value_of(const store::CounterList& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& pair) { return pair.first == name; });
  return found == list.end() ? 0 : found->second;
}

/// A second; a count that went back (a late datagram, another run) is no rate.
double rate(std::uint64_t before, std::uint64_t after, Duration in) {
  return after <= before || in <= 0 ? 0 : static_cast<double>(after - before) * 1e9 / static_cast<double>(in);
}

/// Exporters send in bursts: a mean of some seconds, so that their order does not change all the time.
double smoothed(double before, double now) {
  const double mean = before == 0 ? now : before + 0.3 * (now - before);
  return mean < 0.05 ? 0 : mean;
}

std::uint64_t drops_of(const store::CounterList& list) {
  return value_of(list, "kernel_drops") + value_of(list, "ring_drops") + value_of(list, "journal_drops");
}

/// The reasons are counters of their own, by name.
std::uint64_t errors_of(const store::CounterList& list) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < exporter::reason_count; ++i)
    sum += value_of(list, exporter::name(static_cast<exporter::Reason>(i)));
  return sum;
}

bool lives(std::uint64_t pid) { return ::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM; }

}  // namespace

ScreenCounters::ScreenCounters(std::filesystem::path store, std::vector<store::ExporterSettings> settings)
    : store_(std::move(store)), settings_(std::move(settings)) {}

void ScreenCounters::forget() {
  flow_rate_ = datagram_rate_ = 0;
  for (auto& [name, exporter] : exporters_) exporter.flow_rate = exporter.datagram_rate = 0;
}

void ScreenCounters::refresh(Time now, std::vector<tui::Message>& messages) {
  const State before = state_;
  const auto say = [&](std::string text, bool serious) { messages.push_back({now, serious, std::move(text)}); };
  auto counters = store::read_counters(store_, false);
  if (counters && *counters && (*counters)->exporters_written != exporters_written_) {
    auto whole = store::read_counters(store_);
    if (whole && *whole) counters = std::move(whole);
  }
  if (!counters) {
    if (trouble_ != counters.error().text) say(trouble_ = counters.error().text, true);
    return;
  }
  trouble_.clear();
  if (!*counters) {
    std::error_code code;
    state_ = std::filesystem::exists(store_ / "catalog.sqlite3", code) ? State::nobody : State::no_store;
    if (state_ != before) forget();
    if (state_ == State::nobody && before != State::nobody && before != State::no_store)
      say(fmt::format("collector {} has ended", latest_.pid), false);
    return;
  }
  take(std::move(**counters), messages);
  if (now - latest_.written < silent_after)
    state_ = State::running;
  else
    state_ = lives(latest_.pid) ? State::silent : State::gone;
  if (state_ == before) return;
  if (state_ != State::running) forget();
  if (state_ == State::gone)
    say(fmt::format("collector {} was killed or crashed: start it again; nothing that is in the "
                    "journal is lost",
                    latest_.pid),
        true);
  if (state_ == State::running && before != State::no_store)
    say(fmt::format("collector {} is running", latest_.pid), false);
}

void ScreenCounters::take(store::Counters counters, std::vector<tui::Message>& messages) {
  const bool same_run = counters.pid == latest_.pid && counters.started == latest_.started;
  if (same_run && counters.written == latest_.written) return;
  if (same_run) {
    const Duration in = counters.written - latest_.written;
    const auto of = [&](std::string_view name) {
      return rate(value_of(latest_.totals, name), value_of(counters.totals, name), in);
    };
    flow_rate_ = of("flows");
    datagram_rate_ = of("datagrams");
    history_.add(latest_.written, counters.written, flow_rate_);
    if (const auto before = drops_of(latest_.totals), after = drops_of(counters.totals); after > before)
      messages.push_back({counters.written, true, fmt::format("{} datagrams were dropped here", after - before)});
  } else {
    forget();
    exporters_written_ = 0;
  }
  if (counters.exporters_written != exporters_written_ && !counters.exporters.empty()) take_exporters(counters);
  latest_ = std::move(counters);
  latest_.exporters.clear();
}

void ScreenCounters::take_exporters(const store::Counters& counters) {
  const Duration in = exporters_written_ == 0 ? 0 : counters.exporters_written - exporters_written_;
  std::map<std::string, Exporter> next;
  for (const store::CounterGroup& group : counters.exporters) {
    Exporter exporter;
    if (auto known = exporters_.extract(group.name)) {
      exporter = std::move(known.mapped());
    }
    const auto before = [&](std::string_view name) { return value_of(exporter.values, name); };
    const auto after = [&](std::string_view name) { return value_of(group.values, name); };
    const double flow_rate = rate(before("flows"), after("flows"), in);
    const double datagram_rate = rate(before("datagrams"), after("datagrams"), in);
    exporter.flow_rate = smoothed(exporter.flow_rate, flow_rate);
    exporter.datagram_rate = smoothed(exporter.datagram_rate, datagram_rate);
    if (in > 0 && after("lost_flows") > before("lost_flows")) exporter.lost_at = counters.exporters_written;
    const auto flows = static_cast<double>(after("flows"));
    const auto datagrams = static_cast<double>(std::max<std::uint64_t>(after("datagrams"), 1));
    exporter.flows_per_datagram = datagram_rate > 0 ? flow_rate / datagram_rate : flows / datagrams;
    if (in > 0) exporter.history.add(exporters_written_, counters.exporters_written, flow_rate);
    exporter.values = group.values;
    next.emplace(group.name, std::move(exporter));
  }
  exporters_ = std::move(next);
  exporters_written_ = counters.exporters_written;
}

std::string ScreenCounters::name_of(const std::string& address, const Ip& ip) const {
  const store::ExporterSettings* settings = store::settings_of(settings_, ip);
  return settings == nullptr || settings->name.empty() ? address : settings->name;
}

void ScreenCounters::fill(tui::Model& model, std::size_t window, const BytesPerFlow& bytes) const {
  const std::size_t history = std::min(window, RateHistory::lengths.size() - 1);
  tui::Collecting& collecting = model.collecting;
  collecting = {};
  collecting.state = state_;
  collecting.pid = latest_.pid;
  collecting.started = latest_.started;
  collecting.heard = latest_.written;
  collecting.flows_per_second = flow_rate_;
  collecting.datagrams_per_second = datagram_rate_;
  collecting.flows = value_of(latest_.totals, "flows");
  collecting.lost_flows = value_of(latest_.totals, "lost_flows");
  collecting.drops = drops_of(latest_.totals);
  collecting.errors = value_of(latest_.totals, "decode_errors");
  if (state_ != State::nobody) collecting.journal_bytes = value_of(latest_.totals, "journal_bytes");
  collecting.history = history_.over(history);
  model.streams_left_out = latest_.exporters_left_out;
  double bits = 0;
  for (const auto& [address, exporter] : exporters_) {
    tui::Stream stream;
    stream.ip = Ip::parse(address).value_or(Ip{});
    stream.name = name_of(address, stream.ip);
    stream.version = static_cast<unsigned>(value_of(exporter.values, "last_version"));
    stream.flows_per_datagram = exporter.flows_per_datagram;
    stream.flows_per_second = exporter.flow_rate;
    stream.datagrams_per_second = exporter.datagram_rate;
    if (const auto found = bytes.find(stream.ip); found != bytes.end())
      stream.bits_per_second = 8 * found->second * exporter.flow_rate;
    bits += stream.bits_per_second.value_or(0);
    stream.flows = value_of(exporter.values, "flows");
    stream.lost_flows = value_of(exporter.values, "lost_flows");
    stream.losing = exporter.lost_at > 0 && model.now - exporter.lost_at < losing_for;
    stream.errors = errors_of(exporter.values);
    stream.first_seen = static_cast<Time>(value_of(exporter.values, "first_seen"));
    stream.last_seen = static_cast<Time>(value_of(exporter.values, "last_seen"));
    stream.history = exporter.history.over(history);
    model.streams.push_back(std::move(stream));
  }
  if (!bytes.empty()) collecting.bits_per_second = bits;
}

}  // namespace flowspan::app
