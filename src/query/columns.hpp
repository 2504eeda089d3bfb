// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::query {

/// A column of the view `flows`. An address (src_addr, exporter, …) is text over two halves, by which it is grouped,
/// filtered and sorted.
struct ViewColumn {
  std::string name;
  std::string hi;  ///< column of its upper half; empty: this is no address
  std::string lo;

  bool address() const { return !hi.empty(); }
};

/// The column of that name; nothing when the view has none.
std::optional<ViewColumn> find_column(std::string_view name);
/// All names, for suggestions.
std::vector<std::string_view> column_names();

/// What a column counts, by its name: decides how people are shown it.
enum class Unit { none, bytes, count };
Unit unit_of(std::string_view column);
/// Columns that may be summed: amounts of the view, and "flows", their number.
std::vector<std::string_view> amount_names();

}  // namespace flowspan::query
