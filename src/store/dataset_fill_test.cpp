// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/dataset_fill.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/dataset_sink.hpp"
#include "support/journal_fixture.hpp"

namespace flowspan::store {
namespace {

using flow::operator""_field;
using ::testing::HasSubstr;

/// Flow n has n as its port.
flow::FlowBatch flows(std::uint16_t count, std::uint16_t first = 0) {
  flow::FlowBatch batch;
  batch.add_rows(count);
  batch.put_all("received_time"_field, 1'700'000'001'250'000);
  auto* port = batch.put<std::uint16_t>("src_port"_field);
  for (std::uint16_t i = 0; i < count; ++i) port[i] = static_cast<std::uint16_t>(first + i);
  batch.seal();
  return batch;
}

bool never() { return false; }

class DatasetFillTest : public ::testing::Test {
 protected:
  std::unique_ptr<DatasetFill> open() {
    auto folder = WorkFolder::make(folder_.path() / "tmp", "dataset");
    auto fill = DatasetFill::open(file_, "a store", std::move(*folder), 10);
    EXPECT_TRUE(fill) << fill.error().text;
    return std::move(*fill);
  }
  std::int64_t number(const char* sql) { return *(*Dataset::open(file_, Dataset::Access::read))->number(sql); }
  std::int64_t count() { return number("SELECT count(*) FROM Flow"); }

  test::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "dataset.sqlite3";
};

TEST_F(DatasetFillTest, AnotherMayWriteUntilItIsCommitted) {
  const auto fill = open();
  EXPECT_FALSE(*fill->has("digest"));
  ASSERT_TRUE(fill->put(flows(25)));
  ASSERT_TRUE(fill->put(flows(10, 25)));
  EXPECT_EQ(count(), 0);
  auto another = Dataset::open(file_, Dataset::Access::write);
  (*another)->set_patience(0);
  const Status writes = (*another)->exec("BEGIN IMMEDIATE; ROLLBACK");
  EXPECT_TRUE(writes) << writes.error().text;
  ASSERT_TRUE(fill->commit("digest", "a.pcap", never));
  EXPECT_EQ(number("SELECT count(*) FROM Flow WHERE SOURCE_PROTO = ID - 1"), 35);
  EXPECT_EQ(number("SELECT flows FROM flowspan_imports WHERE digest = 'digest'"), 35);
  EXPECT_TRUE(*fill->has("digest"));
}

TEST_F(DatasetFillTest, LeavesNothingWithoutACommit) {
  ASSERT_TRUE(open()->put(flows(25)));
  EXPECT_EQ(count(), 0);
  EXPECT_FALSE(*open()->has("digest"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "tmp"));
}

TEST_F(DatasetFillTest, GoesOnWhereItWasInterrupted) {
  const auto fill_with = [&](const std::function<bool()>& stop) {
    const auto fill = open();
    EXPECT_TRUE(fill->put(flows(35)));
    return fill->commit("digest", "a.pcap", stop);
  };
  int parts = 0;
  const Status stopped = fill_with([&] { return ++parts == 2; });
  ASSERT_FALSE(stopped);
  EXPECT_THAT(stopped.error().text, HasSubstr("has 20 of the 35 flows of a.pcap"));
  EXPECT_EQ(count(), 20);
  EXPECT_FALSE(*open()->has("digest"));
  ASSERT_TRUE(fill_with(never));
  EXPECT_EQ(number("SELECT count(*) FROM Flow WHERE SOURCE_PROTO = ID - 1"), 35);
  EXPECT_EQ(count(), 35);
  ASSERT_TRUE(fill_with(never)) << "asked to have them twice";
  EXPECT_EQ(count(), 70);
}

TEST_F(DatasetFillTest, ACollectorFillsItMeanwhile) {
  const auto sink = DatasetSink::open(file_, "a store", false);
  ASSERT_TRUE((*sink)->begin_run(false));
  const auto fill = open();
  ASSERT_TRUE(fill->put(flows(35)));
  const Status filled = fill->commit("digest", "a.pcap", [&] {
    (*sink)->put(flows(1, 1000));
    const Status committed = (*sink)->commit({});
    EXPECT_TRUE(committed) << committed.error().text;
    return false;
  });
  ASSERT_TRUE(filled) << filled.error().text;
  EXPECT_EQ(number("SELECT count(DISTINCT SOURCE_PROTO) FROM Flow WHERE SOURCE_PROTO < 35"), 35);
  EXPECT_EQ(number("SELECT count(*) FROM Flow WHERE SOURCE_PROTO = 1000"), 3);
  EXPECT_EQ(count(), 38);
}

TEST_F(DatasetFillTest, ACollectorThatClearsItIsNoticed) {
  const auto fill = open();
  ASSERT_TRUE(fill->put(flows(35)));
  const Status filled = fill->commit("digest", "a.pcap", [&] {
    EXPECT_TRUE((*DatasetSink::open(file_, "a store", false))->begin_run(false));
    return false;
  });
  ASSERT_FALSE(filled);
  EXPECT_THAT(filled.error().text, HasSubstr("was cleared"));
  EXPECT_EQ(count(), 0);
}

}  // namespace
}  // namespace flowspan::store
