// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/table_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.hpp"

namespace flowspan::query {
namespace {

constexpr std::string_view gap = "  ";

bool is_number(std::string_view type) {
  for (const std::string_view word : {"DOUBLE", "FLOAT", "DECIMAL"})
    if (type.starts_with(word)) return !type.ends_with(']');
  return type.ends_with("INT") || type.ends_with("INTEGER");
}

/// An amount that is a whole number from 0 to 2^64.
std::optional<std::uint64_t> amount_of(const engine::Value& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return *number;
  if (const auto* number = std::get_if<std::int64_t>(&value); number != nullptr && *number >= 0)
    return static_cast<std::uint64_t>(*number);
  if (const auto* number = std::get_if<double>(&value); number != nullptr && *number >= 0 && *number < 1.8e19)
    return static_cast<std::uint64_t>(std::round(*number));
  return std::nullopt;
}

/// What a terminal would take for a command is shown as an escape: text may come from a stranger's datagram.
std::string printable(std::string text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::none_of(text.begin(), text.end(), control)) return text;
  std::string safe;
  for (const char c : text)
    safe += control(c) ? fmt::format("\\x{:02x}", static_cast<unsigned char>(c)) : std::string(1, c);
  return safe;
}

/// Code points of UTF-8.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

TableLayout::TableLayout(const std::vector<engine::Column>& columns) {
  std::vector<std::string> header;
  for (const auto& column : columns) {
    const bool number = is_number(column.type);
    styles_.push_back({number, number ? unit_of(column.name) : Unit::none, 0});
    header.push_back(printable(column.name));
  }
  measure(header);
  held_.push_back(std::move(header));
}

std::optional<std::string> TableLayout::unit_text(std::size_t column, const engine::Value& value) const {
  if (styles_[column].unit == Unit::none) return std::nullopt;
  const auto amount = amount_of(value);
  if (!amount) return std::nullopt;
  return styles_[column].unit == Unit::bytes ? size_text(*amount) : count_text(*amount);
}

void TableLayout::add(std::vector<std::string> cells, std::string& out) {
  for (auto& cell : cells) cell = printable(std::move(cell));
  if (!measuring_) return print(cells, out);
  measure(cells);
  held_.push_back(std::move(cells));
  if (held_.size() > measured_rows) finish(out);
}

void TableLayout::finish(std::string& out) {
  for (const auto& cells : held_) print(cells, out);
  held_.clear();
  measuring_ = false;
}

void TableLayout::measure(const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) styles_[i].width = std::max(styles_[i].width, width_of(cells[i]));
}

void TableLayout::print(const std::vector<std::string>& cells, std::string& out) const {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto width = width_of(cells[i]);
    const std::string space(styles_[i].width > width ? styles_[i].width - width : 0, ' ');
    if (i > 0) line += gap;
    line += styles_[i].right ? space + cells[i] : cells[i] + space;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + '\n';
}

}  // namespace flowspan::query
