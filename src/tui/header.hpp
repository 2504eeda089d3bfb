// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tui/cells.hpp"
#include "tui/model.hpp"

namespace flowspan::tui {

/// What the collector does, in a few words: "collector 4711, up 1h02m", "collector 4711 died, last heard 12s ago".
std::string collector_text(const Model& model);

/// The lines above the panels: store, collector, window; rates and losses.
void draw_header(const Area& area, const Model& model, std::string_view window, bool paused);

/// One line for where there is no terminal: "3 exporters, 1,234 flows/s, …".
std::string status_line(const Model& model);

}  // namespace flowspan::tui
