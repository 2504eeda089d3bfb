// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace flowspan::tui {

/// What came from the keyboard or the mouse.
struct Key {
  enum class Kind {
    none,       ///< nothing in the time given
    character,  ///< `character`; also a blank
    up,
    down,
    left,
    right,
    page_up,
    page_down,
    home,
    end,
    enter,
    escape,
    tab,
    back_tab,
    backspace,
    click,       ///< at `x`, `y`
    wheel_up,    ///< at `x`, `y`
    wheel_down,  ///< at `x`, `y`
    resize,
    redraw,  ///< Ctrl-L, or back from being suspended
    gone,    ///< the terminal was closed
  };
  Kind kind = Kind::none;
  char32_t character = 0;
  int x = 0;
  int y = 0;
};

}  // namespace flowspan::tui
