// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/file.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace flowspan {

/// Lets one thread wait for another. A wake that comes before the wait is not lost.
class Wakeup {
 public:
  static Result<Wakeup> create();

  /// Any thread, also a signal handler.
  void wake() const;
  /// Until wake(), or the time is over.
  void wait(Duration at_most) const;

 private:
  explicit Wakeup(FileDescriptor fd) : fd_(std::move(fd)) {}
  FileDescriptor fd_;
};

/// What tools that list threads show for this one; 15 characters at most.
void name_this_thread(const std::string& name);

}  // namespace flowspan
