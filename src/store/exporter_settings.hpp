// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/ip.hpp"
#include "base/time.hpp"

namespace flowspan::store {

/// What the configuration says of an exporter or a network of them. Where several match, the longest prefix counts.
struct ExporterSettings {
  Prefix match;
  std::string name = {};                        ///< empty: its address
  std::optional<double> default_sampling = {};  ///< where the exporter does not say its rate
  std::optional<double> forced_sampling = {};   ///< whatever the exporter says
  std::map<std::uint32_t, std::string> interfaces = {};
  std::optional<Duration> active_timeout = {};
  std::optional<Duration> idle_timeout = {};
};

/// Those that count for this exporter, and only those; nullptr: none.
const ExporterSettings* settings_of(std::span<const ExporterSettings> all, const Ip& exporter);

/// What the view `flows` multiplies a flow's `bytes` and `packets` by: `said` is the flow's own sampling_rate,
/// `settings` those of its exporter (nullptr: none). 1 where nobody says a rate.
double scale_of(const ExporterSettings* settings, const std::optional<double>& said);

}  // namespace flowspan::store
