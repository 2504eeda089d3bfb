// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/footer.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tui/amounts.hpp"
#include "tui/glyphs.hpp"

namespace flowspan::tui {
namespace {

using KeyHelp = std::pair<std::string_view, std::string_view>;

constexpr auto keys = std::to_array<KeyHelp>({
    {"1 2 3 4, Tab", "choose a panel"},
    {"Enter, z", "zoom it to the whole screen, and back"},
    {"↑ ↓ PgUp PgDn", "scroll (also j k); g, Home: first; G, End: last"},
    {"← →", "columns that have no room"},
    {"< >", "sort by the column before, after"},
    {"r", "turn the order: newest first or last, …"},
    {"/", "only rows with a text; Esc: all again"},
    {"w, W", "window: 1m 5m 1h all"},
    {"t", "times: UNIX seconds, or by the clock"},
    {"d", "durations: newest 100 flows, or window"},
    {"Space", "pause, go on"},
    {"m", "messages"},
    {"Ctrl-L", "draw everything anew"},
    {"?", "this help; Esc leaves it"},
});

/// An empty box in the middle, with a title; the area inside.
Area box(const Area& area, std::string_view title, int width, int height) {
  width = std::min(width + 4, area.width());
  height = std::min(height + 2, area.height());
  const Area outer = area.part((area.width() - width) / 2, (area.height() - height) / 2, width, height);
  for (int y = 0; y < height; ++y) outer.put(0, y, std::string(static_cast<std::size_t>(width), ' '));
  std::string line;
  for (int x = 0; x < width; ++x) line += "─";
  outer.put(0, 0, line, {Role::focus});
  outer.put(0, height - 1, line, {Role::focus});
  outer.put(2, 0, " " + std::string(title) + " ", {Role::focus, true});
  return outer.part(2, 1, width - 4, height - 2);
}

}  // namespace

void draw_keys(const Area& area, bool zoomed, bool paused) {
  const auto hints = std::to_array<KeyHelp>({{"?", "help"},
                                             {"q", "quit"},
                                             {"Tab", "panel"},
                                             {"z", zoomed ? "all panels" : "zoom"},
                                             {"<>", "sort"},
                                             {"r", "turn"},
                                             {"/", "search"},
                                             {"w", "window"},
                                             {"t", "time"},
                                             {"d", "T/C of"},
                                             {"Space", paused ? "go on" : "pause"},
                                             {"m", "messages"}});
  int x = 1;
  for (const auto& [key, meaning] : hints) {
    if (x + display_width(key) + 1 + display_width(meaning) + 1 > area.width()) break;
    x = area.put(x, 0, key, {Role::key, true});
    x = area.put(x + 1, 0, meaning, {Role::dim}) + 2;
  }
}

void draw_help(const Area& area, bool collecting) {
  std::vector<KeyHelp> lines(keys.begin(), keys.end());
  if (collecting) {
    lines.emplace_back("q", "asks: stop collecting, or only leave the screen");
    lines.emplace_back("Ctrl-C", "stop collecting and store what was received");
  } else {
    lines.emplace_back("q, Ctrl-C", "quit; the collector goes on");
  }
  constexpr int key_width = 14;
  const Area inside = box(area, "Keys", 64, static_cast<int>(lines.size()));
  int y = 0;
  for (const auto& [key, meaning] : lines) {
    inside.put(0, y, key, {Role::key, true});
    inside.put(key_width, y++, meaning);
  }
}

void draw_messages(const Area& area, std::span<const Message> messages, Time now, bool utc) {
  const int most = std::max(area.height() - 4, 1);
  if (messages.size() > static_cast<std::size_t>(most)) messages = messages.last(static_cast<std::size_t>(most));
  const Area inside = box(area, "Messages", area.width() - 6, std::max(static_cast<int>(messages.size()), 1));
  if (messages.empty()) inside.put(0, 0, "none", {Role::dim});
  int y = 0;
  for (const Message& message : messages) {
    const int x = inside.put(0, y, clock_time(message.when, now, utc), {Role::dim}) + 1;
    inside.put(x, y++, fit(message.text, inside.width() - x), {message.serious ? Role::warning : Role::plain});
  }
}

}  // namespace flowspan::tui
