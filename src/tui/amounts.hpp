// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/time.hpp"

namespace flowspan::tui {

/// In at most 5 columns: "0", "999", "12.3k", "1.23M", "456G". Powers of 1000.
std::string short_amount(double value);
/// "3s", "5m12s", "1h02m", "3d04h"; what lies in the future is "0s".
std::string age_text(Duration age);
/// One column for each value, the highest of all is the full height; nothing is " ", and everything above it is seen.
std::string sparkline(std::span<const float> values, int width);
/// A bar of `share` (0 … 1) of the width.
std::string bar(double share, int width);
/// Seconds since 1970 with milliseconds, as GDP shows times: "1764000000.123".
std::string unix_time(Time time);
/// Local time (or UTC): "16:30:05.123", of another day than `now` "11-22 16:30:05".
std::string clock_time(Time time, Time now, bool utc);
/// "TCP", "UDP", "ICMP" …, or the number.
std::string protocol_name(unsigned protocol);

}  // namespace flowspan::tui
