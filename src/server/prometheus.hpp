// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowspan::server {

enum class MetricType { counter, gauge };

/// A name and a value: worker="0". Never anything of which the network decides how many there are.
using Label = std::pair<std::string_view, std::string>;

/// One number of one metric.
struct Metric {
  std::string_view name;  ///< [a-zA-Z_:][a-zA-Z0-9_:]*, with its unit; of a counter ending in _total
  std::string_view help;  ///< one sentence
  MetricType type = MetricType::gauge;
  std::vector<Label> labels;
  double value = 0;
};

/// Prometheus' text format 0.0.4 ("Exposition formats" in its documentation). Numbers of one name stand together, under
/// the help of the first of them, in the order in which the names came.
std::string prometheus_text(const std::vector<Metric>& metrics);
/// Its Content-Type.
inline constexpr std::string_view prometheus_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace flowspan::server
