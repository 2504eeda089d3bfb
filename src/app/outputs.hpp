// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "app/configuration.hpp"
#include "app/run_counters.hpp"
#include "app/start_writers.hpp"
#include "pipeline/collector.hpp"
#include "store/dataset_sink.hpp"
#include "store/store.hpp"

namespace flowspan::app {

/// The outputs that the configuration asks for, beside the store.
class Outputs {
 public:
  Outputs();
  ~Outputs();

  /// Opens files and connections, and refuses what cannot be used. Changes nothing yet.
  static Result<Outputs> open(const Configuration& configuration, const store::Store& store);
  Outputs(Outputs&&) noexcept;
  Outputs& operator=(Outputs&&) noexcept;

  bool empty() const { return sinks_.empty(); }
  /// A new run begins, after what the last one left was recovered.
  Status begin(const StartReport& report);
  /// The run ended; `stored`: the store has committed everything.
  void end(const pipeline::Collector& collector, bool stored);
  const std::vector<pipeline::Output>& list() const { return list_; }

 private:
  std::vector<std::unique_ptr<flow::FlowSink>> sinks_;
  store::DatasetSink* dataset_ = nullptr;
  std::string dataset_name_;
  std::vector<pipeline::Output> list_;
};

/// Adds what the outputs were given, by kind: sqlite_flows, ndjson_flows, output_skipped_flows, output_failures.
void add_output_counters(const pipeline::Collector& collector, RunCounters& run);

/// One of the words of --output is standard output: nothing else may be written there.
bool writes_standard_output(const Configuration& configuration);

}  // namespace flowspan::app
