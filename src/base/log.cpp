// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <memory>
#include <string>

namespace flowspan::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: break;
  }
  return spdlog::level::err;
}

/// Never destroyed, so that other threads and destructors may still log while the process ends.
spdlog::logger& logger() {
  static spdlog::logger& instance = *[] {
    auto made = std::make_unique<spdlog::logger>("flowspan", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l: %v", spdlog::pattern_time_type::utc));
    made->set_level(spdlog::level::info);
    return made.release();
  }();
  return instance;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

void set_level(Level level) { logger().set_level(to_spdlog(level)); }

void write(Level level, std::string_view text) {
  if (!logger().should_log(to_spdlog(level))) return;
  // One line a message, whatever an exporter sent: no line of its making, no terminal codes.
  std::string clean(text);
  std::replace_if(clean.begin(), clean.end(), is_control, ' ');
  logger().log(to_spdlog(level), spdlog::string_view_t(clean.data(), clean.size()));
}

void Limiter::write(Level level, std::string_view text) {
  if (!logger().should_log(to_spdlog(level))) return;  // what is not printed must not hold back what is
  const Time time = monotonic_now();
  Time next = next_.load();
  if (time < next || !next_.compare_exchange_strong(next, time + interval_)) {
    ++held_;
    return;
  }
  const auto held = held_.exchange(0);
  if (held == 0) return log::write(level, text);
  log::write(level, std::string(text) + " (" + std::to_string(held) + " more held back)");
}

}  // namespace flowspan::log
