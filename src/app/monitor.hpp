// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/configuration.hpp"
#include "app/health.hpp"
#include "app/metrics.hpp"
#include "app/named_exporters.hpp"
#include "app/run_counters.hpp"
#include "base/result.hpp"
#include "pipeline/collector.hpp"
#include "store/store.hpp"

namespace flowspan::server {
class HttpServer;
}

namespace flowspan::app {

/// Fails when nobody could listen there.
Status check_monitor_address(const source::Address& address);

/// What `flowspan collect` shows at --metrics: /metrics, /healthz and /readyz. The collector's thread makes the text once
/// a second; whoever asks is given it as it is, so that no question costs the collector anything.
class Monitor {
 public:
  /// Binds the port, before privileges are dropped.
  static Result<std::unique_ptr<Monitor>> open(const source::Address& address, const Configuration& configuration);
  ~Monitor();

  /// Answers from now on.
  void start();
  /// Recovery is done. `starts`: what is known of the exporters before the first datagram.
  Status begin(const std::vector<pipeline::WriterStart>& starts);
  /// It collects, or it stops: what /readyz says.
  void enter(Health::Stage stage);

  /// To be shown each worker's exporters while they are added up; update() follows.
  void look(const exporter::Exporters& exporters) { exporters_.look(exporters); }
  void begin_round() { exporters_.begin_round(); }
  void update(const RunCounters& run, const pipeline::Collector& collector, store::Store& store,
              const Configuration& configuration);
  /// A segment was stored. Any thread.
  void committed() { last_commit_.store(now(), std::memory_order_relaxed); }

 private:
  explicit Monitor(const Configuration& configuration);
  std::string metrics() const;
  void look_at_store(store::Store& store, Time time);

  Time started_;

  // Of the collector's thread.
  NamedExporters exporters_;
  exporter::Counters account_;  // the most that each counter ever was
  Readings readings_;
  Time store_asked_ = 0;  // monotonic; 0: never

  std::atomic<Time> last_commit_{0};
  mutable std::mutex mutex_;
  Health health_;     // guarded by mutex_
  std::string text_;  // of the collector's metrics; guarded by mutex_

  std::unique_ptr<server::HttpServer> server_;  // the last: its thread uses the others
};

}  // namespace flowspan::app
