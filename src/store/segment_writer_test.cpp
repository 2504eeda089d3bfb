// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <fstream>
#include <thread>

#include "store/flows_for_test.hpp"
#include "store/import.hpp"
#include "store/info.hpp"
#include "store/retention.hpp"
#include "store/verify.hpp"

namespace flowspan::store {
namespace {

using namespace testing;

class SegmentWriterTest : public StoreTest {};

TEST_F(SegmentWriterTest, CommitsARange) {
  SegmentStore segments(store());
  std::vector<std::string> told;
  segments.on_segment([&](const CommittedSegment& s) { told.push_back(s.file.string()); });
  auto range = test_range(3, 100, 5000, 10'000);
  range.lost_flows = 7;
  TestFlows flows(10'000, 1);
  const auto done = segments.commit(range, flows, [] { return std::string("templates"); });
  ASSERT_TRUE(done.has_value()) << done.error().text;
  const auto snapshot = take_snapshot(store(), {}).value();
  ASSERT_EQ(snapshot.segments.size(), 1u);
  const auto& segment = snapshot.segments[0];
  EXPECT_EQ(segment.name, "segments/2026/11/23/20261123T000000.000Z-3-1.parquet");
  EXPECT_EQ(segment.rows, 10'000u);
  EXPECT_EQ(segment.fields, test_fields());
  EXPECT_EQ(segment.received.min, start);
  EXPECT_EQ(segment.received.max, start + 9999 * millisecond);
  EXPECT_EQ(segment.raw_packets, 20'000u);
  EXPECT_EQ(segment.from, (Position{1, 100}));
  EXPECT_EQ(snapshot.loss.lost_flows, 7u);
  EXPECT_EQ(std::filesystem::file_size(path() / segment.name), segment.file_bytes);
  EXPECT_EQ(std::filesystem::status(path() / segment.name).permissions(), std::filesystem::perms{0640});
  ASSERT_EQ(snapshot.writers.size(), 1u);
  EXPECT_EQ(snapshot.writers[0].state, "templates");
  EXPECT_EQ(snapshot.writers[0].position, (Position{1, 5000}));
  EXPECT_EQ(told, std::vector{(path() / segment.name).string()});
  EXPECT_EQ(ask(store(), "count(DISTINCT src_lo)"), 10'000u);
  EXPECT_EQ(segments.miscounted(), 0u);
}

TEST_F(SegmentWriterTest, WithoutFlowsOnlyPositionStateAndLossMove) {
  SegmentStore segments(store());
  auto range = test_range(0, 0, 40, 0);
  range.decode_errors = 2;
  TestFlows flows(0, 1);
  ASSERT_TRUE(segments.commit(range, flows, [] { return std::string("s"); }));
  const auto snapshot = take_snapshot(store(), {}).value();
  EXPECT_TRUE(snapshot.segments.empty());
  EXPECT_EQ(snapshot.loss.decode_errors, 2u);
  EXPECT_EQ(snapshot.writers.at(0).position, (Position{1, 40}));
  EXPECT_EQ(snapshot.writers.at(0).next_sequence, 1u);
  EXPECT_EQ(files_below(path() / "segments"), 0u);
  EXPECT_EQ(take_snapshot(store(), {.column = TimeColumn::last, .from = start + hour, .to = {}}).value().loss, Loss{});
}

TEST_F(SegmentWriterTest, ARangeIsCommittedOnce) {
  SegmentStore segments(store());
  TestFlows first(100, 1);
  ASSERT_TRUE(segments.commit(test_range(0, 0, 40, 100), first, [] { return std::string(); }));
  TestFlows again(100, 1);
  const auto refused = segments.commit(test_range(0, 0, 40, 100), again, [] { return std::string(); });
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().text.find("was committed before"), std::string::npos) << refused.error().text;
  EXPECT_EQ(ask(store(), "count(*)"), 100u);
}

TEST_F(SegmentWriterTest, AfterAnErrorTheSameRangeMayBeTriedAgain) {
  SegmentStore segments(store());
  TestFlows broken(50'000, 1);
  broken.fail_after = 30'000;
  const auto failed = segments.commit(test_range(0, 0, 40, 50'000), broken, [] { return std::string(); });
  ASSERT_FALSE(failed.has_value());
  EXPECT_NE(failed.error().text.find("the journal is damaged"), std::string::npos) << failed.error().text;
  EXPECT_EQ(files_below(path() / "segments"), 0u);
  EXPECT_TRUE(store().writers().value().empty());
  TestFlows whole(50'000, 1);
  ASSERT_TRUE(segments.commit(test_range(0, 0, 40, 50'000), whole, [] { return std::string(); }));
  EXPECT_EQ(ask(store(), "count(DISTINCT src_lo)"), 50'000u);
}

TEST_F(SegmentWriterTest, AMiscountIsCountedAndCommitted) {
  SegmentStore segments(store());
  TestFlows flows(90, 1);
  ASSERT_TRUE(segments.commit(test_range(0, 0, 40, 100), flows, [] { return std::string(); }));
  EXPECT_EQ(segments.miscounted(), 1u);
  EXPECT_EQ(take_snapshot(store(), {}).value().rows, 90u);
}

TEST_F(SegmentWriterTest, ThreadsCommitSideBySideWhileOthersAsk) {
  SegmentStore segments(store());
  auto other = Store::open(path(), Mode::create).value();  // as another process would
  std::atomic<bool> done{false};
  std::atomic<int> failures{0};
  std::thread reader([&] {
    std::uint64_t before = 0;
    while (!done) {
      const auto snapshot = take_snapshot(*other, {});
      if (!snapshot || snapshot->rows < before) ++failures;
      if (snapshot) before = snapshot->rows;
    }
  });
  std::vector<std::thread> writers;
  for (std::uint32_t writer = 0; writer < 4; ++writer)
    writers.emplace_back([&, writer] {
      for (std::uint64_t i = 0; i < 10; ++i) {
        TestFlows flows(500, (writer * 10 + i) * 500);
        auto& target = segments;
        if (!target.commit(test_range(writer, i * 10, i * 10 + 10, 500, start + static_cast<Time>(i) * minute), flows,
                           [] { return std::string("s"); }))
          ++failures;
      }
    });
  for (auto& thread : writers) thread.join();
  done = true;
  reader.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(ask(store(), "count(DISTINCT src_lo)"), 20'000u);
  EXPECT_EQ(segments.segments(), 40u);
}

class ImportTest : public StoreTest {
 protected:
  static ImportSource source(const std::string& digest) {
    return {.path = "day.pcap", .size = 5, .digest = digest, .modified = start, .again = false};
  }
};

TEST_F(ImportTest, AllSegmentsOrNone) {
  {
    auto import = Import::begin(store(), source("d1")).value();
    TestFlows flows(1000, 1);
    ASSERT_TRUE(import.add_segment(test_fields(), flows));
    EXPECT_EQ(files_below(path() / "tmp", ".part"), 1u);
  }
  EXPECT_EQ(files_below(path() / "tmp"), 0u);
  EXPECT_EQ(take_snapshot(store(), {}).value().segments.size(), 0u);

  auto import = Import::begin(store(), source("d1")).value();
  for (std::uint64_t i = 0; i < 3; ++i) {
    TestFlows flows(1000, i * 1000, start + static_cast<Time>(i) * hour);
    ASSERT_TRUE(import.add_segment(test_fields(), flows));
  }
  TestFlows none(0, 0);
  ASSERT_TRUE(import.add_segment(test_fields(), none));
  import.set_counts(100, {.lost_flows = 3, .dropped_datagrams = 0, .decode_errors = 0});
  EXPECT_EQ(take_snapshot(store(), {}).value().segments.size(), 0u);
  const auto id = import.commit(start + day);
  ASSERT_TRUE(id.has_value()) << id.error().text;
  const auto snapshot = take_snapshot(store(), {}).value();
  EXPECT_EQ(snapshot.segments.size(), 3u);
  EXPECT_EQ(snapshot.segments[0].import_id, *id);
  EXPECT_EQ(snapshot.loss.lost_flows, 3u);
  EXPECT_EQ(ask(store(), "count(DISTINCT src_lo)"), 3000u);
  const auto info = store_info(store()).value();
  ASSERT_EQ(info.imports.size(), 1u);
  EXPECT_EQ(info.imports[0].flows, 3000u);
  EXPECT_EQ(info.imports[0].modified, start);
  EXPECT_EQ(info.datagrams, 100u);
}

TEST_F(ImportTest, TheSameContentTwiceIsRefusedUnlessAgain) {
  auto first = Import::begin(store(), source("d1")).value();
  auto racing = Import::begin(store(), source("d1")).value();
  TestFlows flows(10, 1);
  ASSERT_TRUE(first.add_segment(test_fields(), flows));
  ASSERT_TRUE(first.commit(start));
  const auto refused = Import::begin(store(), source("d1"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_EQ(refused.error().text,
            "day.pcap was imported on 2026-11-23T00:00:00Z (import 1): use --again to have its flows twice");
  TestFlows more(10, 1);
  ASSERT_TRUE(racing.add_segment(test_fields(), more));
  EXPECT_FALSE(racing.commit(start).has_value());
  auto again = source("d1");
  again.again = true;
  auto second = Import::begin(store(), again).value();
  TestFlows twice(10, 1);
  ASSERT_TRUE(second.add_segment(test_fields(), twice));
  ASSERT_TRUE(second.commit(start));
  EXPECT_EQ(ask(store(), "count(*)"), 20u);
}

TEST_F(ImportTest, WorksWhileAnotherOneCollects) {
  const auto lock = store().lock_collector().value();
  SegmentStore segments(store());
  auto other = Store::open(path(), Mode::write).value();
  auto import = Import::begin(*other, source("d1")).value();
  TestFlows flows(100, 1);
  ASSERT_TRUE(import.add_segment(test_fields(), flows));
  ASSERT_TRUE(commit_flows(segments, store(), 0, 50, 1000, start));
  ASSERT_TRUE(store().sweep(now()));  // spares what belongs to a living import
  ASSERT_TRUE(import.commit(start));
  EXPECT_EQ(ask(store(), "count(*)"), 150u);
}

class SweepTest : public StoreTest {};

TEST_F(SweepTest, RemovesOnlyWhatNobodyWillCommit) {
  SegmentStore segments(store());
  ASSERT_TRUE(commit_flows(segments, store(), 0, 50, 1, start));
  const auto day_folder = path() / "segments/2026/11/23";
  const auto touch = [](const std::filesystem::path& file) { std::ofstream(file) << "x"; };
  touch(day_folder / "20261123T000500.000Z-0-2.parquet");  // after a rename, before its commit
  touch(day_folder / "20261123T000500.000Z-0-3.parquet.part");
  touch(day_folder / "20261123T000500.000Z-i4-1.parquet");  // a living import's, perhaps
  touch(day_folder / "README");
  std::filesystem::create_directories(path() / "tmp/import-1-2-0");
  touch(path() / "tmp/import-1-2-0/lock");
  touch(path() / "tmp/import-1-2-0/1.parquet.part");
  auto report = store().sweep(now()).value();
  EXPECT_EQ(report.orphans, 1u);
  EXPECT_EQ(report.parts, 2u);
  EXPECT_EQ(files_below(path() / "tmp"), 0u);
  EXPECT_TRUE(std::filesystem::exists(day_folder / "20261123T000500.000Z-i4-1.parquet"));
  report = store().sweep(now() + 2 * hour).value();
  EXPECT_EQ(report.orphans, 1u);
  EXPECT_EQ(files_below(path() / "segments"), 2u);  // the segment and README
  EXPECT_TRUE(verify(store(), {.deep = true}).value().sound());
}

struct Unmount {
  std::filesystem::path path;
  ~Unmount() { EXPECT_EQ(std::system(("umount " + path.string()).c_str()), 0); }
};

TEST(FullDisk, IsSurvived) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: mounting a small disk needs root";
  TemporaryFolder folder;
  const std::string mount = "mount -t tmpfs -o size=6m tmpfs " + folder.path().string();
  if (std::system(mount.c_str()) != 0) GTEST_SKIP() << "SKIPPED: this machine does not let us mount a tmpfs";
  const Unmount unmount{folder.path()};
  auto store = Store::open(folder.path() / "store", Mode::create).value();
  EXPECT_TRUE(store->make_reserve().value());
  SegmentStore segments(*store);
  Status last;
  std::uint64_t rows = 0;
  int count = 0;
  while (last && count < 100) {
    last = commit_flows(segments, *store, 0, 40'000, rows, start + count * minute);
    if (last) rows += 40'000, ++count;
  }
  ASSERT_FALSE(last.has_value());
  EXPECT_EQ(last.error().kind, ErrorKind::no_space) << last.error().text;
  EXPECT_GT(count, 3);
  EXPECT_EQ(ask(*store, "count(DISTINCT src_lo)"), rows);  // what was committed is whole
  const auto report = make_room(*store, 1 << 20, now());
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_GT(report->segments, 0u);
  EXPECT_LT(report->segments, static_cast<std::uint64_t>(count));
  std::cout << report->text() << "\n";
  const auto again = commit_flows(segments, *store, 0, 40'000, rows, start + count * minute);
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "store/reserve"));
  EXPECT_TRUE(verify(*store, {.deep = true}).value().sound());
}

}  // namespace
}  // namespace flowspan::store
