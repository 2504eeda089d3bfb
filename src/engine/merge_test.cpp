// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/merge.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <string>
#include <vector>

#include "engine/scan_sql.hpp"
#include "engine/testing.hpp"

namespace flowspan::engine {
namespace {

using namespace testing;

class Merge : public ::testing::Test {
 protected:
  ParquetFile segment(std::string_view name, std::size_t rows, const flow::FieldSet& fields) {
    MadeUpFlows flows(rows, 2048, plain_flows);
    return must(writer.write(flows, fields, folder / name));
  }

  const Folder folder;
  Database db = open_database();
  ParquetWriter writer = must(ParquetWriter::open());
};

TEST_F(Merge, KeepsRowsInTheOrderOfTheInputsAndTheirStatistics) {
  const auto b = segment("b.parquet", 150'000, plain_columns());
  const auto a = segment("a.parquet", 3000, plain_columns());
  const std::vector inputs{b.path, a.path};
  MergeOptions options;
  options.metadata = {{"merged", "2"}};
  const auto merged = must(merge_parquet(db, inputs, plain_columns(), folder / "it's.parquet", options));
  EXPECT_EQ(merged.stats.rows, 153'000u);
  EXPECT_EQ(merged.stats.bytes, a.stats.bytes + b.stats.bytes);
  EXPECT_EQ(merged.stats.packets, a.stats.packets + b.stats.packets);
  EXPECT_EQ(merged.stats.received, b.stats.received);
  EXPECT_EQ(merged.stats.first, b.stats.first);
  EXPECT_EQ(merged.stats.last, b.stats.last);
  EXPECT_EQ(merged.file_bytes, std::filesystem::file_size(merged.path));
  const auto wrong = fmt::format(
      "SELECT count(*) FROM (SELECT bytes, row_number() OVER () AS n FROM {}) "
      "WHERE bytes != 99 + (CASE WHEN n > 150000 THEN n - 150000 ELSE n END)",
      read_parquet_sql({&merged.path, 1}));
  EXPECT_EQ(number(db, wrong), 0u);
}

TEST_F(Merge, JoinsDifferentColumns) {
  const std::vector inputs{segment("a.parquet", 100, columns({"received_time", "bytes"})).path,
                           segment("b.parquet", 100, columns({"received_time", "src_lo", "last_time"})).path};
  const auto fields = columns({"received_time", "bytes", "src_lo", "last_time", "src_hi"});
  const auto merged = must(merge_parquet(db, inputs, fields, folder / "m.parquet"));
  EXPECT_EQ(merged.stats.rows, 200u);
  EXPECT_EQ(merged.stats.first, std::nullopt);
  EXPECT_EQ(merged.stats.last, (TimeRange{5000 * millisecond, 5099 * millisecond}));
  const auto before = read_parquet_sql(inputs);
  const auto after = read_parquet_sql({&merged.path, 1});
  EXPECT_EQ(number(db, fmt::format("SELECT count(*) FROM (FROM {} EXCEPT ALL FROM {})", before, after)), 0u);
  const auto schema = fmt::format("SELECT converted_type FROM parquet_schema({}) WHERE field_id = 63",
                                  sql_literal(merged.path.native()));
  EXPECT_EQ(text(db, schema), "TIMESTAMP_MILLIS");
}

TEST_F(Merge, SortsWhenAsked) {
  const std::vector inputs{segment("a.parquet", 5000, plain_columns()).path};
  MergeOptions options;
  options.order = "bytes DESC";
  const auto merged = must(merge_parquet(db, inputs, plain_columns(), folder / "m.parquet", options));
  EXPECT_EQ(number(db, fmt::format("SELECT bytes FROM {} LIMIT 1", read_parquet_sql({&merged.path, 1}))), 5099u);
}

TEST_F(Merge, LeavesNothingAfterAnError) {
  std::ofstream(folder / "torn.parquet") << "PAR1";
  const std::vector inputs{segment("a.parquet", 5000, plain_columns()).path, folder / "torn.parquet"};
  const auto merged = merge_parquet(db, inputs, plain_columns(), folder / "m.parquet");
  ASSERT_FALSE(merged);
  EXPECT_THAT(merged.error().text, ::testing::HasSubstr("torn.parquet"));
  EXPECT_FALSE(std::filesystem::exists(folder / "m.parquet"));
  EXPECT_FALSE(merge_parquet(db, {}, plain_columns(), folder / "m.parquet"));
}

}  // namespace
}  // namespace flowspan::engine
