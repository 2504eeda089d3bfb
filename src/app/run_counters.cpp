// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/run_counters.hpp"
#include "app/tell.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/units.hpp"
#include "exporter/exporters.hpp"

namespace flowspan::app {
namespace {

// What counts in a summary only when it happened.
bool is_core(std::string_view name) {
  constexpr std::string_view core[] = {"datagrams",  "flows",        "bytes",      "packets",       "exporters",
                                       "lost_flows", "kernel_drops", "ring_drops", "decode_errors", "segments"};
  return std::find(std::begin(core), std::end(core), name) != std::end(core);
}

}  // namespace

std::uint64_t RunCounters::value(std::string_view name) const {
  const auto found = std::find_if(values.begin(), values.end(), [&](const auto& pair) { return pair.first == name; });
  return found == values.end() ? 0 : found->second;
}

Result<exporter::Counters> exporter_totals(const std::vector<pipeline::WriterStart>& starts) {
  exporter::Counters sum;
  for (const pipeline::WriterStart& start : starts) {
    if (start.state.empty()) continue;
    const auto known = exporter::Exporters::load(start.state);
    if (!known) return fail(known.error());
    sum += known->totals();
  }
  return sum;
}

namespace {

exporter::Counters totals_now(const pipeline::Collector& collector, std::uint64_t& exporters, std::uint64_t& strangers,
                              const std::function<void(const exporter::Exporters&)>& look) {
  exporter::Counters sum;
  exporters = 0;
  collector.with_exporters([&](unsigned, const exporter::Exporters& known) {
    sum += known.totals();
    exporters += known.size();
    strangers += known.stranger_count();
    if (look) look(known);
  });
  return sum;
}

}  // namespace

RunCounters collect_counters(const pipeline::Collector& collector, const exporter::Counters& at_start,
                             const Committed& committed, Time started,
                             const std::function<void(const exporter::Exporters&)>& look) {
  RunCounters run;
  run.workers = collector.counters();
  run.mirrors = collector.mirrors();
  pipeline::WorkerCounters sum;
  for (const pipeline::WorkerCounters& worker : run.workers) sum += worker;
  std::uint64_t exporters = 0;
  const exporter::Counters totals = totals_now(collector, exporters, run.strangers, look);
  run.account = totals;
  run.account_at_start = at_start;
  // A late datagram can take back a loss that was counted before this run.
  const auto since = [](std::uint64_t value, std::uint64_t before) { return value > before ? value - before : 0; };

  std::uint64_t mirror_refused = 0;
  for (const auto& target : run.mirrors) mirror_refused += target.counters.refused;

  run.seconds = static_cast<double>(monotonic_now() - started) / 1e9;
  run.values = {{"datagrams", sum.datagrams},
                {"flows", since(totals.flows, at_start.flows)},
                {"bytes", committed.bytes},
                {"packets", committed.packets},
                {"exporters", exporters},
                {"lost_flows", since(totals.lost_flows, at_start.lost_flows)},
                {"kernel_drops", sum.kernel_drops},
                {"ring_drops", sum.ring_drops},
                {"journal_drops", sum.journal_drops},
                {"decode_errors", since(totals.decode_errors(), at_start.decode_errors())},
                {"segments", committed.segments},
                {"segment_bytes", committed.file_bytes},
                {"committed_flows", committed.flows},
                {"received_bytes", sum.bytes},
                {"refused_datagrams", sum.refused},
                {"reordered_flows", since(totals.reordered_flows, at_start.reordered_flows)},
                {"duplicate_datagrams", since(totals.duplicate_datagrams, at_start.duplicate_datagrams)},
                {"exporter_restarts", since(totals.restarts, at_start.restarts)},
                {"sequence_resets", since(totals.resets, at_start.resets)},
                {"clock_steps", sum.clock_steps},
                {"receive_errors", sum.receive_errors},
                {"journal_write_failures", sum.write_failures},
                {"commit_failures", sum.commit_failures},
                {"mirror_refused", mirror_refused},
                {"journal_bytes", sum.journal_bytes},
                {"ring_high_water_bytes", sum.ring_high_water}};
  for (std::size_t i = 0; i < exporter::reason_count; ++i) {
    const auto reason = static_cast<exporter::Reason>(i);
    run.values.emplace_back("decode_errors_" + std::string(exporter::name(reason)),
                            since(totals.error(reason), at_start.error(reason)));
  }
  return run;
}

store::Counters published_counters(const pipeline::Collector& collector, const RunCounters& run, Time started_at) {
  store::Counters counters;
  counters.pid = static_cast<std::uint64_t>(getpid());
  counters.started = started_at;
  counters.written = now();
  counters.totals = run.values;
  const auto workers = collector.counters();
  for (std::size_t i = 0; i < workers.size(); ++i) {
    const pipeline::WorkerCounters& worker = workers[i];
    counters.workers.push_back({std::to_string(i),
                                {{"datagrams", worker.datagrams},
                                 {"kernel_drops", worker.kernel_drops},
                                 {"ring_drops", worker.ring_drops},
                                 {"journal_drops", worker.journal_drops},
                                 {"journal_bytes", worker.journal_bytes},
                                 {"rows_waiting", worker.rows_waiting},
                                 {"ring_high_water_bytes", worker.ring_high_water}}});
  }
  const auto add = [&](const exporter::Sender& sender) {
    if (counters.exporters.size() >= store::CountersFile::max_exporters) {
      ++counters.exporters_left_out;
      return;
    }
    store::CounterGroup group{sender.ip.to_string(), {}};
    exporter::for_each(sender.counters, [&](std::string_view name, std::uint64_t value) {
      group.values.emplace_back(std::string(name), value);
    });
    group.values.emplace_back("first_seen", static_cast<std::uint64_t>(sender.first_seen));
    group.values.emplace_back("last_seen", static_cast<std::uint64_t>(sender.last_seen));
    group.values.emplace_back("last_version", sender.last_version);
    group.values.emplace_back("last_port", sender.last_port);
    counters.exporters.push_back(std::move(group));
  };
  collector.with_exporters([&](unsigned, const exporter::Exporters& exporters) {
    exporters.for_each(add);
    exporters.for_each_stranger(add);
  });
  return counters;
}

void print_summary(const std::string& title, const RunCounters& counters, bool json, bool to_stderr) {
  if (json) {
    nlohmann::ordered_json object;
    for (const auto& [name, value] : counters.values) object[name] = value;
    object["seconds"] = std::round(counters.seconds * 1000) / 1000;
    std::FILE* out = to_stderr ? stderr : stdout;
    fmt::print(out, "{}\n", object.dump());
    std::fflush(out);
    return;
  }
  tell("{} in {:.1f} s\n", title, counters.seconds);
  for (const auto& [name, value] : counters.values)
    if (is_core(name) || value > 0) tell("  {:<34}{:>20}\n", name, count_text(value));
}

}  // namespace flowspan::app
