// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "store/compaction.hpp"
#include "store/flows_for_test.hpp"
#include "store/import.hpp"
#include "store/verify.hpp"

namespace flowspan::store {
namespace {

using namespace testing;

constexpr double bytes_of_a_flow = 26;

/// Segments and their merges, without files.
class Simulation {
 public:
  void add(Time min, Time max, std::uint64_t rows, std::uint32_t writer = 0) {
    Segment segment;
    segment.id = ++last_id_;
    segment.writer = writer;
    segment.sequence = static_cast<std::uint64_t>(last_id_);
    segment.rows = rows;
    segment.file_bytes = static_cast<std::uint64_t>(static_cast<double>(rows) * bytes_of_a_flow) + 2000;
    segment.received = {min, max};
    segment.committed_at = max;
    segments_.emplace(segment.id, segment);
    received_ += rows;
  }
  /// Until nothing is left to merge.
  void compact(Time now, const CompactionRules& rules = {}) {
    while (true) {
      const auto all = list();
      const auto plan = plan_compaction(all, rules, now);
      if (plan.empty()) return;
      std::set<std::int64_t> seen;
      for (const auto& merge : plan) {
        ASSERT_GE(merge.inputs.size(), 2u);
        Segment output = segments_.at(merge.inputs.front());
        output.rows = output.file_bytes = 0;
        for (const auto id : merge.inputs) {
          ASSERT_TRUE(seen.insert(id).second) << "a segment in two merges";
          const auto& input = segments_.at(id);
          ASSERT_EQ(*input.received.min / day, *output.received.min / day) << "a merge across midnight";
          ASSERT_EQ(input.import_id, output.import_id);
          ASSERT_LT(input.file_bytes, rules.all ? rules.target_bytes : rules.large_bytes);
          output.rows += input.rows;
          output.file_bytes += input.file_bytes;
          output.received.max = std::max(output.received.max, input.received.max);
          segments_.erase(id);
        }
        ASSERT_EQ(output.rows, merge.rows);
        ASSERT_LE(output.file_bytes, rules.target_bytes);
        output.id = ++last_id_;
        output.committed_at = now;
        ++output.level;
        moved_ += output.rows;
        segments_.emplace(output.id, output);
      }
    }
  }
  std::vector<Segment> list() const {
    std::vector<Segment> all;
    for (const auto& [id, segment] : segments_) all.push_back(segment);
    return all;
  }
  std::size_t count(Time from, Time to) const {
    return static_cast<std::size_t>(std::count_if(segments_.begin(), segments_.end(), [&](const auto& entry) {
      return entry.second.received.min >= from && entry.second.received.min < to;
    }));
  }
  std::size_t size() const { return segments_.size(); }
  /// How often a row was written again, on average.
  double rewritten() const { return static_cast<double>(moved_) / static_cast<double>(received_); }
  std::uint64_t rows() const {
    std::uint64_t sum = 0;
    for (const auto& [id, segment] : segments_) sum += segment.rows;
    return sum;
  }
  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [id, segment] : segments_) sum += segment.file_bytes;
    return sum;
  }
  std::uint64_t received() const { return received_; }

 private:
  std::map<std::int64_t, Segment> segments_;
  std::int64_t last_id_ = 0;
  std::uint64_t moved_ = 0;
  std::uint64_t received_ = 0;
};

TEST(CompactionPlan, AYearAtFiveFlowsASecond) {
  Simulation store;
  std::size_t most_today = 0;
  for (Time at = start; at < start + 365 * day; at += 5 * minute) {
    store.add(at, at + 5 * minute - 1, 1500);
    if (at % (15 * minute) == 0) store.compact(at + 5 * minute);  // as often as a collector may do it
    most_today = std::max(most_today, store.count(at / day * day, at + 1));
  }
  store.compact(start + 365 * day + 2 * hour);
  std::cout << "a year at 5 flows/s: " << store.size() << " files, at most " << most_today
            << " of the day in progress, every flow written " << store.rewritten() << " times more\n";
  EXPECT_EQ(store.rows(), store.received());
  EXPECT_EQ(store.size(), 365u);
  EXPECT_LT(most_today, 30u);
  EXPECT_LT(store.rewritten(), 5);
}

TEST(CompactionPlan, DaysAndNightsWithSeveralWorkers) {
  std::mt19937_64 random(3);
  for (const std::uint32_t workers : {1u, 4u, 8u}) {
    Simulation store;
    std::size_t most_today = 0;
    for (Time at = start; at < start + 14 * day; at += 5 * minute) {
      const auto hour_of_day = static_cast<std::uint64_t>(at % day / hour);
      const std::uint64_t rate = hour_of_day < 7 ? 300 : 20'000;  // flows in five minutes, about
      for (std::uint32_t writer = 0; writer < workers; ++writer) {
        const auto jitter = static_cast<Time>(random() % 1'000'000);
        store.add(at + jitter, at + jitter + 5 * minute - 1, 1 + random() % (2 * rate), writer);
      }
      store.compact(at + 5 * minute);
      most_today = std::max(most_today, store.count(at / day * day, at + minute));
    }
    store.compact(start + 14 * day + 2 * hour);
    std::cout << workers << " workers, two weeks of days and nights: " << store.size() << " files, at most "
              << most_today << " of the day in progress, rewritten " << store.rewritten() << " times\n";
    EXPECT_EQ(store.rows(), store.received());
    EXPECT_LE(store.size(), 14u * 2 + store.bytes() / CompactionRules{}.large_bytes);
    EXPECT_LT(most_today, 35u);
    EXPECT_LT(store.rewritten(), 5);
  }
}

