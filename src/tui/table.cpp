// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace flowspan::tui {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
  return text;
}

/// The width that each column's texts want; only those that may grow are looked at.
std::vector<int> wanted_widths(const Rows& rows, std::span<const std::size_t> order) {
  std::vector<int> wanted;
  for (std::size_t column = 0; column < rows.columns().size(); ++column) {
    const Column& head = rows.columns()[column];
    int width = head.width;
    if (head.widest > head.width)
      for (const std::size_t row : order) width = std::max(width, display_width(rows.text(row, column, head.widest)));
    wanted.push_back(std::clamp(width, head.width, std::max(head.width, head.widest)));
  }
  return wanted;
}

}  // namespace

std::vector<PlacedColumn> place_columns(std::span<const Column> columns, std::span<const int> wanted, std::size_t shift,
                                        int width) {
  std::vector<std::size_t> by_priority;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (i == 0 || i > shift) by_priority.push_back(i);
  std::stable_sort(by_priority.begin(), by_priority.end(),
                   [&](std::size_t a, std::size_t b) { return columns[a].priority < columns[b].priority; });
  std::vector<std::size_t> taken;
  int left = width + 1;  // a blank before each column but the first
  for (const std::size_t i : by_priority) {
    if (columns[i].width + 1 > left) break;  // not a later one in its place: what is shown should not surprise
    left -= columns[i].width + 1;
    taken.push_back(i);
  }
  std::sort(taken.begin(), taken.end());
  std::vector<PlacedColumn> placed;
  for (const std::size_t i : taken) {
    const int more = std::clamp(wanted[i] - columns[i].width, 0, left);
    left -= more;
    placed.push_back({i, 0, columns[i].width + more});
  }
  if (placed.empty() && !columns.empty() && width > 0) placed.push_back({0, 0, width});
  const auto rest = std::find_if(placed.begin(), placed.end(), [&](auto& p) { return columns[p.column].takes_rest; });
  if (rest != placed.end()) rest->width += left;
  int x = 0;
  for (auto& column : placed) {
    column.x = x;
    x += column.width + 1;
  }
  return placed;
}

void TableView::sort_by(std::size_t column, std::span<const Column> columns) {
  sort_ = column;
  descending_ = !columns[column].ascending;
  cursor_ = 0;
}

bool TableView::press(const Key& key, std::span<const Column> columns) {
  switch (key.kind) {
    case Key::Kind::up: --cursor_; return true;
    case Key::Kind::down: ++cursor_; return true;
    case Key::Kind::page_up: cursor_ -= page_; return true;
    case Key::Kind::page_down: cursor_ += page_; return true;
    case Key::Kind::home: cursor_ = 0; return true;
    case Key::Kind::end: cursor_ = static_cast<int>(all_); return true;
    case Key::Kind::right:
      if (more_columns_) ++shift_;
      return true;
    case Key::Kind::left: shift_ -= shift_ > 0 ? 1 : 0; return true;
    case Key::Kind::character: break;
    default: return false;
  }
  switch (key.character) {
    case 'k': --cursor_; return true;
    case 'j': ++cursor_; return true;
    case 'g': cursor_ = 0; return true;
    case 'G': cursor_ = static_cast<int>(all_); return true;
    case '>': sort_by((sort_ + 1) % columns.size(), columns); return true;
    case '<': sort_by((sort_ + columns.size() - 1) % columns.size(), columns); return true;
    case 'r':
      descending_ = !descending_;
      cursor_ = 0;
      return true;
    default: return false;
  }
}

bool TableView::matches(const Rows& rows, std::size_t row) const {
  const std::string wanted = lower(filter_);
  for (std::size_t column = 0; column < rows.columns().size(); ++column) {
    const Column& head = rows.columns()[column];
    if (!head.takes_rest &&
        lower(rows.text(row, column, std::max(head.width, head.widest))).find(wanted) != std::string::npos)
      return true;
  }
  return false;
}

std::vector<std::size_t> TableView::order(const Rows& rows) const {
  std::vector<std::size_t> order;
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (filter_.empty() || matches(rows, row)) order.push_back(row);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return descending_ ? rows.compare(sort_, b, a) < 0 : rows.compare(sort_, a, b) < 0;
  });
  return order;
}

void TableView::keep_inside(int shown) {
  page_ = std::max(shown, 1);
  cursor_ = std::clamp(cursor_, 0, std::max(found_ - 1, 0));
  top_ = std::clamp(top_, std::max(cursor_ - page_ + 1, 0), cursor_);
  top_ = std::min(top_, std::max(found_ - page_, 0));
}

void TableView::draw(const Area& area, const Rows& rows, bool focused) {
  const auto columns = rows.columns();
  const auto order = this->order(rows);
  found_ = static_cast<int>(order.size());
  all_ = rows.size();
  keep_inside(area.height() - 1);
  shift_ = std::min(shift_, columns.size() - 1);
  const auto placed = place_columns(columns, wanted_widths(rows, order), shift_, area.width());
  more_columns_ = !placed.empty() && placed.back().column + 1 < columns.size();
  for (const auto& [column, x, width] : placed) {
    const Column& head = columns[column];
    const bool sorted = column == sort_;
    const std::string title = std::string(head.title) + (sorted ? descending_ ? "▼" : "▲" : "");
    area.put(x, 0, fit(title, width, head.align), {sorted ? Role::sorted : Role::heading, sorted});
  }
  for (int line = 0; line < page_ && top_ + line < found_; ++line) {
    const std::size_t row = order[static_cast<std::size_t>(top_) + static_cast<std::size_t>(line)];
    for (const auto& [column, x, width] : placed) {
      const std::string text = rows.text(row, column, width);
      const Column& head = columns[column];
      area.part(x, line + 1, width, 1)
          .put(0, 0, head.is_address ? fit_middle(text, width) : fit(text, width, head.align), rows.style(row, column));
    }
    if (focused && top_ + line == cursor_) area.reverse(line + 1);
  }
}

std::string TableView::note() const {
  std::string note =
      found_ > page_ ? fmt::format("{}-{} of {}", top_ + 1, top_ + page_, found_) : fmt::format("{}", found_);
  if (!filter_.empty()) note = fmt::format("'{}': {} in {}", filter_, note, all_);
  if (more_columns_ || shift_ > 0) note += fmt::format(" {}{}", shift_ > 0 ? "←" : "", more_columns_ ? "→" : "");
  return note;
}

}  // namespace flowspan::tui
