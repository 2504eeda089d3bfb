// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "tui/cells.hpp"
#include "tui/model.hpp"

namespace flowspan::tui {

/// The keys that fit, in one line.
void draw_keys(const Area& area, bool zoomed, bool paused);
/// All keys, in a box in the middle. `collecting`: the screen belongs to the collector.
void draw_help(const Area& area, bool collecting);
/// The newest messages, in a box in the middle.
void draw_messages(const Area& area, std::span<const Message> messages, Time now, bool utc);

}  // namespace flowspan::tui
