// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/dataset_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

#include "store/dataset_reader.hpp"
#include "support/journal_fixture.hpp"

namespace flowspan::store {
namespace {

using flow::operator""_field;
using ::testing::HasSubstr;

/// `count` flows of 10.0.0.0/8 with v5's fields; first and last in router time are 1000 and 1000 + row.
flow::FlowBatch flows(std::size_t count) {
  flow::FlowBatch batch;
  batch.add_rows(count);
  batch.put_all("received_time"_field, 1'700'000'001'250'000);
  batch.put_all("export_time"_field, 1'700'000'000'500'000'000);
  batch.put_all("sys_uptime"_field, 3'000'000);
  auto* first = batch.put<std::int64_t>("first_time"_field);
  auto* last = batch.put<std::int64_t>("last_time"_field);
  auto* source = batch.put<std::uint64_t>("src_lo"_field);
  for (std::size_t i = 0; i < count; ++i) {
    first[i] = 1'700'000'000'500 - 3'000'000 + 1000;
    last[i] = first[i] + static_cast<std::int64_t>(i);
    source[i] = Ip::v4_prefix | 0x0a000000 | i;
  }
  batch.put_all("dst_lo"_field, Ip::v4_prefix | 0xac192a2a);
  batch.put_all("proto"_field, 6);
  batch.seal();
  return batch;
}

class DatasetSinkTest : public ::testing::Test {
 protected:
  std::unique_ptr<DatasetSink> open(const std::string& store = "a store", bool keep = false) {
    auto sink = DatasetSink::open(file_, store, keep);
    EXPECT_TRUE(sink) << sink.error().text;
    return std::move(*sink);
  }
  std::int64_t number(const char* sql) { return *(*Dataset::open(file_, Dataset::Access::read))->number(sql); }
  std::int64_t count() { return number("SELECT count(*) FROM Flow"); }

  test::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "dataset.sqlite3";
};

TEST_F(DatasetSinkTest, RowsAndMarksStandTogether) {
  const auto sink = open();
  ASSERT_TRUE(sink->begin_run(false));
  EXPECT_EQ(*sink->mark(3), std::nullopt);
  sink->put(flows(2));
  EXPECT_EQ(count(), 0);
  const flow::Mark mark{3, {7, 1234}, std::string("st\0te", 5)};
  ASSERT_TRUE(sink->commit(std::span(&mark, 1)));
  EXPECT_EQ(count(), 2);
  const auto known = sink->mark(3);
  ASSERT_TRUE(known && *known);
  EXPECT_EQ((*known)->position, mark.position);
  EXPECT_EQ((*known)->state, mark.state);
}

TEST_F(DatasetSinkTest, TellsTheRoutersOwnTimes) {
  const auto sink = open();
  sink->put(flows(2));
  ASSERT_TRUE(sink->commit({}));
  EXPECT_EQ(number("SELECT FIRST FROM Flow WHERE ID = 2"), 1000);
  EXPECT_EQ(number("SELECT LAST FROM Flow WHERE ID = 2"), 1001);
  EXPECT_EQ(number("SELECT UNIXS FROM Flow WHERE ID = 2"), 1'700'000'000);
  EXPECT_EQ(number("SELECT timestamp = 1700000001.25 AND IP_SOURCE = '10.0.0.1' AND IP_DEST = '172.25.42.42' AND "
                   "SOURCE_PROTO IS NULL FROM Flow WHERE ID = 2"),
            1);
}

TEST_F(DatasetSinkTest, WithoutAnUptimeTimesAreThoseOfUnix) {
  const auto sink = open();
  flow::FlowBatch batch;
  batch.add_rows(1);
  batch.put_all("received_time"_field, 1'700'000'001'000'000);
  batch.put_all("export_time"_field, 1'700'000'000'000'000'000);
  batch.put_all("first_time"_field, 1'699'999'999'001);
  batch.put_all("src_hi"_field, 0x20010db8'00000000);
  batch.put_all("src_lo"_field, 1);
  batch.seal();
  sink->put(batch);
  ASSERT_TRUE(sink->commit({}));
  EXPECT_EQ(number("SELECT SYS_UPTIME IS NULL AND FIRST = 1699999999001 AND LAST IS NULL AND "
                   "IP_SOURCE = '2001:db8::1' FROM Flow"),
            1);
}

TEST_F(DatasetSinkTest, ALockedDatasetForgetsAndDoublesNothing) {
  const auto sink = open();
  ASSERT_TRUE(sink->begin_run(false));
  auto other = Dataset::open(file_, Dataset::Access::write);
  ASSERT_TRUE((*other)->exec("BEGIN IMMEDIATE"));
  sink->put(flows(3));
  const Status locked = sink->commit({});
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().kind, ErrorKind::busy);
  ASSERT_TRUE((*other)->exec("ROLLBACK"));
  sink->put(flows(2));
  ASSERT_TRUE(sink->commit({}));
  EXPECT_EQ(count(), 5);
}

TEST_F(DatasetSinkTest, ARunThatEndedWellIsCleared) {
  for (const bool ended : {true, false})
    for (const bool recovers : {true, false})
      for (const bool keep : {true, false}) {
        std::filesystem::remove(file_);
        {
          const auto sink = open();
          ASSERT_TRUE(sink->begin_run(false));
          sink->put(flows(4));
          ASSERT_TRUE(sink->commit({}));
          if (ended) {
            ASSERT_TRUE(sink->end_run());
          }
        }
        const auto cleared = open("a store", keep)->begin_run(recovers);
        const bool expected = ended && !recovers && !keep;
        EXPECT_EQ(cleared.value(), expected);
        EXPECT_EQ(count(), expected ? 0 : 4);
      }
}

/// A dataset that a run filled and ended.
class ClearedDatasetTest : public DatasetSinkTest {
 protected:
  static constexpr std::size_t rows = 20'000;

  ClearedDatasetTest() {
    const auto sink = open();
    EXPECT_TRUE(sink->begin_run(false));
    sink->put(flows(rows));
    EXPECT_TRUE(sink->commit({}));
    EXPECT_TRUE(sink->end_run());
  }
  void exec(const char* sql) {
    const Status done = (*Dataset::open(file_, Dataset::Access::write))->exec(sql);
    EXPECT_TRUE(done) << done.error().text;
  }
  /// One run more, of one flow.
  void run() {
    const auto sink = open();
    const auto cleared = sink->begin_run(false);
    ASSERT_TRUE(cleared) << cleared.error().text;
    EXPECT_TRUE(*cleared);
    EXPECT_EQ(count(), 0);
    sink->put(flows(1));
    ASSERT_TRUE(sink->commit({}));
    EXPECT_EQ(number("SELECT max(ID) FROM Flow"), 1) << "they are numbered anew";
  }
};

TEST_F(ClearedDatasetTest, IsANewOneOfAFewPages) {
  ASSERT_GT(number("PRAGMA page_count"), 200);
  run();
  EXPECT_LT(number("PRAGMA page_count"), 20);
  EXPECT_LT(std::filesystem::file_size(file_), 20u * 4096) << "the space is given back when it is closed";
  EXPECT_EQ(number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
}

TEST_F(ClearedDatasetTest, WhoReadsItSeesAllFlowsOrNone) {
  const auto reader = DatasetReader::open(file_);
  ASSERT_TRUE(reader) << reader.error().text;
  auto later = Dataset::open(file_, Dataset::Access::read);
  EXPECT_EQ(*(*later)->number("SELECT count(*) FROM Flow"), static_cast<std::int64_t>(rows));
  run();
  flow::FlowBatch batch(DatasetReader::fields());
  std::size_t seen = 0;
  while ((*reader)->read(batch).value()) seen += batch.rows();
  EXPECT_EQ(seen, rows) << "as of when it began to read";
  EXPECT_EQ(*(*later)->number("SELECT count(*) FROM Flow"), 1);
}

TEST_F(ClearedDatasetTest, KeepsTheIndexesAndViewsOfItsUser) {
  exec(
      "CREATE VIEW busiest AS SELECT IP_SOURCE, count(*) FROM Flow GROUP BY 1; CREATE INDEX by_source ON Flow "
      "(IP_SOURCE)");
  run();
  EXPECT_LT(number("PRAGMA page_count"), 20);
  EXPECT_EQ(number("SELECT count(*) FROM sqlite_master WHERE name IN ('busiest', 'by_source')"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM busiest"), 1);
}

TEST_F(ClearedDatasetTest, KeepsTheTablesOfItsUser) {
  exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')");
  ::testing::internal::CaptureStderr();
  run();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("row by row"));
  EXPECT_EQ(number("SELECT count(*) FROM notes WHERE text = 'mine'"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM flowspan_writers"), 0);
}

TEST_F(ClearedDatasetTest, HasThePageSizeThatItHad) {
  exec("PRAGMA journal_mode = DELETE; PRAGMA page_size = 1024; VACUUM");
  ASSERT_EQ(number("PRAGMA page_size"), 1024);
  run();
  EXPECT_EQ(number("PRAGMA page_size"), 1024);
}

TEST_F(DatasetSinkTest, OneOfAnotherEncodingIsClearedToo) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(
      sqlite3_exec(db, "PRAGMA encoding = 'UTF-16le'; CREATE TABLE a (b); DROP TABLE a", nullptr, nullptr, nullptr),
      SQLITE_OK);
  sqlite3_close(db);
  for (int run = 0; run < 2; ++run) {
    const auto sink = open();
    ASSERT_TRUE(sink->begin_run(false));
    sink->put(flows(3));
    ASSERT_TRUE(sink->commit({}));
    ASSERT_TRUE(sink->end_run());
    EXPECT_EQ(count(), 3);
    EXPECT_EQ(number("SELECT encoding = 'UTF-16le' FROM pragma_encoding"), 1);
  }
}

TEST_F(DatasetSinkTest, MarksOfAnotherStoreMeanNothing) {
  {
    const auto sink = open();
    ASSERT_TRUE(sink->begin_run(false));
    const flow::Mark mark{0, {7, 1234}, {}};
    ASSERT_TRUE(sink->commit(std::span(&mark, 1)));
  }
  const auto sink = open("another store");
  ASSERT_TRUE(sink->begin_run(true));
  EXPECT_EQ(*sink->mark(0), std::nullopt);
}

TEST_F(DatasetSinkTest, TextIsNoDataset) {
  std::ofstream(file_) << "hello";
  const auto refused = DatasetSink::open(file_, "", false);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr("is no SQLite database"));
}

TEST_F(DatasetSinkTest, AReaderGivesWhatWasPut) {
  {
    const auto sink = open();
    sink->put(flows(5000));
    ASSERT_TRUE(sink->commit({}));
  }
  const auto reader = DatasetReader::open(file_);
  ASSERT_TRUE(reader) << reader.error().text;
  std::vector<DatasetRow> rows;
  flow::FlowBatch batch(DatasetReader::fields());
  (*reader)->allow(3000);
  for (int part = 0; part < 2; ++part, (*reader)->allow(3000))
    while (*(*reader)->read(batch)) {
      EXPECT_TRUE(batch.is_null("export_version"_field, 0)) << "a dataset says no version";
      append_dataset_rows(batch, rows);
    }
  ASSERT_EQ(rows.size(), 5000u);
  EXPECT_EQ(rows[4999].source, Ip::v4(0x0a000000 | 4999));
  EXPECT_EQ(rows[4999].first, 1000);
  EXPECT_EQ(rows[4999].last, 1000 + 4999);
  EXPECT_EQ(rows[4999].received_us, 1'700'000'001'250'000);
}

}  // namespace
}  // namespace flowspan::store
