// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>

namespace flowspan {
namespace {

struct Unit {
  std::string_view name;
  Duration length;
};
constexpr std::array units{Unit{"w", 7 * day}, Unit{"d", day},          Unit{"h", hour},         Unit{"m", minute},
                           Unit{"s", second},  Unit{"ms", millisecond}, Unit{"us", microsecond}, Unit{"ns", 1}};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

/// A text that is read from its front.
struct Cursor {
  std::string_view rest;

  bool skip(char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  template <typename Is>
  std::string_view take(Is is) {
    std::size_t size = 0;
    while (size < rest.size() && is(rest[size])) ++size;
    const auto taken = rest.substr(0, size);
    rest.remove_prefix(size);
    return taken;
  }
  /// Exactly `width` digits.
  std::optional<int> number(std::size_t width) {
    if (rest.size() < width) return std::nullopt;
    int value = 0;
    for (const char c : rest.substr(0, width)) {
      if (!is_digit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest.remove_prefix(width);
    return value;
  }
  /// ".5" as nanoseconds, one to nine digits; nothing at all is 0.
  std::optional<Duration> fraction() {
    if (!skip('.')) return 0;
    const auto digits = take(is_digit);
    if (digits.empty() || digits.size() > 9) return std::nullopt;
    Duration value = 0;
    for (std::size_t i = 0; i < 9; ++i) value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    return value;
  }
};

/// `fraction` is 0 or more: half a second before 1970 is -1 s and 500,000,000 ns.
std::optional<Time> join(std::int64_t seconds, Duration fraction) {
  if (seconds < 0 && fraction > 0) {  // so that the very first nanoseconds of 1677 do not overflow on their way
    ++seconds;
    fraction -= second;
  }
  Time time = 0;
  if (__builtin_mul_overflow(seconds, second, &time) || __builtin_add_overflow(time, fraction, &time))
    return std::nullopt;
  return time;
}

tl::unexpected<Error> not_a_time(std::string_view text) {
  return fail(
      "'" + std::string(text) + "' is no time: write e.g. 2026-11-23, 2026-11-23T16:30:05.123Z, now-1h or @1764000000",
      ErrorKind::usage);
}

tl::unexpected<Error> out_of_range(std::string_view text) {
  return fail("'" + std::string(text) + "' is out of range: write a time from 1678 to 2261", ErrorKind::usage);
}

Result<Time> parse_iso(std::string_view text) {
  namespace chrono = std::chrono;
  Cursor in{text};
  const auto year = in.number(4);
  if (!year || !in.skip('-')) return not_a_time(text);
  const auto month = in.number(2);
  if (!month) return not_a_time(text);
  const bool has_day = in.skip('-');
  const auto day_of_month = has_day ? in.number(2) : std::optional{1};
  if (!day_of_month) return not_a_time(text);
  const auto date = chrono::year{*year} / chrono::month(static_cast<unsigned>(*month)) /
                    chrono::day(static_cast<unsigned>(*day_of_month));
  if (!date.ok())
    return fail("'" + std::string(text) + "' is no day of the calendar: check its month and day", ErrorKind::usage);

  std::int64_t seconds = chrono::sys_seconds(chrono::sys_days(date)).time_since_epoch().count();
  Duration fraction = 0;
  if (has_day && in.skip('T')) {
    const auto hours = in.number(2);
    const bool has_minutes = hours && in.skip(':');
    const auto minutes = has_minutes ? in.number(2) : std::optional{0};
    const bool has_seconds = has_minutes && minutes && in.skip(':');
    const auto whole = has_seconds ? in.number(2) : std::optional{0};
    const auto part = has_seconds && whole ? in.fraction() : std::optional<Duration>{0};
    if (!hours || !minutes || !whole || !part) return not_a_time(text);
    if (*hours > 23 || *minutes > 59 || *whole > 59)
      return fail("'" + std::string(text) + "' is no time of day: write 00:00:00 to 23:59:59", ErrorKind::usage);
    seconds += *hours * 3600 + *minutes * 60 + *whole;
    fraction = *part;

    if (const int sign = in.skip('+') ? 1 : in.skip('-') ? -1 : 0; sign != 0) {
      const auto zone_hours = in.number(2);
      const auto zone_minutes = in.skip(':') ? in.number(2) : std::nullopt;
      if (!zone_hours || !zone_minutes || *zone_hours > 23 || *zone_minutes > 59)
        return fail("'" + std::string(text) + "' has no readable zone: write Z, +01:00 or nothing for UTC",
                    ErrorKind::usage);
      seconds -= sign * (*zone_hours * 3600 + *zone_minutes * 60);
    } else {
      in.skip('Z');
    }
  }
  if (!in.rest.empty()) return not_a_time(text);
  const auto time = join(seconds, fraction);
  if (!time) return out_of_range(text);
  return *time;
}

Result<Time> parse_epoch(std::string_view text) {
  Cursor in{text.substr(1)};
  const bool negative = in.skip('-');
  const auto digits = in.take(is_digit);
  const auto fraction = in.fraction();
  if (digits.empty() || !fraction || !in.rest.empty()) return not_a_time(text);
  std::int64_t seconds = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), seconds).ec != std::errc{})
    return out_of_range(text);
  if (negative) seconds = *fraction > 0 ? -seconds - 1 : -seconds;
  const auto time = join(seconds, negative && *fraction > 0 ? second - *fraction : *fraction);
  if (!time) return out_of_range(text);
  return *time;
}

Result<Time> parse_relative(std::string_view text, Time now) {
  const auto offset = text.substr(3);
  if (offset.empty()) return now;
  if (offset[0] != '+' && offset[0] != '-') return not_a_time(text);
  const auto length = parse_duration(offset.substr(1));
  if (!length)
    return fail("'" + std::string(text) + "' is no time: write e.g. now-1h, now-1h30m or now+5m", ErrorKind::usage);
  Time time = 0;
  const bool overflow =
      offset[0] == '+' ? __builtin_add_overflow(now, *length, &time) : __builtin_sub_overflow(now, *length, &time);
  if (overflow) return out_of_range(text);
  return time;
}

}  // namespace

Time now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

Time monotonic_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

Result<Duration> parse_duration(std::string_view text) {
  const auto bad = [&] {
    return fail("'" + std::string(text) + "' is no length of time: write e.g. 250ms, 15m, 1h30m or 7d",
                ErrorKind::usage);
  };
  const auto too_long = [&] {
    return fail("'" + std::string(text) + "' is too long: write at most 292 years, 106751d", ErrorKind::usage);
  };
  Cursor in{text};
  Duration total = 0;
  Duration last = 0;
  bool overflow = false;
  do {
    const auto digits = in.take(is_digit);
    const auto name = in.take(is_letter);
    if (digits.empty()) return bad();
    std::size_t i = 0;
    while (i < units.size() && units[i].name != name) ++i;
    if (i == units.size() || (last != 0 && units[i].length >= last)) return bad();  // "30m1h", "1h1h" are slips
    last = units[i].length;
    Duration count = 0;
    overflow |= std::from_chars(digits.data(), digits.data() + digits.size(), count).ec != std::errc{};
    overflow |= __builtin_mul_overflow(count, last, &count);
    overflow |= __builtin_add_overflow(total, count, &total);
  } while (!in.rest.empty());
  if (overflow) return too_long();
  return total;
}

std::string duration_text(Duration duration) {
  if (duration == 0) return "0s";
  std::string text = duration < 0 ? "-" : "";
  auto rest = static_cast<std::uint64_t>(duration);
  if (duration < 0) rest = 0 - rest;  // the smallest Duration has no positive twin
  for (const Unit& unit : units) {
    const auto length = static_cast<std::uint64_t>(unit.length);
    if (unit.name == "w" && rest % length != 0) continue;  // "30d", not "4w2d"
    if (rest >= length) text += std::to_string(rest / length).append(unit.name);
    rest %= length;
  }
  return text;
}

Result<Time> parse_time(std::string_view text, Time now) {
  if (text.starts_with("now")) return parse_relative(text, now);
  if (text.starts_with('@')) return parse_epoch(text);
  return parse_iso(text);
}

std::string time_text(Time time) {
  namespace chrono = std::chrono;
  const chrono::sys_time<chrono::nanoseconds> point{chrono::nanoseconds{time}};
  const auto whole = chrono::floor<chrono::seconds>(point);
  const auto midnight = chrono::floor<chrono::days>(whole);
  const chrono::year_month_day date{midnight};
  const auto clock = (whole - midnight).count();
  Duration fraction = time % second;
  if (fraction < 0) fraction += second;  // before 1970, as `whole` is the second below

  std::string text;
  const auto append = [&text](std::int64_t value, std::size_t width) {
    text.append(width, '0');
    for (auto at = text.rbegin(); width > 0; --width, ++at, value /= 10) *at = static_cast<char>('0' + value % 10);
  };
  append(static_cast<int>(date.year()), 4);
  text += '-';
  append(static_cast<unsigned>(date.month()), 2);
  text += '-';
  append(static_cast<unsigned>(date.day()), 2);
  text += 'T';
  append(clock / 3600, 2);
  text += ':';
  append(clock / 60 % 60, 2);
  text += ':';
  append(clock % 60, 2);
  if (fraction != 0) {
    text += '.';
    if (fraction % millisecond == 0)
      append(fraction / millisecond, 3);
    else if (fraction % microsecond == 0)
      append(fraction / microsecond, 6);
    else
      append(fraction, 9);
  }
  text += 'Z';
  return text;
}

}  // namespace flowspan
