// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/time.hpp"

// What the commands ask of the operating system, in one place.

namespace flowspan::app {

bool stderr_is_terminal();
/// Ends early when a signal comes.
void sleep_for(Duration duration);

/// While it lives, Ctrl-C and SIGTERM raise it instead of ending the process; the second one ends it.
class InterruptFlag {
 public:
  InterruptFlag();
  ~InterruptFlag();
  InterruptFlag(const InterruptFlag&) = delete;
  InterruptFlag& operator=(const InterruptFlag&) = delete;
  const std::atomic<bool>& raised() const;
};

struct OpenFilesLimit {
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};
OpenFilesLimit open_files_limit();
std::uint64_t memory_bytes();
unsigned processors();

/// What this process takes of the machine.
struct ProcessUse {
  Duration cpu = 0;  ///< user and system
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t most_open_files = 0;
};
ProcessUse process_use();

/// adjtimex(2): whether something keeps the clock right; nothing where that cannot be asked.
std::optional<bool> clock_is_synchronised();

/// The number of a user or group, given by name or number.
std::optional<std::uint32_t> find_user(const std::string& name);
std::optional<std::uint32_t> find_group(const std::string& name);
bool is_root();
/// Whether this process may make files there.
bool may_write(const std::filesystem::path& folder);
std::optional<std::uint32_t> owner_of(const std::filesystem::path& path);

}  // namespace flowspan::app
