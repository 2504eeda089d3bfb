// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/simulate_plan.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "query/nearest.hpp"

namespace flowspan::app {
namespace {

constexpr Duration shortest_timeout = second;
constexpr Duration longest_timeout = day;
constexpr Duration longest_duration = 366 * day;
constexpr std::uint64_t most_flows = 1'000'000'000'000;

template <typename T>
Status read_number(std::string_view flag, const std::string& word, T least, T most, T& number) {
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (code == std::errc{} && end == word.data() + word.size() && number >= least && number <= most) return {};
  return fail(fmt::format("{}: '{}' is no number from {} to {}", flag, word, least, most), ErrorKind::usage);
}

Status read_time(std::string_view flag, const std::string& word, Duration least, Duration most, Duration& time) {
  const auto read = parse_duration(word);
  if (!read) return fail(fmt::format("{}: {}", flag, read.error().text), ErrorKind::usage);
  if (*read < least || *read > most)
    return fail(fmt::format("{}: '{}' is not from {} to {}", flag, word, duration_text(least), duration_text(most)),
                ErrorKind::usage);
  time = *read;
  return {};
}

Status read_protocol(const std::string& word, simulate::Plan& plan) {
  const auto version = simulate::parse_version(word);
  if (!version) {
    constexpr std::array<std::string_view, 4> names{"v1", "v5", "v7", "v8"};
    auto better = query::did_you_mean(word, names);
    if (better.empty()) better = ": write v1, v5, v7 or v8";
    return fail(fmt::format("--protocol: simulate does not speak '{}'{}", word, better), ErrorKind::usage);
  }
  plan.version = *version;
  return {};
}

Status read_kinds(const std::vector<std::string>& words, simulate::Plan& plan) {
  for (const std::string& word : words) {
    const auto kind = simulate::parse_kind(word);
    if (!kind) {
      auto better = query::did_you_mean(word, simulate::kind_names);
      if (better.empty()) better = fmt::format(": there are {}", fmt::join(simulate::kind_names, ", "));
      return fail(fmt::format("--with: there is no misbehaviour '{}'{}", word, better), ErrorKind::usage);
    }
    plan.with.push_back(*kind);
  }
  return {};
}

Status read_end(const SimulateOptions& options, simulate::Plan& plan) {
  if (!options.flows.empty()) {
    plan.flows = 0;
    auto read = read_number<std::uint64_t>("--flows", options.flows, 1, most_flows, *plan.flows);
    if (!read) return read;
  }
  if (!options.duration.empty()) {
    plan.duration = 0;
    auto read = read_time("--duration", options.duration, millisecond, longest_duration, *plan.duration);
    if (!read) return read;
  }
  if (!options.pcap.empty() && !plan.flows && !plan.duration)
    return fail("--pcap: say how much to write with --flows or --duration", ErrorKind::usage);
  return {};
}

Status read_start(const SimulateOptions& options, Time now, simulate::Plan& plan) {
  plan.start = now / millisecond * millisecond;
  if (options.start.empty()) return {};
  if (options.pcap.empty())
    return fail("--start goes with --pcap: what is sent live carries the present time", ErrorKind::usage);
  const auto start = parse_time(options.start, now);
  if (!start) return fail("--start: " + start.error().text, ErrorKind::usage);
  constexpr Time least = 100 * day;  // routers have been up for some weeks, their clocks begin in 1970
  constexpr Time most = 4'294'967'295 * second - longest_duration;  // 32 bits of seconds
  if (*start < least || *start > most)
    return fail(fmt::format("--start: NetFlow's clock reaches from {} to {} here", time_text(least), time_text(most)),
                ErrorKind::usage);
  plan.start = *start / millisecond * millisecond;
  return {};
}

}  // namespace

Result<simulate::Plan> make_plan(const SimulateOptions& options, Time now) {
  simulate::Plan plan;
  plan.flat = options.flat;
  const std::array<Status, 10> steps{
      read_protocol(options.protocol, plan),
      read_number<double>("--rate", options.rate, 0.001, simulate::Plan::most_rate, plan.rate),
      read_number<unsigned>("--exporters", options.exporters, 1, simulate::Plan::most_exporters, plan.exporters),
      read_number<std::uint64_t>("--seed", options.seed, 0, UINT64_MAX, plan.seed),
      read_number<unsigned>("--sampling", options.sampling, 1, simulate::Plan::most_sampling, plan.sampling),
      read_time("--active-timeout", options.active_timeout, shortest_timeout, longest_timeout, plan.timeouts.active),
      read_time("--idle-timeout", options.idle_timeout, shortest_timeout, longest_timeout, plan.timeouts.idle),
      read_kinds(options.with, plan),
      read_end(options, plan),
      read_start(options, now, plan)};
  for (const Status& step : steps)
    if (!step) return fail(step.error());
  return plan;
}

}  // namespace flowspan::app
