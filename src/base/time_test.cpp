// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace flowspan {
namespace {

constexpr Time first = std::numeric_limits<Time>::min();
constexpr Time last = std::numeric_limits<Time>::max();
constexpr Time moment = 1'795'451'405 * second;  // 2026-11-23T16:30:05Z

/// What parse_time makes of a text, written out; or the kind of refusal.
std::string read_time(std::string_view text, Time now = moment) {
  const auto time = parse_time(text, now);
  return time ? time_text(*time) : "refused: " + time.error().text;
}
std::string read_duration(std::string_view text) {
  const auto duration = parse_duration(text);
  return duration ? std::to_string(*duration) : "refused: " + duration.error().text;
}

TEST(ParseDuration, reads_every_unit) {
  EXPECT_EQ(parse_duration("5ns").value(), 5);
  EXPECT_EQ(parse_duration("5us").value(), 5 * microsecond);
  EXPECT_EQ(parse_duration("250ms").value(), 250 * millisecond);
  EXPECT_EQ(parse_duration("30s").value(), 30 * second);
  EXPECT_EQ(parse_duration("15m").value(), 15 * minute);
  EXPECT_EQ(parse_duration("2h").value(), 2 * hour);
  EXPECT_EQ(parse_duration("7d").value(), 7 * day);
  EXPECT_EQ(parse_duration("2w").value(), 14 * day);
  EXPECT_EQ(parse_duration("0s").value(), 0);
}

TEST(ParseDuration, reads_several_units_from_large_to_small) {
  EXPECT_EQ(parse_duration("1h30m").value(), 90 * minute);
  EXPECT_EQ(parse_duration("1w1d1h1m1s1ms1us1ns").value(),
            8 * day + hour + minute + second + millisecond + microsecond + 1);
}

TEST(ParseDuration, refuses_a_bare_number) {
  EXPECT_EQ(read_duration("15"), "refused: '15' is no length of time: write e.g. 250ms, 15m, 1h30m or 7d");
  EXPECT_EQ(parse_duration("15").error().kind, ErrorKind::usage);
  EXPECT_FALSE(parse_duration("1h30"));
  EXPECT_FALSE(parse_duration("0"));
}

TEST(ParseDuration, refuses_what_is_none) {
  for (const char* text :
       {"", "h", "m15", "-5m", "+5m", "1.5h", "5M", "5min", "5 m", " 5m", "5m ", "30m1h", "1h1h", "5y"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(ParseDuration, refuses_more_than_292_years) {
  EXPECT_TRUE(parse_duration("106751d"));
  for (const char* text :
       {"106752d", "106751d24h", "99999999999999999999s", "99999999999999w", "9223372036854775808ns"})
    EXPECT_EQ(read_duration(text),
              "refused: '" + std::string(text) + "' is too long: write at most 292 years, 106751d");
  EXPECT_EQ(parse_duration("9223372036854775807ns").value(), last);
  EXPECT_FALSE(parse_duration("99999999999999999999s5")) << "a wrong form stays a wrong form";
}

TEST(DurationText, is_the_shortest_exact_text) {
  EXPECT_EQ(duration_text(0), "0s");
  EXPECT_EQ(duration_text(90 * minute), "1h30m");
  EXPECT_EQ(duration_text(1500 * millisecond), "1s500ms");
  EXPECT_EQ(duration_text(14 * day), "2w");
  EXPECT_EQ(duration_text(30 * day), "30d");
  EXPECT_EQ(duration_text(36 * hour), "1d12h");
  EXPECT_EQ(duration_text(-90 * second), "-1m30s");
  EXPECT_EQ(duration_text(first), "-106751d23h47m16s854ms775us808ns");
}

TEST(DurationText, is_read_back_as_the_same) {
  for (const Duration duration : {Duration{1}, 999 * microsecond, 61 * second, 7 * day, 7 * day + 1, last})
    EXPECT_EQ(parse_duration(duration_text(duration)).value(), duration);
}

TEST(ParseTime, reads_iso_8601) {
  EXPECT_EQ(parse_time("2026-11-23T16:30:05Z", 0).value(), moment);
  EXPECT_EQ(parse_time("1970-01-01", 7).value(), 0);
  EXPECT_EQ(read_time("2026-11-23"), "2026-11-23T00:00:00Z");
  EXPECT_EQ(read_time("2026-11-23T16:30"), "2026-11-23T16:30:00Z");
  EXPECT_EQ(read_time("2026-11-23T16:30:05.123Z"), "2026-11-23T16:30:05.123Z");
  EXPECT_EQ(read_time("2026-11-23T16:30:05.1"), "2026-11-23T16:30:05.100Z");
  EXPECT_EQ(read_time("2026-11-23T16:30:05.123456789"), "2026-11-23T16:30:05.123456789Z");
}

TEST(ParseTime, reads_partial_forms_as_their_beginning) {
  EXPECT_EQ(read_time("2026-11"), "2026-11-01T00:00:00Z");
  EXPECT_EQ(read_time("2026-11-23T16"), "2026-11-23T16:00:00Z");
  EXPECT_EQ(read_time("2026-11-23T16Z"), "2026-11-23T16:00:00Z");
}

TEST(ParseTime, moves_a_zone_to_utc) {
  EXPECT_EQ(read_time("2026-11-23T16:30:05+01:00"), "2026-11-23T15:30:05Z");
  EXPECT_EQ(read_time("2026-11-23T16:30:05.5-05:30"), "2026-11-23T22:00:05.500Z");
  EXPECT_EQ(read_time("2026-01-01T00:30+01:00"), "2025-12-31T23:30:00Z");
  EXPECT_EQ(read_time("2026-11-23T16+00:00"), "2026-11-23T16:00:00Z");
  EXPECT_EQ(read_time("2026-11-23T16:30+0100"),
            "refused: '2026-11-23T16:30+0100' has no readable zone: write Z, +01:00 or nothing for UTC");
  for (const char* text : {"2026-11-23T16:30+1:00", "2026-11-23T16:30+24:00", "2026-11-23T16:30+01:60", "2026-11-23Z",
                           "2026-11-23T16:30+01:00Z", "2026-11-23+01:00", "2026-11-23T16:30z"})
    EXPECT_FALSE(parse_time(text, 0)) << text;
}

TEST(ParseTime, refuses_days_that_are_not_in_the_calendar) {
  EXPECT_EQ(read_time("2026-02-30"), "refused: '2026-02-30' is no day of the calendar: check its month and day");
  for (const char* text :
       {"2026-02-29", "2100-02-29", "2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00", "2026-13"})
    EXPECT_FALSE(parse_time(text, 0)) << text;
  EXPECT_EQ(read_time("2024-02-29"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(read_time("2000-02-29"), "2000-02-29T00:00:00Z");
}

TEST(ParseTime, refuses_times_that_are_not_in_the_day) {
  for (const char* text : {"2026-11-23T24:00", "2026-11-23T16:60", "2026-11-23T16:30:60", "2026-11-23T99"})
    EXPECT_FALSE(parse_time(text, 0)) << text;
}

TEST(ParseTime, refuses_what_is_none_and_says_what_to_write) {
  EXPECT_EQ(read_time("yesterday"),
            "refused: 'yesterday' is no time: write e.g. 2026-11-23, 2026-11-23T16:30:05.123Z, now-1h or @1764000000");
  EXPECT_EQ(parse_time("yesterday", 0).error().kind, ErrorKind::usage);
  for (const char* text : {"",
                           "2026",
                           "2026-",
                           "2026-1-1",
                           "26-11-23",
                           "20261123",
                           "2026-11-",
                           "2026/11/23",
                           "2026-11-23 16:30",
                           "2026-11-23T",
                           "2026-11-23T1",
                           "2026-11-23T16:",
                           "2026-11-23T16:3",
                           "2026-11-23T16:30:",
                           "2026-11-23T16:30:05.",
                           "2026-11-23T16:30:05.1234567890",
                           "2026-11-23T16.5",
                           "2026-11-23T16:30:05Zulu",
                           "2026-11T16",
                           "2026-11Z",
                           " 2026-11-23",
                           "2026-11-23 ",
                           "+2026-11-23",
                           "-026-11-23",
                           "1764000000"})
    EXPECT_FALSE(parse_time(text, 0)) << text;
}

TEST(ParseTime, reads_times_relative_to_now) {
  EXPECT_EQ(parse_time("now", moment).value(), moment);
  EXPECT_EQ(parse_time("now-1h", moment).value(), moment - hour);
  EXPECT_EQ(parse_time("now+5m", moment).value(), moment + 5 * minute);
  EXPECT_EQ(parse_time("now-1h30m", moment).value(), moment - 90 * minute);
  EXPECT_EQ(read_time("now-5"), "refused: 'now-5' is no time: write e.g. now-1h, now-1h30m or now+5m");
  for (const char* text : {"now-", "now1h", "now -1h", "nowadays", "now--1h", "Now"})
    EXPECT_FALSE(parse_time(text, moment)) << text;
}

TEST(ParseTime, refuses_relative_times_out_of_range) {
  EXPECT_EQ(read_time("now+106751d"), "refused: 'now+106751d' is out of range: write a time from 1678 to 2261");
  EXPECT_FALSE(parse_time("now-1ns", first));
  EXPECT_TRUE(parse_time("now-106751d", 0));
}

TEST(ParseTime, reads_seconds_since_1970) {
  EXPECT_EQ(parse_time("@1795451405", 0).value(), moment);
  EXPECT_EQ(parse_time("@1795451405.5", 0).value(), moment + 500 * millisecond);
  EXPECT_EQ(parse_time("@0.000000001", 0).value(), 1);
  EXPECT_EQ(parse_time("@-1", 0).value(), -second);
  EXPECT_EQ(parse_time("@-1.25", 0).value(), -1250 * millisecond);
  EXPECT_EQ(parse_time("@-0.5", 0).value(), -500 * millisecond);
  for (const char* text : {"@", "@-", "@+1", "@.5", "@1.", "@1.2.3", "@1s", "@1e9", "@0x10", "@--1", "@1.0000000001"})
    EXPECT_FALSE(parse_time(text, 0)) << text;
}

TEST(ParseTime, reaches_from_1677_to_2262_and_not_beyond) {
  EXPECT_EQ(parse_time("1677-09-21T00:12:43.145224192Z", 0).value(), first);
  EXPECT_EQ(parse_time("2262-04-11T23:47:16.854775807Z", 0).value(), last);
  EXPECT_EQ(parse_time("@-9223372036.854775808", 0).value(), first);
  EXPECT_EQ(parse_time("@9223372036.854775807", 0).value(), last);
  for (const char* text :
       {"1677-09-21T00:12:43.145224191Z", "2262-04-11T23:47:16.854775808Z", "1600-01-01", "9999-12-31", "0000-01-01",
        "@9223372037", "@-9223372037", "@99999999999999999999", "@-9223372036854775807"})
    EXPECT_EQ(read_time(text), "refused: '" + std::string(text) + "' is out of range: write a time from 1678 to 2261");
}

TEST(TimeText, has_as_many_decimals_as_it_needs) {
  EXPECT_EQ(time_text(moment), "2026-11-23T16:30:05Z");
  EXPECT_EQ(time_text(moment + 120 * millisecond), "2026-11-23T16:30:05.120Z");
  EXPECT_EQ(time_text(moment + 120 * microsecond), "2026-11-23T16:30:05.000120Z");
  EXPECT_EQ(time_text(moment + 1), "2026-11-23T16:30:05.000000001Z");
}

TEST(TimeText, counts_forward_before_1970) {
  EXPECT_EQ(time_text(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(time_text(-second), "1969-12-31T23:59:59Z");
  EXPECT_EQ(time_text(-day), "1969-12-31T00:00:00Z");
  EXPECT_EQ(read_time("1969-07-20T20:17:40.5Z"), "1969-07-20T20:17:40.500Z");
}

TEST(TimeText, reaches_both_ends) {
  EXPECT_EQ(time_text(first), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(time_text(last), "2262-04-11T23:47:16.854775807Z");
}

TEST(Clocks, wall_clock_is_in_this_century_and_monotonic_never_steps_back) {
  EXPECT_GT(now(), *parse_time("2020-01-01", 0));
  EXPECT_LT(now(), *parse_time("2100-01-01", 0));
  const Time before = monotonic_now();
  EXPECT_GE(monotonic_now(), before);
}

}  // namespace
}  // namespace flowspan
