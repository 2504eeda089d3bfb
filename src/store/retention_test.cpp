// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/retention.hpp"

#include "store/flows_for_test.hpp"
#include "store/import.hpp"
#include "store/info.hpp"
#include "store/verify.hpp"

namespace flowspan::store {
namespace {

using namespace testing;

class RetentionTest : public StoreTest {
 protected:
  /// One segment of 1000 flows an hour.
  void fill(std::uint64_t hours) {
    for (std::uint64_t i = 0; i < hours; ++i)
      ASSERT_TRUE(commit_flows(*segments_, store(), 0, 1000, i * 1000, start + static_cast<Time>(i) * hour));
  }
  std::uint64_t count() { return take_snapshot(store(), {}).value().segments.size(); }
  void SetUp() override {
    StoreTest::SetUp();
    segments_ = std::make_unique<SegmentStore>(store());
  }
  std::unique_ptr<SegmentStore> segments_;
};

TEST_F(RetentionTest, ByAgeAndFilesGoLater) {
  fill(10);
  const auto now = start + 9 * hour + 30 * minute;
  const auto report = apply_retention(store(), {.keep = 5 * hour}, now).value();
  EXPECT_EQ(report.segments, 5u);
  EXPECT_EQ(report.rows, 5000u);
  EXPECT_TRUE(report.by_age);
  EXPECT_EQ(report.unlinked, 0u);
  EXPECT_NE(report.text().find("retired 5 segments (5,000 flows"), std::string::npos) << report.text();
  EXPECT_EQ(count(), 5u);
  EXPECT_EQ(files_below(path() / "segments"), 10u);
  EXPECT_EQ(store_info(store()).value().retired_files, 5u);
  EXPECT_FALSE(apply_retention(store(), {.keep = 5 * hour}, now + minute).value().any());
  EXPECT_EQ(apply_retention(store(), {.keep = 5 * hour}, now + 15 * minute).value().unlinked, 5u);
  EXPECT_EQ(files_below(path() / "segments"), 5u);
  EXPECT_EQ(ask(store(), "count(*)"), 5000u);
  EXPECT_EQ(store().writers().value().at(0).next_sequence, 11u);
}

TEST_F(RetentionTest, ByBytesOldestFirst) {
  fill(10);
  const auto all = take_snapshot(store(), {}).value();
  const auto report = apply_retention(store(), {.keep_bytes = all.file_bytes / 2}, start + 10 * hour).value();
  EXPECT_TRUE(report.by_bytes);
  const auto left = take_snapshot(store(), {}).value();
  EXPECT_LE(left.file_bytes, all.file_bytes / 2);
  EXPECT_GE(left.segments.size(), 4u);
  EXPECT_EQ(left.segments.back().name, all.segments.back().name);
}

TEST_F(RetentionTest, ANearlyFullDiskDoesNotWaitForQuestions) {
  fill(4);
  const auto free = disk_space(path()).value().free;
  const auto report = apply_retention(store(), {.min_free = MinFree{0, free * 3}}, start + 4 * hour).value();
  EXPECT_TRUE(report.at_once);
  EXPECT_EQ(count(), 0u);
  EXPECT_EQ(files_below(path() / "segments"), 0u);
}

TEST_F(RetentionTest, WhatWillBeFreeSoonIsNotFreedTwice) {
  fill(10);
  ASSERT_TRUE(apply_retention(store(), {.keep_bytes = 0}, start + 10 * hour));  // all retired, none unlinked
  EXPECT_EQ(count(), 0u);
  ASSERT_TRUE(commit_flows(*segments_, store(), 0, 1000, 20'000, start + 10 * hour));
  // Other programs use this disk too, so the bound leaves them a byte a retired byte.
  const auto soon = store_info(store()).value().retired_bytes;
  ASSERT_GT(soon, 0u);
  const auto free = disk_space(path()).value().free;
  (void)apply_retention(store(), {.min_free = MinFree{0, free > soon ? free - soon : 0}}, start + 10 * hour).value();
  EXPECT_EQ(count(), 1u);
}

TEST_F(RetentionTest, ImportsCountFromTheirImport) {
  auto import = Import::begin(store(), {.path = "old.pcap", .size = 1, .digest = "d"}).value();
  TestFlows flows(100, 1, start - 1000 * day);
  ASSERT_TRUE(import.add_segment(test_fields(), flows));
  ASSERT_TRUE(import.commit(start));
  EXPECT_FALSE(apply_retention(store(), {.keep = 5 * hour}, start + hour).value().any());
  const auto report = apply_retention(store(), {.keep = 5 * hour}, start + 6 * hour).value();
  EXPECT_EQ(report.segments, 1u);
  EXPECT_EQ(report.imports, 1u);
  EXPECT_TRUE(Import::begin(store(), {.path = "old.pcap", .size = 1, .digest = "d"}).has_value());
}

TEST_F(RetentionTest, LossesGoWithTheFlowsOfTheirTime) {
  auto range = test_range(0, 0, 5, 0);
  range.decode_errors = 4;
  TestFlows none(0, 0);
  ASSERT_TRUE(segments_->commit(range, none, [] { return std::string(); }));
  fill(2);
  EXPECT_EQ(take_snapshot(store(), {}).value().loss.decode_errors, 4u);
  ASSERT_TRUE(apply_retention(store(), {.keep = hour}, start + 2 * hour));
  EXPECT_EQ(take_snapshot(store(), {}).value().loss.decode_errors, 0u);
  EXPECT_TRUE(verify(store(), {}).value().sound());
}

}  // namespace
}  // namespace flowspan::store
