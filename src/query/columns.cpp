// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/columns.hpp"

#include <algorithm>
#include <array>

#include "flow/fields.hpp"
#include "store/views.hpp"

namespace flowspan::query {
namespace {

struct Amount {
  std::string_view name;
  Unit unit;
};
constexpr std::array amounts{Amount{"bytes", Unit::bytes},       Amount{"packets", Unit::count},
                             Amount{"flows", Unit::count},       Amount{"raw_bytes", Unit::bytes},
                             Amount{"raw_packets", Unit::count}, Amount{"duration_ms", Unit::none}};

bool has_field(std::string_view name) { return flow::find_field(name) < flow::field_count; }

}  // namespace

std::optional<ViewColumn> find_column(std::string_view name) {
  const auto names = column_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
  ViewColumn column{std::string(name), {}, {}};
  const auto stem = std::string(name.ends_with("_addr") ? name.substr(0, name.size() - 5) : name);
  if (!has_field(name) && has_field(stem + "_hi") && has_field(stem + "_lo")) {
    column.hi = stem + "_hi";
    column.lo = stem + "_lo";
  }
  return column;
}

std::vector<std::string_view> column_names() {
  std::vector<std::string_view> names;
  for (const auto& column : store::view_columns()) names.push_back(column.name);
  for (const auto& field : flow::fields)
    if (std::find(names.begin(), names.end(), field.name) == names.end()) names.push_back(field.name);
  return names;
}

Unit unit_of(std::string_view column) {
  for (const auto& amount : amounts)
    if (amount.name == column) return amount.unit;
  if (column == "T" || column == "C") return Unit::count;  // sum of durations and number of flows, as GDP names them
  return Unit::none;
}

std::vector<std::string_view> amount_names() {
  std::vector<std::string_view> names;
  for (const auto& amount : amounts) names.push_back(amount.name);
  return names;
}

}  // namespace flowspan::query
