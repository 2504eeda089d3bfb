// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "server/prometheus.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <map>

namespace flowspan::server {
namespace {

constexpr double largest_exact = 9007199254740992;  // 2^53: all whole numbers up to it are doubles

// A help line has no quotes around it, so they need no backslash there.
void append_escaped(std::string& text, std::string_view value, bool quoted) {
  for (const char c : value) {
    if (c == '\n')
      text += "\\n";
    else if (c == '\\' || (quoted && c == '"'))
      text += {'\\', c};
    else
      text += c;
  }
}

void append_number(std::string& text, double value) {
  auto out = std::back_inserter(text);
  if (std::isnan(value))
    text += "NaN";
  else if (std::isinf(value))
    text += value > 0 ? "+Inf" : "-Inf";
  else if (value == std::floor(value) && std::abs(value) <= largest_exact)
    fmt::format_to(out, "{}", static_cast<long long>(value));
  else
    fmt::format_to(out, "{}", value);
}

void append_sample(std::string& text, const Metric& metric) {
  text += metric.name;
  for (const auto& [name, value] : metric.labels) {
    text += &name == &metric.labels.front().first ? '{' : ',';
    text += name;
    text += "=\"";
    append_escaped(text, value, true);
    text += '"';
  }
  if (!metric.labels.empty()) text += '}';
  text += ' ';
  append_number(text, metric.value);
  text += '\n';
}

void append_head(std::string& text, const Metric& metric) {
  text += fmt::format("# HELP {} ", metric.name);
  append_escaped(text, metric.help, false);
  text += fmt::format("\n# TYPE {} {}\n", metric.name, metric.type == MetricType::counter ? "counter" : "gauge");
}

}  // namespace

std::string prometheus_text(const std::vector<Metric>& metrics) {
  std::vector<std::vector<const Metric*>> families;
  std::map<std::string_view, std::size_t> places;
  for (const Metric& metric : metrics) {
    const auto [place, is_new] = places.try_emplace(metric.name, families.size());
    if (is_new) families.emplace_back();
    families[place->second].push_back(&metric);
  }
  std::string text;
  for (const auto& family : families) {
    append_head(text, *family.front());
    for (const Metric* metric : family) append_sample(text, *metric);
  }
  return text;
}

}  // namespace flowspan::server
