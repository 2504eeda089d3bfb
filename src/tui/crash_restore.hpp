// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace flowspan::tui {

/// While it lives, a process that crashes (SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT) first puts the terminal
/// back as it was when this was made. There is one at a time.
class CrashRestore {
 public:
  /// Remembers how the terminal is set.
  CrashRestore();
  ~CrashRestore();
  CrashRestore(const CrashRestore&) = delete;
  CrashRestore& operator=(const CrashRestore&) = delete;

  /// From now on; `sequence` is what the terminal must be told.
  void arm(std::string_view sequence);
};

/// What waits in the pipe `from` is written to `to` in a crash, so that its reason is read. -1: nothing.
void show_in_crash(int from, int to);

}  // namespace flowspan::tui
