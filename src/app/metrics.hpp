// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/named_exporters.hpp"
#include "app/run_counters.hpp"
#include "app/system.hpp"
#include "base/file.hpp"
#include "server/prometheus.hpp"
#include "source/udp.hpp"
#include "store/segment.hpp"

namespace flowspan::app {

/// All that the metrics of a running collector tell, taken at one moment.
struct Readings {
  Time taken = 0;
  RunCounters run;
  exporter::Counters account;  ///< of all exporters since the start; nothing in it ever falls
  std::vector<source::UdpSocketInfo> sockets;
  Time last_commit = 0;           ///< or when collecting began
  std::uint64_t ring_size = 0;    ///< bytes, of each worker
  std::uint64_t journal_max = 0;  ///< bytes, of all workers together
  double min_free = 0;            ///< share of the file system
  std::optional<store::Totals> store;
  std::optional<std::uint64_t> quarantined;  ///< stretches of journals that were put aside
  std::optional<DiskSpace> disk;
};

/// The collector's counters.
std::vector<server::Metric> collector_metrics(const Readings& readings, const std::vector<ExporterSeries>& exporters);
/// What is known of any process, also before it collects. `started` is wall clock.
std::vector<server::Metric> process_metrics(const ProcessUse& use, Time started, bool healthy, bool ready);

}  // namespace flowspan::app
