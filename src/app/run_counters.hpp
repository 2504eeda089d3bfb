// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "exporter/counters.hpp"
#include "pipeline/collector.hpp"
#include "store/counters.hpp"

namespace flowspan::app {

/// What was committed in this run; added up by the committing threads.
struct Committed {
  std::uint64_t segments = 0;
  std::uint64_t flows = 0;
  std::uint64_t bytes = 0;    ///< as exported
  std::uint64_t packets = 0;  ///< as exported
  std::uint64_t file_bytes = 0;
};

/// The counters of one run of a command, by name, in the order in which they are told.
struct RunCounters {
  store::CounterList values;
  double seconds = 0;
  // Whence they were added up, at the same moment.
  std::vector<pipeline::WorkerCounters> workers;
  std::vector<source::Mirror::Target> mirrors;
  std::vector<pipeline::OutputCounters> outputs;
  exporter::Counters account;           ///< of all exporters, over all runs
  exporter::Counters account_at_start;  ///< what it was when this run began
  std::uint64_t strangers = 0;          ///< addresses that sent something and never a flow

  std::uint64_t value(std::string_view name) const;
};

/// What the exporters' counters were when the run began; they go on over restarts, a summary tells of one run.
Result<exporter::Counters> exporter_totals(const std::vector<pipeline::WriterStart>& starts);

/// Everything a collector counted since its start. `look` is shown each worker's exporters at the moment at which they are
/// added up.
RunCounters collect_counters(const pipeline::Collector& collector, const exporter::Counters& at_start,
                             const Committed& committed, Time started,
                             const std::function<void(const exporter::Exporters&)>& look = {});

/// The counters as the store's counters.json tells them to other processes, senders included.
store::Counters published_counters(const pipeline::Collector& collector, const RunCounters& run, Time started_at);

/// One line per number, for people, on stderr; or as one JSON object on stdout.
void print_summary(const std::string& title, const RunCounters& counters, bool json, bool to_stderr = false);

}  // namespace flowspan::app
