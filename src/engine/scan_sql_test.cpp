// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/scan_sql.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "engine/testing.hpp"

namespace flowspan::engine {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

class Scan : public ::testing::Test {
 protected:
  std::filesystem::path segment(std::string_view name, std::size_t rows, const flow::FieldSet& fields) {
    MadeUpFlows flows(rows, 2048, plain_flows);
    return must(writer.write(flows, fields, folder / name)).path;
  }

  const Folder folder;
  Database db = open_database();
  ParquetWriter writer = must(ParquetWriter::open());
};

TEST_F(Scan, ReadsSegmentsWithDifferentColumnsTogether) {
  const std::vector files{segment("a.parquet", 100, columns({"received_time", "src_lo"})),
                          segment("b.parquet", 100, columns({"bytes", "packets"})),
                          segment("c.parquet", 100, plain_columns())};
  const auto sql = read_parquet_sql(files);
  EXPECT_EQ(number(db, "SELECT count(*) FROM " + sql), 300u);
  EXPECT_EQ(number(db, "SELECT count(bytes) FROM " + sql), 200u);
  EXPECT_EQ(number(db, "SELECT count(src_lo) FROM " + sql), 200u);
  EXPECT_EQ(number(db, "SELECT sum(next_hop_lo) FROM " + sql), 300u * 0xffff'0000'0000);
  EXPECT_EQ(number(db, "SELECT count(*) FILTER (src_hi = 0 AND ip_version = 4 AND extra IS NULL) FROM " + sql), 300u);
  const auto header = ask(db, fmt::format("FROM {} LIMIT 0", sql));
  ASSERT_EQ(header.columns.size(), flow::field_count);
  for (flow::FieldIndex field = 0; field < flow::field_count; ++field) {
    EXPECT_EQ(header.columns[field].name, flow::fields[field].name);
    EXPECT_EQ(header.columns[field].type, sql_read_type(flow::fields[field].type));
  }
}

TEST_F(Scan, GivesAnEmptyTableOfNoFiles) {
  const auto table = ask(db, "FROM " + read_parquet_sql({}));
  EXPECT_EQ(table.columns.size(), flow::field_count);
  EXPECT_TRUE(table.rows.empty());
}

TEST_F(Scan, IgnoresColumnsWithNumbersOfALaterVersionAndWidensNarrowOnes) {
  const auto file = folder / "later.parquet";
  must(
      db.run(fmt::format("COPY (SELECT 7::UTINYINT AS bytes, 'x' AS new_thing, 443::USMALLINT AS other_name) TO {} "
                         "(FORMAT parquet, FIELD_IDS {{bytes: 60, new_thing: 4711, other_name: 38}})",
                         sql_literal(file.native()))));
  const auto sql = read_parquet_sql({&file, 1});
  EXPECT_EQ(one(db, "SELECT bytes FROM " + sql), Value(std::uint64_t{7}));
  EXPECT_EQ(one(db, "SELECT dst_port FROM " + sql), Value(std::uint64_t{443}));
  EXPECT_FALSE(db.query("SELECT new_thing FROM " + sql));
}

TEST_F(Scan, DefaultsReachTheGreatestNumberAndEveryTimeType) {
  // The form that read_parquet_sql writes, with defaults that no field has yet.
  const auto file = segment("a.parquet", 1, columns({"bytes"}));
  const auto table = ask(db, fmt::format(R"(FROM read_parquet([{}], schema = MAP {{
      60: {{name: 'bytes', type: 'UBIGINT', default_value: NULL::VARCHAR}},
      901: {{name: 'a', type: 'UBIGINT', default_value: '18446744073709551615'}},
      902: {{name: 'b', type: 'TIMESTAMP', default_value: '2026-11-23 00:00:00.000001'}},
      903: {{name: 'c', type: 'TIMESTAMP_NS', default_value: '1970-01-01 00:00:00.000000001'}},
      904: {{name: 'd', type: 'DOUBLE', default_value: '-0.5'}},
      905: {{name: 'e', type: 'VARCHAR', default_value: 'it''s'}},
      906: {{name: 'f', type: 'BIGINT', default_value: '-9223372036854775807'}}}}))",
                                         sql_literal(file.native())));
  EXPECT_EQ(table.rows.at(0).at(1), Value(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_EQ(to_text(table.rows.at(0).at(2)), "2026-11-23T00:00:00.000001Z");
  EXPECT_EQ(table.rows.at(0).at(3), Value(Timestamp{1, 9}));
  EXPECT_EQ(table.rows.at(0).at(4), Value(-0.5));
  EXPECT_EQ(table.rows.at(0).at(5), Value(std::string("it's")));
  EXPECT_EQ(table.rows.at(0).at(6), Value(-std::numeric_limits<std::int64_t>::max()));
}

TEST_F(Scan, ReadsTenThousandFiles) {
  const auto first = segment("0.parquet", 10, plain_columns());
  std::vector files{first};
  for (int i = 1; i < 10'000; ++i) {
    files.push_back(folder / fmt::format("{}.parquet", i));
    std::filesystem::create_hard_link(first, files.back());
  }
  const Time start = monotonic_now();
  EXPECT_EQ(number(db, "SELECT sum(bytes) FROM " + read_parquet_sql(files)), 10'000u * (1000 + 45));
  EXPECT_LT(monotonic_now() - start, 30 * second);
}

TEST_F(Scan, NamesAFileThatIsGone) {
  const std::vector files{segment("a.parquet", 10, plain_columns()), folder / "gone.parquet"};
  auto rows = db.query("SELECT sum(bytes) FROM " + read_parquet_sql(files));
  const Error error = rows ? rows->all().error() : rows.error();
  EXPECT_THAT(error.text, HasSubstr("gone.parquet"));
  EXPECT_EQ(error.kind, ErrorKind::not_found);
}

/// The plan without the boxes that DuckDB draws and breaks its words at.
std::string plan(Database& db, const std::string& sql) {
  std::string words;
  for (const char c : to_text(ask(db, "EXPLAIN " + sql).rows.at(0).at(1)))
    if (c > ' ') words += c;
  return words;
}

TEST_F(Scan, PushesANetworkAsComparisonsWithConstantsIntoTheFiles) {
  const auto file = segment("a.parquet", 1000, plain_columns());
  const auto source = read_parquet_sql({&file, 1});
  const auto v4 = plan(db, fmt::format("SELECT count(*) FROM {} WHERE in_net(src_hi, src_lo, '10.0.0.0/29')", source));
  EXPECT_THAT(v4, HasSubstr("src_lo>=281470849515520"));
  EXPECT_THAT(v4, HasSubstr("src_lo<=281470849515527"));
  EXPECT_THAT(v4, HasSubstr("Filters:"));
  EXPECT_THAT(v4, Not(HasSubstr("net_first")));
  EXPECT_EQ(number(db, fmt::format("SELECT count(*) FROM {} WHERE in_net(src_hi, src_lo, '10.0.0.0/29')", source)), 8u);
  const auto v6 =
      plan(db, fmt::format("SELECT count(*) FROM {} WHERE in_net(src_hi, src_lo, '2001:db8::/32')", source));
  EXPECT_THAT(v6, HasSubstr("src_hi>=2306139568115548160"));
  EXPECT_THAT(v6, Not(HasSubstr("src_lo")));
  const auto host = plan(db, fmt::format("SELECT count(*) FROM {} WHERE is_ip(src_hi, src_lo, '10.0.0.1')", source));
  EXPECT_THAT(host, HasSubstr("src_lo=281470849515521"));
  const auto time = plan(db, fmt::format("SELECT count(*) FROM {} WHERE last_time >= TIMESTAMP '2026-11-23'", source));
  EXPECT_THAT(time, HasSubstr("last_time>='2026-11-2300:00:00'"));
}

TEST_F(Scan, WritesTextsAndNamesThatSqlReadsBack) {
  for (const std::string name : {"it's", "\"", "a\\b", "*", "[x]", "--", "\xC3\xA9", ""})
    EXPECT_EQ(text(db, "SELECT " + sql_literal(name)), name);
  EXPECT_EQ(ask(db, "SELECT 1 AS " + sql_identifier("a\"b c")).columns[0].name, "a\"b c");
}

}  // namespace
}  // namespace flowspan::engine
