// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "app/screen_counters.hpp"
#include "exporter/exporters.hpp"
#include "journal/follow.hpp"
#include "pipeline/skipping_reader.hpp"
#include "store/exporter_settings.hpp"
#include "tui/model.hpp"

namespace flowspan::app {

/// The newest flows of a store's journals, as they are appended. Cheap whatever the load: when more came since the last
/// look than it may read, it goes on near the end and says what share it saw. It decodes with what the datagrams seen
/// teach, and changes nothing.
class FlowTail {
 public:
  /// `settings`: the rates that flows are scaled by, as in answers.
  explicit FlowTail(std::filesystem::path journal_folder, std::vector<store::ExporterSettings> settings = {})
      : folder_(std::move(journal_folder)), settings_(std::move(settings)) {}

  /// Stretches that must not be decoded, by writer.
  void set_quarantined(std::map<std::uint32_t, std::vector<pipeline::Stretch>> stretches) {
    quarantined_ = std::move(stretches);
  }
  /// Reads what is new; about a megabyte at most.
  Status follow();

  /// The newest, the latest last.
  const std::deque<tui::Flow>& flows() const { return flows_; }
  /// One of so many was read by the last follow(); 1: all.
  double one_of() const { return one_of_; }
  /// Scaled by the sampling rates.
  const BytesPerFlow& bytes_per_flow() const { return bytes_; }

 private:
  struct Writer {
    std::unique_ptr<journal::Follower> journal;
    exporter::Exporters exporters;
  };
  struct News;  // of one follow()

  Status follow_writer(std::uint32_t number, Position end, std::uint64_t may_read, News& news);
  std::uint64_t behind(std::uint32_t number, Position from, Position end) const;
  Status read(std::uint32_t number, Writer& writer, News& news) const;
  void keep(News& news);

  std::filesystem::path folder_;
  std::vector<store::ExporterSettings> settings_;
  std::map<std::uint32_t, Writer> writers_;
  std::map<std::uint32_t, std::vector<pipeline::Stretch>> quarantined_;
  std::deque<tui::Flow> flows_;
  BytesPerFlow bytes_;
  std::uint64_t numbered_ = 0;
  double one_of_ = 1;
};

}  // namespace flowspan::app
