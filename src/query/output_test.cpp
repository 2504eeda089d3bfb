// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/output.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "query/table_layout.hpp"

namespace flowspan::query {
namespace {

using engine::Value;

const engine::Table sample{{{"src_addr", "VARCHAR"},
                            {"bytes", "UBIGINT"},
                            {"flows", "BIGINT"},
                            {"last_time", "TIMESTAMP_MS"},
                            {"x", "DOUBLE"}},
                           {{std::string("10.0.0.1"), std::uint64_t{18446744073709551615ull}, std::int64_t{1234567},
                             engine::Timestamp{1'764'000'000'123'000'000, 3}, 0.5},
                            {std::string("a \"b\", c"), std::uint64_t{1536}, std::int64_t{1}, Value{}, Value{}}}};

std::string written(Format format, const engine::Table& table, std::string_view quality = "null") {
  std::string text;
  const auto status = write_table(
      format,
      [&](std::string_view more) -> Status {
        text += more;
        return {};
      },
      table, quality);
  EXPECT_TRUE(status);
  return text;
}

TEST(Output, TableIsForPeople) {
  EXPECT_EQ(written(Format::table, sample),
            "src_addr         bytes      flows  last_time                   x\n"
            "10.0.0.1  16777216 TiB  1,234,567  2025-11-24T16:00:00.123Z  0.5\n"
            "a \"b\", c       1.5 KiB          1\n");
}

TEST(Output, CsvIsRfc4180) {
  EXPECT_EQ(written(Format::csv, sample),
            "src_addr,bytes,flows,last_time,x\r\n"
            "10.0.0.1,18446744073709551615,1234567,2025-11-24T16:00:00.123Z,0.5\r\n"
            "\"a \"\"b\"\", c\",1536,1,,\r\n");
}

TEST(Output, JsonIsOneObjectWithItsQuality) {
  EXPECT_EQ(written(Format::json, sample, "{\"files\":1}"),
            "{\"rows\":[\n"
            "{\"src_addr\":\"10.0.0.1\",\"bytes\":18446744073709551615,\"flows\":1234567,"
            "\"last_time\":\"2025-11-24T16:00:00.123Z\",\"x\":0.5},\n"
            "{\"src_addr\":\"a \\\"b\\\", c\",\"bytes\":1536,\"flows\":1,\"last_time\":null,\"x\":null}\n"
            "],\"quality\":{\"files\":1}}\n");
  EXPECT_EQ(written(Format::json, {sample.columns, {}}), "{\"rows\":[\n],\"quality\":null}\n");
}

TEST(Output, NdjsonIsALineARow) {
  EXPECT_EQ(
      written(Format::ndjson, {{{"a", "INTEGER"}, {"b", "BOOLEAN"}}, {{std::int64_t{-1}, true}, {Value{}, false}}}),
      "{\"a\":-1,\"b\":true}\n{\"a\":null,\"b\":false}\n");
}

TEST(Output, JsonHasNoNameTwiceAndNoNumberThatIsNone) {
  const engine::Table table{{{"a", "DOUBLE"}, {"a", "DOUBLE"}, {"a", "DOUBLE"}},
                            {{std::nan(""), std::numeric_limits<double>::infinity(), 1.0}}};
  EXPECT_EQ(written(Format::ndjson, table), "{\"a\":null,\"a_1\":null,\"a_2\":1}\n");
}

TEST(Output, JsonIsUtf8WhateverTheTextIs) {
  const engine::Table table{{{"a", "VARCHAR"}}, {{std::string("\xff\n")}}};
  EXPECT_EQ(written(Format::ndjson, table), "{\"a\":\"\xef\xbf\xbd\\n\"}\n");
}

TEST(Output, NumbersTooLargeFor64BitsStayExact) {
  const engine::Table table{{{"a", "HUGEINT"}}, {{engine::Decimal{"36893488147419103232"}}}};
  EXPECT_EQ(written(Format::ndjson, table), "{\"a\":36893488147419103232}\n");
  EXPECT_EQ(written(Format::csv, table), "a\r\n36893488147419103232\r\n");
}

TEST(Output, TextFromStrangersCommandsNoTerminal) {
  const engine::Table table{{{"extra", "VARCHAR"}}, {{std::string("\x1b[31mred\n")}}};
  EXPECT_EQ(written(Format::table, table), "extra\n\\x1b[31mred\\x0a\n");
}

TEST(Output, LongTablesStream) {
  std::string text;
  TableLayout layout({{"n", "INTEGER"}, {"t", "VARCHAR"}});
  for (std::size_t i = 0; i < TableLayout::measured_rows; ++i) layout.add({"1", "x"}, text);
  EXPECT_FALSE(text.empty());
  text.clear();
  layout.add({"123456", "wide"}, text);
  EXPECT_EQ(text, "123456  wide\n");
}

TEST(Output, AFailedOutputIsAnError) {
  const auto status = write_table(
      Format::csv, [](std::string_view) -> Status { return fail("disk full"); }, sample);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().text, "disk full");
}

TEST(TimeZone, ShowsTheZonesTimeWithItsOffset) {
  const engine::Timestamp noon{1'764'000'000'123'000'000, 3};
  EXPECT_EQ(TimeZone().text(noon), "2025-11-24T16:00:00.123Z");
  const auto prague = TimeZone::parse("Europe/Prague");
  if (!prague) GTEST_SKIP() << "no tzdata here";
  EXPECT_EQ(prague->text(noon), "2025-11-24T17:00:00.123+01:00");
  EXPECT_EQ(prague->text({-500'000'000, 3}), "1970-01-01T00:59:59.500+01:00");
}

TEST(TimeZone, UnknownOnesAreRefused) {
  for (const char* name : {"Europe/Atlantis", "../../../etc/passwd", "/etc/passwd"})
    EXPECT_FALSE(TimeZone::parse(name)) << name;
}

}  // namespace
}  // namespace flowspan::query
