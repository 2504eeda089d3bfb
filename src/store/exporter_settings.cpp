// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/exporter_settings.hpp"

namespace flowspan::store {

const ExporterSettings* settings_of(std::span<const ExporterSettings> all, const Ip& exporter) {
  const ExporterSettings* best = nullptr;
  for (const ExporterSettings& settings : all)
    if (settings.match.contains(exporter) && (best == nullptr || settings.match.length > best->match.length))
      best = &settings;
  return best;
}

// The SQL of the same is rate_sql() and counter_sql() in views.cpp; a test compares the two.
double scale_of(const ExporterSettings* settings, const std::optional<double>& said) {
  std::optional<double> rate = said;
  if (settings != nullptr && settings->forced_sampling)
    rate = settings->forced_sampling;
  else if (settings != nullptr && !rate)
    rate = settings->default_sampling;
  return rate.value_or(1) == 0 ? 1 : rate.value_or(1);  // 0 as some devices say it
}

}  // namespace flowspan::store
