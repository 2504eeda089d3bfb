// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "app/configuration.hpp"
#include "base/result.hpp"
#include "tui/captured_stderr.hpp"
#include "tui/run.hpp"
#include "tui/terminal.hpp"

namespace flowspan::app {

/// The screen of a collecting process, in a thread of its own; what is logged goes to its messages. It sees the store as
/// any other process does and shares nothing with the collector.
class CollectScreen {
 public:
  static Result<std::unique_ptr<CollectScreen>> open(const Configuration& configuration);
  /// The terminal and stderr are as before.
  ~CollectScreen();

  /// The user has left it or the terminal is gone: collecting goes on. To stop collecting it sends this process SIGINT,
  /// as Ctrl-C does.
  bool ended() const { return ended_; }

 private:
  CollectScreen(const Configuration& configuration, std::unique_ptr<tui::Terminal> terminal,
                std::unique_ptr<tui::CapturedStderr> log);
  void show(const Configuration& configuration);

  std::unique_ptr<tui::CapturedStderr> log_;  // goes last, so that what it holds is written below the screen
  std::unique_ptr<tui::Terminal> terminal_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace flowspan::app
