// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/table.hpp"
#include "query/columns.hpp"

namespace flowspan::query {

/// Lines up rows of text for people: numbers to the right, the rest to the left. Widths are those of the first rows; a
/// later cell that is wider pushes its line out, so that a long answer streams.
class TableLayout {
 public:
  static constexpr std::size_t measured_rows = 1000;

  explicit TableLayout(const std::vector<engine::Column>& columns);

  /// The cell with its unit ("1.5 GiB", "1,234"); nothing when its column has none.
  std::optional<std::string> unit_text(std::size_t column, const engine::Value& value) const;
  /// Takes a row; what can be printed is appended to `out`.
  void add(std::vector<std::string> cells, std::string& out);
  /// Prints what was held back.
  void finish(std::string& out);

 private:
  struct Style {
    bool right = false;
    Unit unit = Unit::none;
    std::size_t width = 0;
  };
  void measure(const std::vector<std::string>& cells);
  void print(const std::vector<std::string>& cells, std::string& out) const;

  std::vector<Style> styles_;
  std::vector<std::vector<std::string>> held_;  ///< the header first
  bool measuring_ = true;
};

}  // namespace flowspan::query
