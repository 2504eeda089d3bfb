// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/amounts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <string_view>

namespace flowspan::tui {
namespace {

std::tm broken_down(Time time, bool utc) {
  const auto seconds = static_cast<std::time_t>(time / second - (time % second < 0 ? 1 : 0));
  std::tm parts{};
  if (utc)
    gmtime_r(&seconds, &parts);
  else
    localtime_r(&seconds, &parts);
  return parts;
}

Time milliseconds_of(Time time) { return (time % second + second) % second / millisecond; }

}  // namespace

std::string short_amount(double value) {
  constexpr std::string_view units = " kMGTPEZY";
  if (!(value > 0)) return "0";
  if (value < 0.95) return fmt::format("{:.1f}", std::max(value, 0.1));
  if (value < 9.95 && value != std::floor(value)) return fmt::format("{:.1f}", value);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  if (unit == 0) return fmt::format("{:.0f}", value);
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}{}", value, decimals, units[unit]);
}

std::string age_text(Duration age) {
  const auto seconds = std::max<Duration>(age, 0) / second;
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  if (seconds < 86400) return fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
  if (seconds < 100 * 86400) return fmt::format("{}d{:02}h", seconds / 86400, seconds / 3600 % 24);
  return fmt::format("{}d", seconds / 86400);
}

std::string sparkline(std::span<const float> values, int width) {
  constexpr std::array<std::string_view, 9> heights{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const auto room = static_cast<std::size_t>(std::max(width, 0));
  if (values.size() > room) values = values.last(room);
  const float most = values.empty() ? 0 : *std::max_element(values.begin(), values.end());
  std::string line(room - values.size(), ' ');
  for (const float value : values) {
    const bool seen = most > 0 && value > 0;
    line += heights[seen ? std::clamp<std::size_t>(static_cast<std::size_t>(std::ceil(value / most * 8)), 1, 8) : 0];
  }
  return line;
}

std::string bar(double share, int width) {
  constexpr std::array<std::string_view, 8> parts{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (width <= 0 || !(share > 0)) return {};
  const auto eighths = static_cast<std::size_t>(std::lround(std::min(share, 1.0) * width * 8));
  std::string line;
  for (std::size_t i = 0; i < eighths / 8; ++i) line += "█";
  return line.append(eighths == 0 ? parts[1] : parts[eighths % 8]);
}

std::string unix_time(Time time) {
  return fmt::format("{}.{:03}", (time - (time % second + second) % second) / second, milliseconds_of(time));
}

std::string clock_time(Time time, Time now, bool utc) {
  const std::tm parts = broken_down(time, utc);
  const std::tm today = broken_down(now, utc);
  if (parts.tm_yday == today.tm_yday && parts.tm_year == today.tm_year)
    return fmt::format("{:02}:{:02}:{:02}.{:03}", parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds_of(time));
  if (parts.tm_year == today.tm_year)
    return fmt::format("{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                       parts.tm_sec);
  return fmt::format("{}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

std::string protocol_name(unsigned protocol) {
  switch (protocol) {
    case 1: return "ICMP";
    case 2: return "IGMP";
    case 4: return "IPIP";
    case 6: return "TCP";
    case 17: return "UDP";
    case 41: return "IPv6";
    case 47: return "GRE";
    case 50: return "ESP";
    case 51: return "AH";
    case 58: return "ICMP6";
    case 88: return "EIGRP";
    case 89: return "OSPF";
    case 103: return "PIM";
    case 112: return "VRRP";
    case 132: return "SCTP";
    default: return std::to_string(protocol);
  }
}

}  // namespace flowspan::tui
