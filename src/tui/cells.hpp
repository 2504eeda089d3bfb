// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::tui {

/// What a text is, from which the terminal chooses its colour.
enum class Role : std::uint8_t {
  plain,
  dim,      ///< lines, units, what is unimportant
  title,    ///< of a panel
  focus,    ///< of the panel that takes the keys
  heading,  ///< of a column
  sorted,   ///< of the column that the rows are sorted by
  key,      ///< a key to press
  good,
  warning,
  bad,
  bar,    ///< sparklines and bars
  match,  ///< what was searched for
};
inline constexpr std::size_t role_count = 12;

struct Style {
  Role role = Role::plain;
  bool bold = false;
  bool reverse = false;
  friend bool operator==(const Style&, const Style&) = default;
};

struct Cell {
  std::string glyph = " ";  ///< a glyph and what joins it; empty: the second half of the wide one before it
  Style style;
};

struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// What a terminal shows: a grid of glyphs. Knows no terminal, so that a test reads it as text.
class Cells {
 public:
  Cells(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  const Cell& at(int x, int y) const { return cells_[index(x, y)]; }

  /// Writes inside `clip` only; a wide glyph that would be halved is left out. Returns the column after the text.
  int put(const Rect& clip, int x, int y, std::string_view text, Style style);
  /// Reverses what stands in the rectangle.
  void reverse(const Rect& clip);

  /// The lines, without blanks at their ends.
  std::string text() const;

 private:
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
  }
  void set(int x, int y, std::string_view glyph, int width, Style style);
  void clear_half(int x, int y);

  int width_;
  int height_;
  std::vector<Cell> cells_;
};

/// A part of the cells with coordinates of its own; nothing is written outside of it.
class Area {
 public:
  explicit Area(Cells& cells) : cells_(cells), rect_{0, 0, cells.width(), cells.height()} {}

  int width() const { return rect_.width; }
  int height() const { return rect_.height; }
  Area part(int x, int y, int width, int height) const;
  /// Returns the column after the text.
  int put(int x, int y, std::string_view text, Style style = {}) const;
  void reverse(int y) const;

 private:
  Area(Cells& cells, Rect rect) : cells_(cells), rect_(rect) {}

  Cells& cells_;
  Rect rect_;
};

}  // namespace flowspan::tui
