// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/commands.hpp"
#include "app/screen_feed.hpp"
#include "app/signals.hpp"
#include "query/time_zone.hpp"
#include "tui/header.hpp"
#include "tui/run.hpp"

namespace flowspan::app {
namespace {

constexpr Duration line_interval = 10 * second;

/// SIGHUP too: the terminal is gone.
bool stop_asked() { return wait_for_signal(0).has_value(); }

/// Where there is no terminal: a line now and then, until somebody ends it or nobody reads.
int print_lines(ScreenFeed& feed) {
  const tui::Wishes nothing{.window = 0, .durations = false, .pairs = false};
  Time next = monotonic_now() + 2 * second;  // a rate needs two looks
  for (;;) {
    const auto model = feed.refresh(nothing);
    if (monotonic_now() >= next) {
      fmt::print("{} {}\n", time_text(model->now - model->now % second), tui::status_line(*model));
      if (std::fflush(stdout) != 0) return exit_done;
      next += line_interval;
    }
    if (wait_for_signal(second)) return exit_done;
  }
}

}  // namespace

int run_watch(const Configuration& configuration, const WatchOptions& options) {
  catch_signals();
  if (const auto zone = query::TimeZone::parse(options.tz); !zone) return report(zone.error());
  if (!tui::Terminal::usable()) {
    ScreenFeed feed(configuration.store, configuration.exporters);
    return print_lines(feed);
  }
  auto terminal = tui::Terminal::open({.mouse = options.mouse, .suspend = true});
  if (!terminal) return report(terminal.error());
  ScreenFeed feed(configuration.store, configuration.exporters);
  tui::Screen screen({.collecting = false, .utc = options.tz == "UTC"});
  const tui::Ended ended = tui::run(**terminal, screen, feed, stop_asked);
  terminal->reset();
  if (ended == tui::Ended::gone) return exit_failed;
  return exit_done;
}

}  // namespace flowspan::app
