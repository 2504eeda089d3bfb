// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/cells.hpp"

#include <algorithm>

#include "tui/glyphs.hpp"

namespace flowspan::tui {
namespace {

constexpr std::size_t max_glyph_bytes = 16;  // joined marks beyond are left out

}  // namespace

Cells::Cells(int width, int height)
    : width_(std::max(width, 0)),
      height_(std::max(height, 0)),
      cells_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_)) {}

// A cell that is overwritten may be half of a wide glyph: the other half goes too.
void Cells::clear_half(int x, int y) {
  if (cells_[index(x, y)].glyph.empty() && x > 0) cells_[index(x - 1, y)].glyph = " ";
  if (x + 1 < width_ && cells_[index(x + 1, y)].glyph.empty()) cells_[index(x + 1, y)].glyph = " ";
}

void Cells::set(int x, int y, std::string_view glyph, int width, Style style) {
  for (int i = 0; i < width; ++i) clear_half(x + i, y);
  cells_[index(x, y)] = {std::string(glyph), style};
  if (width == 2) cells_[index(x + 1, y)] = {"", style};
}

int Cells::put(const Rect& clip, int x, int y, std::string_view text, Style style) {
  const int left = std::max(clip.x, 0);
  const int right = std::min(clip.x + clip.width, width_);
  if (y < std::max(clip.y, 0) || y >= std::min(clip.y + clip.height, height_)) return x;
  int last = -1;  // where a joining mark goes
  while (const auto glyph = next_glyph(text)) {
    if (glyph->width == 0) {
      if (last >= 0 && cells_[index(last, y)].glyph.size() + glyph->bytes.size() <= max_glyph_bytes)
        cells_[index(last, y)].glyph += glyph->bytes;
      continue;
    }
    last = -1;
    if (x >= left && x + glyph->width <= right) {
      set(x, y, glyph->bytes, glyph->width, style);
      last = x;
    }
    x += glyph->width;
    if (x >= right) break;
  }
  return x;
}

void Cells::reverse(const Rect& clip) {
  for (int y = std::max(clip.y, 0); y < std::min(clip.y + clip.height, height_); ++y)
    for (int x = std::max(clip.x, 0); x < std::min(clip.x + clip.width, width_); ++x)
      cells_[index(x, y)].style.reverse = true;
}

std::string Cells::text() const {
  std::string text;
  for (int y = 0; y < height_; ++y) {
    std::string line;
    for (int x = 0; x < width_; ++x) line += at(x, y).glyph;
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

Area Area::part(int x, int y, int width, int height) const {
  const int left = std::clamp(x, 0, rect_.width);
  const int top = std::clamp(y, 0, rect_.height);
  return {cells_, Rect{rect_.x + left, rect_.y + top, std::clamp(width, 0, rect_.width - left),
                       std::clamp(height, 0, rect_.height - top)}};
}

int Area::put(int x, int y, std::string_view text, Style style) const {
  return cells_.put(rect_, rect_.x + x, rect_.y + y, text, style) - rect_.x;
}

void Area::reverse(int y) const {
  if (y >= 0 && y < rect_.height) cells_.reverse({rect_.x, rect_.y + y, rect_.width, 1});
}

}  // namespace flowspan::tui
