// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/signals.hpp"

#include <csignal>

namespace flowspan::app {
namespace {

sigset_t caught() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
  return set;
}

}  // namespace

void catch_signals() {
  const sigset_t set = caught();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

std::optional<int> wait_for_signal(Duration at_most) {
  const sigset_t set = caught();
  const timespec timeout{at_most / second, at_most % second};
  const int number = sigtimedwait(&set, nullptr, &timeout);
  if (number < 0) return std::nullopt;
  return number;
}

}  // namespace flowspan::app
