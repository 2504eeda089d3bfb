// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/crash_restore.hpp"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>

namespace flowspan::tui {
namespace {

constexpr std::array crashes{SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT};
constexpr std::size_t stack_bytes = 64 * 1024;

/// A signal handler has nothing else to look at.
struct {
  std::array<char, 1024> sequence;
  std::size_t length;
  termios settings;
  bool has_settings;
  std::array<struct sigaction, crashes.size()> before;
  volatile sig_atomic_t armed;
  volatile int from = -1;
  volatile int to = -1;
} at_crash;

// Only what POSIX calls async-signal-safe.
extern "C" void restore_and_die(int number) {
  if (at_crash.armed != 0) {
    at_crash.armed = 0;
    (void)!::write(STDOUT_FILENO, at_crash.sequence.data(), at_crash.length);
    if (at_crash.has_settings) ::tcsetattr(STDIN_FILENO, TCSANOW, &at_crash.settings);
    if (at_crash.from >= 0) {
      std::array<char, 4096> text;
      for (ssize_t got = 0; (got = ::read(at_crash.from, text.data(), text.size())) > 0;)
        (void)!::write(at_crash.to, text.data(), static_cast<std::size_t>(got));
    }
  }
  for (std::size_t i = 0; i < crashes.size(); ++i)
    if (crashes[i] == number) ::sigaction(number, &at_crash.before[i], nullptr);
  ::raise(number);  // comes when this returns
}

}  // namespace

CrashRestore::CrashRestore() { at_crash.has_settings = ::tcgetattr(STDIN_FILENO, &at_crash.settings) == 0; }

void CrashRestore::arm(std::string_view sequence) {
  at_crash.length = std::min(sequence.size(), at_crash.sequence.size());
  std::copy_n(sequence.begin(), at_crash.length, at_crash.sequence.begin());
  // This thread's crash may be that its stack is used up. Kept for ever, for it may be in use at the end.
  static void* const stack = std::malloc(stack_bytes);
  stack_t alternative{};
  alternative.ss_sp = stack;
  alternative.ss_size = stack_bytes;
  if (stack != nullptr) ::sigaltstack(&alternative, nullptr);
  struct sigaction action {};
  action.sa_handler = restore_and_die;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < crashes.size(); ++i) ::sigaction(crashes[i], &action, &at_crash.before[i]);
  at_crash.armed = 1;
}

CrashRestore::~CrashRestore() {
  if (at_crash.armed == 0) return;
  at_crash.armed = 0;
  for (std::size_t i = 0; i < crashes.size(); ++i) ::sigaction(crashes[i], &at_crash.before[i], nullptr);
}

void show_in_crash(int from, int to) {
  at_crash.from = from;
  at_crash.to = to;
}

}  // namespace flowspan::tui