TEST(CompactionPlan, ABurstIsLeftAlone) {
  Simulation store;
  for (Time at = start; at < start + day; at += minute) {
    const bool burst = at - start > 10 * hour && at - start < 12 * hour;
    store.add(at, at + minute - 1, burst ? 5'000'000 : 3000);  // 124 MiB each
    store.compact(at + minute);
  }
  EXPECT_EQ(store.count(start, start + day) < 119u + 30u, true) << store.size();
  store.compact(start + day + 2 * hour);
  EXPECT_EQ(store.size(), 119u + 1u);
  CompactionRules all;
  all.all = true;
  store.compact(start + day + 2 * hour, all);
  EXPECT_LE(store.size(), 32u);
  EXPECT_EQ(store.rows(), store.received());
}

TEST(CompactionPlan, FlowsOfACloseDayDoNotRewriteItEachTime) {
  Simulation store;
  store.add(start, start + 20 * hour, 2'000'000);
  std::uint64_t late = 0;
  Time now = start + 3 * day;
  for (int i = 0; i < 120; ++i, now += minute) {
    Simulation before = store;
    store.add(start + hour + i * second, start + hour + i * second, 1);
    store.compact(now);
    late += store.size() < before.size() + 1 ? 1 : 0;
  }
  EXPECT_LT(store.rewritten(), 4);
  EXPECT_LT(store.size(), 125u);
}

TEST(CompactionPlan, WhatALaterVersionWroteIsLeftAlone) {
  std::vector<Segment> segments(10);
  std::int64_t id = 0;
  for (auto& segment : segments) {
    segment.id = ++id;
    segment.rows = segment.file_bytes = 100;
    segment.received = {start, start};
    segment.knows_more = true;
  }
  EXPECT_TRUE(plan_compaction(segments, {}, start + 3 * day).empty());
  for (auto& segment : segments) segment.knows_more = false;
  EXPECT_EQ(plan_compaction(segments, {}, start + 3 * day).size(), 1u);
  segments[0].received = {};
  EXPECT_EQ(plan_compaction(segments, {}, start + 3 * day).at(0).inputs.size(), 9u);
}

class CompactionTest : public StoreTest {};

TEST_F(CompactionTest, KeepsEveryFlowInItsOrder) {
  SegmentStore segments(store());
  std::uint64_t rows = 0;
  // Two writers whose segments overlap in time, many flows at the same microsecond.
  for (std::uint64_t i = 0; i < 6; ++i)
    for (std::uint32_t writer = 0; writer < 2; ++writer) {
      const Time from = start + static_cast<Time>(i) * 5 * minute;
      ASSERT_TRUE(commit_flows(segments, store(), writer, 3000, rows, from, microsecond / 10));
      rows += 3000;
    }
  const auto hash = "bit_xor(hash(received_time, src_lo, dst_lo, bytes, packets, in_if, first_time, last_time))";
  const auto before = ask(store(), hash);
  const auto files_before = files_below(path() / "segments");
  const auto report = compact(store(), {}, start + 3 * day);
  ASSERT_TRUE(report.has_value()) << report.error().text;
  std::cout << report->text() << "\n";
  EXPECT_EQ(report->merges, 1u);
  EXPECT_EQ(report->inputs, 12u);
  const auto snapshot = take_snapshot(store(), {}).value();
  ASSERT_EQ(snapshot.segments.size(), 1u);
  EXPECT_EQ(snapshot.segments[0].level, 1u);
  EXPECT_EQ(snapshot.segments[0].received.min, start);
  EXPECT_EQ(snapshot.totals.rows, rows);
  EXPECT_EQ(ask(store(), "count(DISTINCT src_lo)"), rows);
  EXPECT_EQ(ask(store(), hash), before);
  // The order (received_time, writer, sequence, row): `bytes` is 100 + the row's number in its first segment, and all 12
  // segments' rows are told apart by in_order.
  auto database = engine::Database::open({.threads = 1, .memory_limit = 0, .temp_directory = {}}).value();
  auto result = database.query(
      "SELECT count(*) FROM (SELECT received_time AS t, lag(received_time) OVER (ORDER BY file_row_number) AS p, "
      "bytes AS b, lag(bytes) OVER (ORDER BY file_row_number) AS pb FROM read_parquet('" +
      (path() / snapshot.segments[0].name).string() +
      "', file_row_number = true)) WHERE t < p OR (t = p AND b < pb AND NOT (pb % 10 = 9 AND b % 10 = 0))");
  ASSERT_TRUE(result.has_value()) << result.error().text;
  EXPECT_EQ(engine::to_text(result->all().value().rows.at(0).at(0)), "0");
  // Inputs stay for running questions, then go.
  EXPECT_EQ(files_below(path() / "segments"), files_before + 1);
  EXPECT_EQ(store().unlink_retired(start + 3 * day).value(), 0u);
  EXPECT_EQ(store().unlink_retired(start + 3 * day + hour).value(), 12u);
  EXPECT_EQ(files_below(path() / "segments"), 1u);
  EXPECT_TRUE(verify(store(), {.deep = true}).value().findings.empty());
  EXPECT_EQ(compact(store(), {}, start + 3 * day).value().merges, 0u);
}

