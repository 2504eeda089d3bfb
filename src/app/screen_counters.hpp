// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/rate_history.hpp"
#include "base/ip.hpp"
#include "store/counters.hpp"
#include "store/exporter_settings.hpp"
#include "tui/model.hpp"

namespace flowspan::app {

/// Mean bytes of a flow times its sampling rate, by exporter, as far as flows were looked at.
using BytesPerFlow = std::unordered_map<Ip, double>;

/// What the collector of a store publishes, as rates: who collects, and the streams that arrive.
class ScreenCounters {
 public:
  ScreenCounters(std::filesystem::path store, std::vector<store::ExporterSettings> settings);

  /// Looks again; what is worth a message goes to `messages`. Milliseconds.
  void refresh(Time now, std::vector<tui::Message>& messages);
  /// `window` is of tui::windows.
  void fill(tui::Model& model, std::size_t window, const BytesPerFlow& bytes) const;
  std::uint64_t pid() const { return latest_.pid; }

 private:
  struct Exporter {
    store::CounterList values;
    double flow_rate = 0;
    double datagram_rate = 0;
    double flows_per_datagram = 0;
    Time lost_at = 0;  // when its count of lost flows grew last
    RateHistory history;
  };

  void take(store::Counters counters, std::vector<tui::Message>& messages);
  void take_exporters(const store::Counters& counters);
  void forget();
  std::string name_of(const std::string& address, const Ip& ip) const;

  std::filesystem::path store_;
  std::vector<store::ExporterSettings> settings_;
  tui::Collecting::State state_ = tui::Collecting::State::no_store;
  store::Counters latest_;
  double flow_rate_ = 0;
  double datagram_rate_ = 0;
  RateHistory history_;
  std::map<std::string, Exporter> exporters_;
  Time exporters_written_ = 0;
  std::string trouble_;  // told last
};

}  // namespace flowspan::app
