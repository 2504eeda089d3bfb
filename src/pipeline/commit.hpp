// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "exporter/exporters.hpp"
#include "flow/sink.hpp"
#include "pipeline/skipping_reader.hpp"

namespace flowspan::pipeline {

/// Commits the ranges of one writer, in order: decodes the journal again, this time with all columns that the range
/// needs, into the sink. One thread.
class Commit {
 public:
  /// `state` is the saved decoder state at the beginning of the next range; empty at the very first start.
  static Result<Commit> open(std::filesystem::path journal_directory, flow::SegmentSink& sink, std::string state,
                             std::vector<Stretch> quarantined = {});

  /// On an error nothing is committed; the same range may be tried again.
  Status run(const flow::Range& range);

  /// The decoder's state after the last committed range.
  const exporter::Exporters& exporters() const { return exporters_; }

 private:
  Commit(std::filesystem::path directory, flow::SegmentSink& sink, std::vector<Stretch> quarantined)
      : directory_(std::move(directory)), sink_(&sink), quarantined_(std::move(quarantined)) {}
  Status restore();

  std::filesystem::path directory_;
  flow::SegmentSink* sink_;
  std::vector<Stretch> quarantined_;
  std::string state_;  // as committed
  exporter::Exporters exporters_;
};

}  // namespace flowspan::pipeline
