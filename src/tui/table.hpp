// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tui/cells.hpp"
#include "tui/glyphs.hpp"
#include "tui/keys.hpp"

namespace flowspan::tui {

struct Column {
  std::string_view title;
  int width;         ///< at least
  int widest = 0;    ///< may grow so far if its texts want it; 0: does not grow
  int priority = 0;  ///< where room is short the highest goes first; 0 is always there
  Align align = Align::right;
  bool is_address = false;  ///< cut in its middle where it has no room
  bool takes_rest = false;  ///< what is left over: bars and sparklines
  bool ascending = false;   ///< when it is chosen, the smallest comes first
};

/// Rows that a table shows.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual std::span<const Column> columns() const = 0;
  virtual std::size_t size() const = 0;
  virtual std::string text(std::size_t row, std::size_t column, int width) const = 0;
  virtual std::partial_ordering compare(std::size_t column, std::size_t a, std::size_t b) const = 0;
  virtual Style style(std::size_t, std::size_t) const { return {}; }
};

/// How the user looks at a table.
class TableView {
 public:
  TableView(std::size_t sort, bool descending) : sort_(sort), descending_(descending) {}

  /// Moves, sorts, shifts; false when the key is none of a table's. `columns` are the table's.
  bool press(const Key& key, std::span<const Column> columns);
  void scroll(int rows) { cursor_ += rows; }
  /// The row under the pointer, counted from the first line of the area that was drawn in.
  void point_at(int line) { cursor_ = top_ + line - 1; }
  void set_filter(std::string filter) { filter_ = std::move(filter), cursor_ = 0; }
  const std::string& filter() const { return filter_; }

  /// Heads and rows into the whole area. Keeps cursor and scrolling inside of what there is.
  void draw(const Area& area, const Rows& rows, bool focused);
  /// "1-8 of 123", of what was drawn last; arrows where columns are left out.
  std::string note() const;
  std::size_t sort() const { return sort_; }

 private:
  void sort_by(std::size_t column, std::span<const Column> columns);
  std::vector<std::size_t> order(const Rows& rows) const;
  bool matches(const Rows& rows, std::size_t row) const;
  void keep_inside(int shown);

  std::size_t sort_;
  bool descending_;
  std::size_t shift_ = 0;  // columns left out after the first
  int top_ = 0;
  int cursor_ = 0;
  int page_ = 1;
  int found_ = 0;  // rows that match
  std::size_t all_ = 0;
  bool more_columns_ = false;
  std::string filter_;
};

/// A column as it is drawn.
struct PlacedColumn {
  std::size_t column;
  int x;
  int width;
};
/// Which columns fit, and where: by priority, one blank between two, the rest of the room to those that take it.
/// `wanted` are the widths that the texts would need; columns 1 … shift are left out.
std::vector<PlacedColumn> place_columns(std::span<const Column> columns, std::span<const int> wanted, std::size_t shift,
                                        int width);

}  // namespace flowspan::tui
