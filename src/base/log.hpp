// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/time.hpp"

namespace flowspan::log {

enum class Level { debug, info, warning, error };

/// Messages go to stderr, one line each, with time and level. Below the level nothing is printed.
void set_level(Level level);
void write(Level level, std::string_view text);
inline void info(std::string_view text) { write(Level::info, text); }
inline void warn(std::string_view text) { write(Level::warning, text); }
inline void error(std::string_view text) { write(Level::error, text); }

/// Lets a recurring message through at most once an interval and says how many were held back.
class Limiter {
 public:
  explicit Limiter(Duration interval = 10 * second) : interval_(interval) {}
  void write(Level level, std::string_view text);

 private:
  Duration interval_;
  std::atomic<Time> next_{0};
  std::atomic<std::uint64_t> held_{0};
};

}  // namespace flowspan::log
