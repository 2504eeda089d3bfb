// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace flowspan::store {

/// Names and numbers, in the order they are to be shown.
using CounterList = std::vector<std::pair<std::string, std::uint64_t>>;

struct CounterGroup {
  std::string name;  ///< "0" for a worker, "192.0.2.1" for an exporter
  CounterList values;
};

/// What a collector tells other processes of itself.
struct Counters {
  std::uint64_t pid = 0;
  Time started = 0;
  Time written = 0;
  Time exporters_written = 0;  ///< set by read_counters
  CounterList totals;
  std::vector<CounterGroup> workers;
  std::vector<CounterGroup> exporters;
  std::uint64_t exporters_left_out = 0;  ///< beyond what the file may hold
};

/// STORE/counters.json, written about once a second. The exporters come first as given (give the busiest first); beyond
/// max_exporters they are left out, and with many of them they are written less often than the totals.
class CountersFile {
 public:
  static constexpr std::size_t max_exporters = 10'000;
  static constexpr std::size_t many_exporters = 500;
  static constexpr Duration many_interval = 10 * second;

  explicit CountersFile(const std::filesystem::path& store);
  Status publish(const Counters& counters);
  /// After a clean end: readers see that nobody collects.
  void remove();

 private:
  std::filesystem::path file_;
  std::string exporters_;  // as JSON, of the last time
  Time exporters_written_ = 0;
};

/// What the collector published last; nullopt when there is no file. `written` tells how old it is. Without exporters the
/// cost does not grow with their number.
Result<std::optional<Counters>> read_counters(const std::filesystem::path& store, bool with_exporters = true);

}  // namespace flowspan::store
