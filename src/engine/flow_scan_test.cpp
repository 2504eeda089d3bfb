// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/flow_scan.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/scan_sql.hpp"
#include "engine/testing.hpp"

namespace flowspan::engine {
namespace {

using namespace testing;

ReaderFactory factory(std::size_t rows, std::size_t per_batch = 2077) {
  return [=](const flow::FieldSet&) -> Result<std::unique_ptr<flow::Reader>> {
    return std::make_unique<MadeUpFlows>(rows, per_batch, plain_flows);
  };
}

TEST(LiveFlows, GivesTheFlowsOfAllWriters) {
  auto db = open_database(2);
  must(register_live_flows(db, {factory(100'000), factory(0), factory(1), factory(50'000), factory(2048)}));
  EXPECT_EQ(number(db, "SELECT count(*) FROM live_flows()"), 152'049u);
  EXPECT_EQ(number(db, "SELECT sum(packets) FROM live_flows()"), 2u * 152'049);
  EXPECT_EQ(number(db, "SELECT count(DISTINCT src_lo) FROM live_flows()"), 100'000u);
  EXPECT_EQ(number(db, "SELECT count(*) FROM live_flows() WHERE in_net(src_hi, src_lo, '10.0.0.0/30')"), 4u * 3 + 1);
  EXPECT_EQ(number(db, "SELECT count(*) FROM live_flows() WHERE bytes < 100 + 5 AND dst_port IS NULL"), 5u * 3 + 1);
  EXPECT_EQ(ask(db, "SELECT src_lo FROM live_flows() LIMIT 3").rows.size(), 3u);
}

TEST(LiveFlows, GivesNoFlowsOfNoWriter) {
  auto db = open_database();
  must(register_live_flows(db, {}));
  EXPECT_EQ(number(db, "SELECT count(*) FROM live_flows()"), 0u);
}

TEST(LiveFlows, InOrderNumbersWritersAndTheirRows) {
  auto db = open_database(2);
  must(register_live_flows(db, {factory(5000, 700), factory(0), factory(3000, 2077)}));
  const auto numbered = ask(db,
                            "SELECT reader, count(*), min(reader_row), max(reader_row), count(DISTINCT reader_row), "
                            "count_if(bytes = 100 + reader_row) FROM live_flows_in_order() GROUP BY 1 ORDER BY 1");
  std::string text;
  for (const auto& row : numbered.rows)
    for (const auto& value : row) text += to_text(value) + " ";
  EXPECT_EQ(text, "0 5000 0 4999 5000 5000 2 3000 0 2999 3000 3000 ");
  EXPECT_EQ(number(db, "SELECT count(*) FROM live_flows_in_order()"), 8000u);
}

TEST(LiveFlows, HasTheColumnsOfStoredFlows) {
  auto db = open_database();
  must(register_live_flows(db, {factory(10)}));
  const auto live = ask(db, "FROM live_flows() LIMIT 0");
  const auto stored = ask(db, "FROM " + read_parquet_sql({}));
  ASSERT_EQ(live.columns.size(), stored.columns.size());
  for (std::size_t i = 0; i < live.columns.size(); ++i) {
    EXPECT_EQ(live.columns[i].name, stored.columns[i].name);
    EXPECT_EQ(live.columns[i].type, stored.columns[i].type);
  }
}

TEST(LiveFlows, AgreesWithTheSameFlowsStored) {
  const Folder folder;
  auto db = open_database(2);
  auto writer = must(ParquetWriter::open());
  MadeUpFlows flows(10'000, 2048, plain_flows);
  const auto file = must(writer.write(flows, plain_columns(), folder / "a.parquet")).path;
  must(register_live_flows(db, {factory(10'000)}));
  const auto stored = read_parquet_sql({&file, 1});
  EXPECT_EQ(number(db, "SELECT count(*) FROM (FROM live_flows() EXCEPT ALL FROM " + stored + ")"), 0u);
  EXPECT_EQ(number(db, "SELECT count(*) FROM (FROM live_flows() UNION ALL FROM " + stored + ")"), 20'000u);
}

TEST(LiveFlows, AsksOnlyForTheFieldsOfTheQuestion) {
  auto db = open_database(2);
  std::mutex mutex;
  flow::FieldSet asked;
  const ReaderFactory watching = [&](const flow::FieldSet& wanted) -> Result<std::unique_ptr<flow::Reader>> {
    const std::lock_guard lock(mutex);
    asked = wanted;
    return std::make_unique<MadeUpFlows>(5000, 2048, plain_flows);
  };
  must(register_live_flows(db, {watching}));
  EXPECT_EQ(number(db, "SELECT count(*) FROM live_flows()"), 5000u);
  EXPECT_LE(asked.count(), 1u);  // DuckDB counts rows by the first column
  EXPECT_EQ(number(db, "SELECT sum(packets) FROM live_flows() WHERE bytes >= 100"), 10'000u);
  EXPECT_EQ(asked, columns({"bytes", "packets"}));
}

TEST(LiveFlows, ReadsWritersSideBySide) {
  auto db = open_database(2);
  std::atomic<int> open = 0;
  std::atomic<int> most = 0;
  const ReaderFactory slow = [&](const flow::FieldSet&) -> Result<std::unique_ptr<flow::Reader>> {
    return std::make_unique<MadeUpFlows>(
        20'480, 2048, [&](flow::FlowBatch& batch, std::size_t first, std::size_t count) {
          const int now_open = ++open;
          for (int seen = most; seen < now_open && !most.compare_exchange_weak(seen, now_open);) continue;
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
          plain_flows(batch, first, count);
          --open;
        });
  };
  must(register_live_flows(db, {slow, slow}));
  EXPECT_EQ(number(db, "SELECT count(bytes) FROM live_flows()"), 40'960u);
  EXPECT_EQ(most, 2);
}

TEST(LiveFlows, EndsAQuestionWithTheErrorOfAReaderOrFactory) {
  auto db = open_database(2);
  int calls = 0;
  const ReaderFactory failing = [&](const flow::FieldSet&) -> Result<std::unique_ptr<flow::Reader>> {
    if (++calls > 1) return fail("the journal is gone", ErrorKind::not_found);
    auto reader = std::make_unique<MadeUpFlows>(100'000, 2048, plain_flows);
    reader->fail_after(50'000, {"the journal is torn", ErrorKind::newer_format});
    return reader;
  };
  must(register_live_flows(db, {failing}));
  const auto error = [&] {
    auto rows = db.query("SELECT sum(bytes) FROM live_flows()");
    return rows ? rows->all().error() : rows.error();
  };
  const Error first = error();
  EXPECT_EQ(first.text, "the journal is torn");
  EXPECT_EQ(first.kind, ErrorKind::newer_format);
  const Error second = error();
  EXPECT_EQ(second.text, "the journal is gone");
  EXPECT_EQ(second.kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace flowspan::engine
