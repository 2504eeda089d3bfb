// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "tui/feed.hpp"
#include "tui/screen.hpp"
#include "tui/terminal.hpp"

namespace flowspan::tui {

/// Why a screen ended.
enum class Ended {
  quit,     ///< the user wants no more
  leave,    ///< the user wants no screen; the collector goes on
  stopped,  ///< `stop` said so
  gone,     ///< the terminal was closed
};

/// Shows the screen until it ends: refreshed each second, drawn after every key. `stop` is asked some ten times a second.
Ended run(Terminal& terminal, Screen& screen, Feed& feed, const std::function<bool()>& stop);

}  // namespace flowspan::tui
