// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/window.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/database.hpp"

namespace flowspan::query {
namespace {

using store::TimeColumn;
using testing::HasSubstr;

const Time noon = parse_time("2026-11-23T12:00", 0).value();

store::Window window(const WindowWords& words) {
  const auto parsed = parse_window(words, noon);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text);
  return parsed.value_or(store::Window{});
}

std::string error(const WindowWords& words) {
  const auto parsed = parse_window(words, noon);
  return parsed ? "no error" : parsed.error().text;
}

TEST(Window, IsEverythingWhenNothingIsGiven) {
  EXPECT_EQ(window({}).from, std::nullopt);
  EXPECT_EQ(window({}).to, std::nullopt);
  EXPECT_EQ(window({}).column, TimeColumn::last);
  EXPECT_EQ(window_sql(window({})), "");
  EXPECT_EQ(window_text(window({})), "all times");
}

TEST(Window, LastEndsNow) {
  const auto last = window({.last = "1h"});
  EXPECT_EQ(last.from, noon - hour);
  EXPECT_EQ(last.to, noon);
  EXPECT_EQ(window_text(last), "last time from 2026-11-23T11:00:00Z to 2026-11-23T12:00:00Z");
}

TEST(Window, LastEndsAtToOrBeginsAtFrom) {
  EXPECT_EQ(window({.to = "now-1d", .last = "1h"}).from, noon - day - hour);
  EXPECT_EQ(window({.from = "2026-11-20", .last = "1h"}).to, parse_time("2026-11-20T01:00", 0).value());
}

TEST(Window, OneEndMayBeOpen) {
  EXPECT_EQ(window_sql(window({.from = "2026-11-23"})), "last_time >= TIMESTAMP_MS '2026-11-23 00:00:00'");
  EXPECT_EQ(window_sql(window({.to = "2026-11-23", .time = "first"})),
            "first_time < TIMESTAMP_MS '2026-11-23 00:00:00'");
  EXPECT_EQ(window_text(window({.to = "2026-11-23"})), "last time before 2026-11-23T00:00:00Z");
}

TEST(Window, ActiveIsWhateverTouchesIt) {
  EXPECT_EQ(window_sql(window({.from = "now-1h", .to = "now", .time = "active"})),
            "last_time >= TIMESTAMP_MS '2026-11-23 11:00:00' AND first_time < TIMESTAMP_MS '2026-11-23 12:00:00'");
}

TEST(Window, EndsBetweenTwoUnitsOfTheColumnMeanTheNextUnit) {
  EXPECT_EQ(window_sql(window({.from = "2026-11-23T10:00:00.0001"})),
            "last_time >= TIMESTAMP_MS '2026-11-23 10:00:00.001'");
  EXPECT_EQ(window_sql(window({.from = "2026-11-23T10:00:00.0001", .time = "received"})),
            "received_time >= TIMESTAMP '2026-11-23 10:00:00.000100'");
  EXPECT_EQ(window_sql(window({.from = "1969-12-31T23:59:59.9999"})),
            "last_time >= TIMESTAMP_MS '1970-01-01 00:00:00'");
}

TEST(Window, SqlIsUnderstoodByTheEngine) {
  auto database = engine::Database::open({});
  ASSERT_TRUE(database) << database.error().text;
  for (const std::string_view time : {"received", "first", "last", "active"}) {
    const auto condition = window_sql(window({.last = "1h", .time = time}));
    auto rows = database->query(
        "SELECT count(*) FROM (SELECT TIMESTAMP '2026-11-23 11:30:00.5' AS received_time, TIMESTAMP_MS '2026-11-23 "
        "11:20:00' AS first_time, TIMESTAMP_MS '2026-11-23 11:25:00' AS last_time) WHERE " +
        condition);
    ASSERT_TRUE(rows) << rows.error().text;
    EXPECT_EQ(rows->all()->rows[0][0], engine::Value(std::int64_t{1})) << condition;
  }
}

TEST(Window, MistakesAreSaidInOneSentence) {
  EXPECT_THAT(error({.time = "recieved"}), HasSubstr("--time: there is no time 'recieved': did you mean 'received'?"));
  EXPECT_THAT(error({.time = "arrival"}), HasSubstr("write received, first, last or active"));
  EXPECT_THAT(error({.from = "yesterday"}), HasSubstr("--from: 'yesterday' is no time"));
  EXPECT_THAT(error({.to = "x"}), HasSubstr("--to: "));
  EXPECT_THAT(error({.last = "5"}), HasSubstr("--last: '5' is no length of time"));
  EXPECT_THAT(error({.from = "now-1h", .to = "now", .last = "5m"}), HasSubstr("give two of them"));
  EXPECT_THAT(error({.from = "now", .to = "now-1h"}), HasSubstr("the window is empty"));
  EXPECT_THAT(error({.last = "0s"}), HasSubstr("the window is empty"));
}

TEST(Window, MistakesAreWrongUsage) { EXPECT_EQ(parse_window({.last = "5"}, noon).error().kind, ErrorKind::usage); }

TEST(Window, AVeryLongTimeIsNoOverflow) { EXPECT_EQ(window({.to = "1700-01-01", .last = "100000d"}).from, INT64_MIN); }

}  // namespace
}  // namespace flowspan::query
