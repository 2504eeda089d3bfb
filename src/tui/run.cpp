// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/run.hpp"

namespace flowspan::tui {
namespace {

constexpr Duration refresh_interval = second;
constexpr Duration wait_for_key = 100 * millisecond;

void show(Terminal& terminal, Screen& screen) {
  Cells cells(terminal.width(), terminal.height());
  screen.draw(cells);
  terminal.show(cells);
}

}  // namespace

Ended run(Terminal& terminal, Screen& screen, Feed& feed, const std::function<bool()>& stop) {
  Time next = monotonic_now();
  Wishes asked;
  while (!stop()) {
    const Wishes wishes = screen.wishes();
    if (monotonic_now() >= next || wishes != asked) {
      screen.update(feed.refresh(wishes));
      asked = wishes;
      next = monotonic_now() + refresh_interval;
      show(terminal, screen);
    }
    const Key key = terminal.read(wait_for_key);
    if (key.kind == Key::Kind::none) continue;
    if (key.kind == Key::Kind::gone) return Ended::gone;
    const Screen::Choice choice = screen.press(key);
    if (choice == Screen::Choice::quit) return Ended::quit;
    if (choice == Screen::Choice::leave) return Ended::leave;
    show(terminal, screen);
  }
  return Ended::stopped;
}

}  // namespace flowspan::tui
