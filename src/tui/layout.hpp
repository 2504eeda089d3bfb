// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "tui/cells.hpp"

namespace flowspan::tui {

enum class Panel : std::size_t { streams, flows, durations, pairs };
inline constexpr std::size_t panel_count = 4;

struct PlacedPanel {
  Panel panel;
  Rect rect;  ///< its title line included
};

/// Where everything is on a screen of this size.
struct Layout {
  int header_lines = 2;
  std::vector<PlacedPanel> panels;
  bool too_small = false;  ///< nothing sensible fits
};

/// `zoomed`: `focus` alone. A screen that is too narrow or too low for all four shows `focus` alone.
Layout lay_out(int width, int height, Panel focus, bool zoomed);

}  // namespace flowspan::tui
