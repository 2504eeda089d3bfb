// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "exporter/exporters.hpp"
#include "pipeline/collector.hpp"
#include "store/exporter_settings.hpp"

namespace flowspan::app {

/// A number that only grows, split from one that may also fall: lost flows, of which late datagrams take back some.
/// grown - fallen is always the number itself.
class Balance {
 public:
  void set(std::int64_t value);
  std::uint64_t grown() const { return grown_; }
  std::uint64_t fallen() const { return fallen_; }

 private:
  std::int64_t value_ = 0;
  std::uint64_t grown_ = 0;
  std::uint64_t fallen_ = 0;
};

/// What one exporter was counted for since the start. Nothing in it ever falls.
struct ExporterSeries {
  std::string name;
  std::uint64_t datagrams = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t flows = 0;
  std::uint64_t decode_errors = 0;
  Balance lost_flows;
  Time last_seen = 0;  ///< 0: never
};

/// The exporters that are told apart in metrics: those that an [[exporter]] table names by one address, and all others
/// together. So the network cannot make series, only the configuration can.
class NamedExporters {
 public:
  /// Series for exporters are made for so many addresses, the first of the configuration.
  static constexpr std::size_t most = 1000;
  /// The name of all others together.
  static constexpr std::string_view others = "other";

  explicit NamedExporters(const std::vector<store::ExporterSettings>& settings);

  /// What the exporters' counters are before this run's first datagram.
  Status begin(const std::vector<pipeline::WriterStart>& starts);
  /// Call begin_round(), then look() at the exporters of each worker, then end_round() with the counters of all exporters
  /// over all workers, of the same moment and since the start.
  void begin_round();
  void look(const exporter::Exporters& exporters);
  void end_round(const exporter::Counters& all, const exporter::Counters& all_at_start);

  /// In the order of the configuration, then the others.
  const std::vector<ExporterSeries>& series() const { return series_; }
  /// Addresses of the configuration for which there was no room.
  std::size_t left_out() const { return left_out_; }

 private:
  struct Known {
    std::size_t series;            // index
    exporter::Counters now;        // sum over the workers in this round
    exporter::Counters last;       // of the last round
    exporter::Counters forgotten;  // what it had when it was forgotten for want of room
    exporter::Counters at_start;
    Time last_seen = 0;
  };
  std::map<Ip, Known> known_;
  std::vector<ExporterSeries> series_;
  std::size_t left_out_ = 0;
};

}  // namespace flowspan::app
