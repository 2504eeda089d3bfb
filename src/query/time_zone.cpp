// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/time_zone.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>

namespace flowspan::query {
namespace {

bool exists(const std::string& zone) {
  std::error_code code;
  const bool inside = zone.find("..") == std::string::npos && !zone.starts_with('/');
  return inside && std::filesystem::is_regular_file("/usr/share/zoneinfo/" + zone, code);
}

}  // namespace

Result<TimeZone> TimeZone::parse(std::string_view name) {
  TimeZone zone;
  if (name == "UTC" || name.empty()) return zone;
  if (name != "local") {
    const std::string text(name);
    if (!exists(text))
      return fail(fmt::format("--tz: there is no time zone '{}' here: write e.g. Europe/Prague, local or UTC", name),
                  ErrorKind::usage);
    ::setenv("TZ", text.c_str(), 1);
  }
  ::tzset();
  zone.utc_ = false;
  return zone;
}

std::string TimeZone::text(const engine::Timestamp& timestamp) const {
  if (utc_) return engine::to_text(timestamp);
  auto seconds = static_cast<time_t>(timestamp.time / second);
  if (timestamp.time % second < 0) --seconds;
  struct tm local {};
  if (::localtime_r(&seconds, &local) == nullptr) return engine::to_text(timestamp);
  const long offset = local.tm_gmtoff;
  auto text = engine::to_text(engine::Timestamp{timestamp.time + offset * second, timestamp.decimals});
  text.pop_back();  // the Z
  const long minutes = (offset < 0 ? -offset : offset) / 60;
  return text + fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace flowspan::query
