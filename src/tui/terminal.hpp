// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "tui/cells.hpp"
#include "tui/crash_restore.hpp"
#include "tui/keys.hpp"

namespace flowspan::tui {

struct TerminalOptions {
  bool mouse = true;
  bool suspend = true;  ///< Ctrl-Z stops the process; false: it is ignored
};

/// The terminal of this process while a screen is on it; as it was before once this is destroyed, or the process
/// crashes. There is one at a time; one thread uses it. Colours as far as the terminal has them, none with NO_COLOR; plain
/// ASCII where the locale is not UTF-8.
class Terminal {
 public:
  /// Stdin and stdout are a terminal that can be drawn on.
  static bool usable();
  /// Starts no thread and expects SIGINT and SIGTERM to be blocked: whoever calls looks after them.
  static Result<std::unique_ptr<Terminal>> open(TerminalOptions options);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  int width() const;
  int height() const;
  void show(const Cells& cells);
  /// Waits at most so long; Kind::none when nothing came.
  Key read(Duration at_most);

 private:
  explicit Terminal(TerminalOptions options);
  void choose_colours();
  void suspend_if_asked();
  bool resized();
  Key translate(int kind, unsigned code);

  struct Looks;  // ncurses' attributes for each role
  TerminalOptions options_;
  bool utf8_ = false;
  bool redraw_ = false;
  int silent_reads_ = 0;  // the terminal said that something is there, and nothing was
  std::unique_ptr<Looks> looks_;
  std::unique_ptr<CrashRestore> crash_restore_;
};

}  // namespace flowspan::tui
