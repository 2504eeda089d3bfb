// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/collect_screen.hpp"

#include <unistd.h>

#include <csignal>
#include <utility>

#include "app/screen_feed.hpp"
#include "query/time_zone.hpp"

namespace flowspan::app {

Result<std::unique_ptr<CollectScreen>> CollectScreen::open(const Configuration& configuration) {
  (void)query::TimeZone::parse("local");
  auto log = tui::CapturedStderr::begin();
  if (!log) return fail(log.error());
  // A collector that is suspended loses what comes.
  auto terminal = tui::Terminal::open({.mouse = false, .suspend = false});
  if (!terminal) return fail(terminal.error());
  return std::unique_ptr<CollectScreen>(new CollectScreen(configuration, std::move(*terminal), std::move(*log)));
}

CollectScreen::CollectScreen(const Configuration& configuration, std::unique_ptr<tui::Terminal> terminal,
                             std::unique_ptr<tui::CapturedStderr> log)
    : log_(std::move(log)), terminal_(std::move(terminal)), thread_([this, configuration] { show(configuration); }) {}

CollectScreen::~CollectScreen() {
  stop_ = true;
  thread_.join();
}

void CollectScreen::show(const Configuration& configuration) {
  {
    ScreenFeed feed(configuration.store, configuration.exporters, [this] { return log_->take(); });
    tui::Screen screen({.collecting = true, .utc = false});
    const tui::Ended ended = tui::run(*terminal_, screen, feed, [this] { return stop_.load(); });
    if (ended == tui::Ended::quit) ::kill(::getpid(), SIGINT);  // the main thread waits for it
  }
  ended_ = true;
}

}  // namespace flowspan::app
