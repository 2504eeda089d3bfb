// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/outputs.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "base/out_stream.hpp"
#include "source/address.hpp"
#include "store/ndjson_sink.hpp"

namespace flowspan::app {
namespace {

Result<std::unique_ptr<OutStream>> open_stream(const OutputTarget& target) {
  switch (target.kind) {
    case OutputTarget::Kind::standard_output: return standard_output();
    case OutputTarget::Kind::file: return append_to(target.path);
    case OutputTarget::Kind::tcp: break;
  }
  return tcp_stream({target.address.ip, target.address.port}, "tcp " + target.address.text);
}

}  // namespace

Outputs::Outputs() = default;
Outputs::~Outputs() = default;
Outputs::Outputs(Outputs&&) noexcept = default;
Outputs& Outputs::operator=(Outputs&&) noexcept = default;

Result<Outputs> Outputs::open(const Configuration& configuration, const store::Store& store) {
  Outputs outputs;
  if (!configuration.sqlite_file.empty()) {
    auto sink = store::DatasetSink::open(configuration.sqlite_file, store.id(), configuration.sqlite_keep);
    if (!sink) return fail(sink.error());
    outputs.dataset_ = sink->get();
    outputs.dataset_name_ = configuration.sqlite_file.string();
    outputs.list_.push_back({"sqlite", "the dataset " + outputs.dataset_name_, sink->get()});
    outputs.sinks_.push_back(std::move(*sink));
  }
  for (const OutputTarget& target : configuration.output) {
    auto stream = open_stream(target);
    if (!stream) return fail("--output " + target.text + ": " + stream.error().text);
    auto sink = std::make_unique<store::NdjsonSink>(std::move(*stream));
    outputs.list_.push_back({"ndjson", "the output " + target.text, sink.get()});
    outputs.sinks_.push_back(std::move(sink));
  }
  return outputs;
}

Status Outputs::begin(const StartReport& report) {
  if (dataset_ == nullptr) return {};
  const auto cleared = dataset_->begin_run(report.recovered_datagrams > 0);
  if (!cleared) return fail(cleared.error());
  if (*cleared) log::info("cleared " + dataset_name_ + " of the flows of an earlier run (--sqlite-keep keeps them)");
  return {};
}

void Outputs::end(const pipeline::Collector& collector, bool stored) {
  if (dataset_ == nullptr || !stored) return;
  const auto counters = collector.outputs();
  if (counters.empty() || !counters.front().complete) return;  // the dataset is the first output
  if (const Status ended = dataset_->end_run(); !ended) log::warn(ended.error().text);
}

void add_output_counters(const pipeline::Collector& collector, RunCounters& run) {
  std::uint64_t skipped = 0;
  std::uint64_t failures = 0;
  const auto outputs = collector.outputs();
  for (const pipeline::OutputCounters& output : outputs) {
    const std::string name = output.kind + "_flows";
    const auto found =
        std::find_if(run.values.begin(), run.values.end(), [&](const auto& value) { return value.first == name; });
    if (found != run.values.end())
      found->second += output.flows;
    else
      run.values.emplace_back(name, output.flows);
    skipped += output.skipped_flows;
    failures += output.failures;
  }
  if (outputs.empty()) return;
  run.values.emplace_back("output_skipped_flows", skipped);
  run.values.emplace_back("output_failures", failures);
  run.outputs = outputs;
}

bool writes_standard_output(const Configuration& configuration) {
  return std::any_of(configuration.output.begin(), configuration.output.end(),
                     [](const OutputTarget& target) { return target.kind == OutputTarget::Kind::standard_output; });
}

}  // namespace flowspan::app
