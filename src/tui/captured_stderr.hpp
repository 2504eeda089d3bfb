// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"

namespace flowspan::tui {

/// While it lives, what this process and its children write to stderr does not tear the screen, but waits to be taken.
/// Nobody who writes is ever held up: what finds no room is lost. Where stderr is no terminal it gets the lines as well.
class CapturedStderr {
 public:
  static Result<std::unique_ptr<CapturedStderr>> begin();
  /// Stderr is what it was, and gets what was not taken.
  ~CapturedStderr();
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;

  /// Whole lines since the last time.
  std::vector<std::string> take();

 private:
  CapturedStderr(FileDescriptor pipe, FileDescriptor before);

  FileDescriptor pipe_;    // reading end
  FileDescriptor before_;  // what stderr was
  bool repeat_;            // lines also go there
  std::string rest_;       // of a line
};

}  // namespace flowspan::tui
