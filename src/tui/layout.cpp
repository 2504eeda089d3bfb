// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/layout.hpp"

#include <algorithm>

namespace flowspan::tui {
namespace {

constexpr int least_width = 24;
constexpr int least_height = 5;
constexpr int width_for_all = 72;  // below, one panel at a time
constexpr int height_for_all = 20;
constexpr int width_for_columns = 140;  // from here on the analyses stand beside the flows
constexpr int footer_lines = 1;

void stack(std::vector<PlacedPanel>& panels, const Rect& body) {
  const int streams = std::max(5, body.height / 4);
  const int bottom = std::max(6, body.height * 3 / 10);
  const int flows = body.height - streams - bottom;
  const int left = body.width * 2 / 5;  // pairs have two addresses
  panels = {{Panel::streams, {0, body.y, body.width, streams}},
            {Panel::flows, {0, body.y + streams, body.width, flows}},
            {Panel::durations, {0, body.y + streams + flows, left, bottom}},
            {Panel::pairs, {left + 1, body.y + streams + flows, body.width - left - 1, bottom}}};
}

void columns(std::vector<PlacedPanel>& panels, const Rect& body) {
  const int left = body.width * 2 / 3;
  const int streams = std::max(5, body.height / 3);
  const int half = body.height / 2;
  panels = {{Panel::streams, {0, body.y, left, streams}},
            {Panel::flows, {0, body.y + streams, left, body.height - streams}},
            {Panel::durations, {left + 1, body.y, body.width - left - 1, half}},
            {Panel::pairs, {left + 1, body.y + half, body.width - left - 1, body.height - half}}};
}

}  // namespace

Layout lay_out(int width, int height, Panel focus, bool zoomed) {
  Layout layout;
  layout.too_small = width < least_width || height < least_height;
  layout.header_lines = height < 10 ? 1 : 2;
  const Rect body{0, layout.header_lines, width, std::max(height - layout.header_lines - footer_lines, 0)};
  if (zoomed || width < width_for_all || height < height_for_all)
    layout.panels = {{focus, body}};
  else if (width >= width_for_columns)
    columns(layout.panels, body);
  else
    stack(layout.panels, body);
  return layout;
}

}  // namespace flowspan::tui
