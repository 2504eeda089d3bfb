// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/glyphs.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace flowspan::tui {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::string_view ellipsis = "…";

struct Range {
  char32_t first;
  char32_t last;
};

bool in(std::span<const Range> ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& r) { return r.first <= code && code <= r.last; });
}

/// What a terminal obeys instead of showing it: controls, direction marks, line ends, invisible and private characters.
constexpr auto harmful = std::to_array<Range>({{0x00, 0x1f},
                                               {0x7f, 0x9f},
                                               {0xad, 0xad},
                                               {0x61c, 0x61c},
                                               {0x180e, 0x180e},
                                               {0x200b, 0x200f},
                                               {0x2028, 0x202e},
                                               {0x2060, 0x206f},
                                               {0xd800, 0xf8ff},
                                               {0xfeff, 0xfeff},
                                               {0xfff0, 0xfffb},
                                               {0xfffe, 0xffff},
                                               {0xe0000, 0x10ffff}});
constexpr auto joining = std::to_array<Range>({{0x300, 0x36f},
                                               {0x483, 0x489},
                                               {0x591, 0x5bd},
                                               {0x610, 0x61a},
                                               {0x64b, 0x65f},
                                               {0xe31, 0xe31},
                                               {0xe34, 0xe3a},
                                               {0xe47, 0xe4e},
                                               {0x1ab0, 0x1aff},
                                               {0x1dc0, 0x1dff},
                                               {0x20d0, 0x20ff},
                                               {0xfe00, 0xfe0f},
                                               {0xfe20, 0xfe2f}});
constexpr auto wide = std::to_array<Range>({{0x1100, 0x115f},
                                            {0x2e80, 0x303e},
                                            {0x3041, 0xa4cf},
                                            {0xa960, 0xa97f},
                                            {0xac00, 0xd7a3},
                                            {0xf900, 0xfaff},
                                            {0xfe30, 0xfe6f},
                                            {0xff00, 0xff60},
                                            {0xffe0, 0xffe6},
                                            {0x1f300, 0x1f64f},
                                            {0x1f680, 0x1f6ff},
                                            {0x1f900, 0x1f9ff},
                                            {0x1fa70, 0x1faff},
                                            {0x20000, 0x3fffd}});

struct Decoded {
  char32_t code = 0;
  std::size_t length = 1;
  bool valid = false;
};

Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
  char32_t code = first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fu);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  return {code, length, code >= least[length]};
}

}  // namespace

std::optional<Glyph> next_glyph(std::string_view& rest) {
  if (rest.empty()) return std::nullopt;
  const Decoded decoded = decode(rest);
  const std::string_view bytes = rest.substr(0, decoded.length);
  rest.remove_prefix(decoded.length);
  if (!decoded.valid || in(harmful, decoded.code)) return Glyph{replacement, 1};
  if (decoded.code < 0x300) return Glyph{bytes, 1};
  return Glyph{bytes, in(joining, decoded.code) ? 0 : in(wide, decoded.code) ? 2 : 1};
}

int display_width(std::string_view text) {
  int width = 0;
  while (const auto glyph = next_glyph(text)) width += glyph->width;
  return width;
}

std::string fit(std::string_view text, int width, Align align) {
  if (width <= 0) return {};
  const int whole = display_width(text);
  const int room = whole > width ? width - 1 : width;  // the ellipsis takes one
  std::string kept;
  int used = 0;
  while (const auto glyph = next_glyph(text)) {
    if (used + glyph->width > room) break;
    kept += glyph->bytes;
    used += glyph->width;
  }
  if (whole > width) {
    kept += ellipsis;
    ++used;
  }
  const std::string blanks(static_cast<std::size_t>(width - used), ' ');
  return align == Align::left ? kept + blanks : blanks + kept;
}

std::string fit_middle(std::string_view text, int width) {
  const int whole = display_width(text);
  if (whole <= width || width < 3) return fit(text, width);
  const int head = (width - 1) / 2;
  int before = 0;  // columns left of the end that is kept
  std::string_view end = text;
  while (before < whole - (width - 1 - head)) before += next_glyph(end)->width;
  std::string_view start = text;
  std::string kept;
  int used = 0;
  while (const auto glyph = next_glyph(start)) {
    if (used + glyph->width > head) break;
    kept += glyph->bytes;
    used += glyph->width;
  }
  kept += ellipsis;
  kept += end;
  return fit(kept, width);
}

char plain_glyph(std::string_view bytes) {
  if (bytes.size() == 1) return bytes[0];
  constexpr auto known = std::to_array<std::pair<std::string_view, char>>(
      {{"─", '-'}, {"│", '|'}, {"▁", '_'}, {"▂", '.'}, {"▃", ':'}, {"▄", '-'}, {"▅", '='}, {"▆", '+'}, {"▇", '*'},
       {"█", '#'}, {"▏", ' '}, {"▎", ' '}, {"▍", '-'}, {"▌", '-'}, {"▋", '='}, {"▊", '='}, {"▉", '#'}, {"…", '~'},
       {"→", '>'}, {"←", '<'}, {"▲", '^'}, {"▼", 'v'}, {"·", '.'}, {"↑", '^'}, {"↓", 'v'}, {"∞", '*'}});
  const auto found = std::find_if(known.begin(), known.end(), [&](const auto& pair) { return pair.first == bytes; });
  return found == known.end() ? '?' : found->second;
}

}  // namespace flowspan::tui