TEST_F(CompactionTest, ImportsAreMergedAmongThemselves) {
  SegmentStore segments(store());
  ASSERT_TRUE(commit_flows(segments, store(), 0, 100, 0, start));
  for (int i = 0; i < 2; ++i) {
    auto import = Import::begin(store(), {.path = "f", .size = 1, .digest = std::to_string(i)}).value();
    for (int part = 0; part < 3; ++part) {
      TestFlows flows(100, 1000 + static_cast<std::uint64_t>(i * 3 + part) * 100);
      ASSERT_TRUE(import.add_segment(test_fields(), flows));
    }
    ASSERT_TRUE(import.commit(start + day));
  }
  ASSERT_TRUE(compact(store(), {}, start + 3 * day));
  const auto snapshot = take_snapshot(store(), {}).value();
  EXPECT_EQ(snapshot.segments.size(), 3u);
  EXPECT_EQ(ask(store(), "count(DISTINCT src_lo)"), 700u);
  std::set<std::optional<std::int64_t>> imports;
  for (const auto& segment : snapshot.segments) imports.insert(segment.import_id);
  EXPECT_EQ(imports.size(), 3u);
}

TEST_F(CompactionTest, StopsBetweenMergesAndKnowsAnotherOne) {
  SegmentStore segments(store());
  for (std::uint64_t i = 0; i < 3; ++i)
    ASSERT_TRUE(commit_flows(segments, store(), 0, 100, i * 100, start + static_cast<Time>(i) * minute));
  std::atomic<bool> stop{true};
  CompactionOptions options;
  options.stop = &stop;
  EXPECT_TRUE(compact(store(), options, start + 3 * day).value().stopped);
  EXPECT_EQ(take_snapshot(store(), {}).value().segments.size(), 3u);
  const auto lock = store().lock_compaction().value();
  const auto busy = compact(store(), {}, start + 3 * day);
  ASSERT_FALSE(busy.has_value());
  EXPECT_EQ(busy.error().kind, ErrorKind::busy);
}

TEST_F(CompactionTest, ADamagedFileDoesNotStopTheOthers) {
  SegmentStore segments(store());
  for (std::uint64_t i = 0; i < 4; ++i)
    ASSERT_TRUE(commit_flows(segments, store(), 0, 100, i * 100,
                             start + static_cast<Time>(i / 2) * day + static_cast<Time>(i) * minute));
  const auto first = take_snapshot(store(), {}).value().segments.at(0).name;
  std::filesystem::resize_file(path() / first, 100);
  const auto report = compact(store(), {}, start + 5 * day);
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_EQ(report->failed, 1u);
  EXPECT_EQ(report->merges, 1u);
  const auto verified = verify(store(), {}).value();
  EXPECT_FALSE(verified.sound());
}

TEST_F(CompactionTest, ReadersSeeEveryFlowAllTheTime) {
  SegmentStore segments(store());
  auto other = Store::open(path(), Mode::write).value();
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> committed{0};
  std::uint64_t answers = 0;
  std::thread compactor([&] {
    while (!done) {
      const auto report = compact(*other, {}, start + hour);
      EXPECT_TRUE(report.has_value()) << report.error().text;
    }
  });
  std::thread reader([&] {
    while (!done) {
      const auto least = committed.load();
      const auto seen = ask(store(), "count(DISTINCT src_lo)");
      EXPECT_GE(seen, least);
      EXPECT_LE(seen, committed.load() + 200);
      ++answers;
    }
  });
  for (std::uint64_t i = 0; i < 60; ++i) {
    EXPECT_TRUE(commit_flows(segments, store(), 0, 200, i * 200, start + static_cast<Time>(i) * minute));
    committed += 200;
  }
  done = true;
  compactor.join();
  reader.join();
  std::cout << answers << " answers while " << 60 << " segments became "
            << take_snapshot(store(), {}).value().segments.size() << "\n";
  EXPECT_EQ(ask(store(), "count(*)"), 12'000u);
  EXPECT_LT(take_snapshot(store(), {}).value().segments.size(), 30u);
}

}  // namespace
}  // namespace flowspan::store
