// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace flowspan {

/// Nanoseconds since 1970-01-01T00:00:00Z. Reaches from 1677 to 2262.
using Time = std::int64_t;
/// A length of time in nanoseconds.
using Duration = std::int64_t;

inline constexpr Duration microsecond = 1'000;
inline constexpr Duration millisecond = 1'000'000;
inline constexpr Duration second = 1'000'000'000;
inline constexpr Duration minute = 60 * second;
inline constexpr Duration hour = 60 * minute;
inline constexpr Duration day = 24 * hour;

/// The wall clock.
Time now();
/// A clock that never steps, for waiting and measuring.
Time monotonic_now();

/// "250ms", "15m", "1h30m", "7d", "2w"; a bare number has no unit and is refused.
Result<Duration> parse_duration(std::string_view text);
/// The shortest exact text that parse_duration reads: "1h30m"; before a negative one stands a "-", which it refuses.
std::string duration_text(Duration duration);

/// ISO 8601 ("2026-11", "2026-11-23", "2026-11-23T16", "2026-11-23T16:30", "…:05.123Z", "…+01:00"; without a zone:
/// UTC), "now", "now-1h", "now+5m", or seconds since 1970 ("@1764000000.5"). `now` is what "now" means.
Result<Time> parse_time(std::string_view text, Time now);
/// "2026-11-23T16:30:05.123Z": UTC, with as many of 0, 3, 6 or 9 decimals as it needs.
std::string time_text(Time time);

}  // namespace flowspan
