// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include "store/flows_for_test.hpp"
#include "store/rows.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

using testing::start;

class CatalogTest : public testing::StoreTest {};

TEST_F(CatalogTest, MakesAStoreAndFindsItAgain) {
  const auto id = store().id();
  EXPECT_EQ(id.size(), 32u);
  for (const char* name : {"segments", "journal", "quarantine", "tmp"})
    EXPECT_TRUE(std::filesystem::is_directory(path() / name)) << name;
  EXPECT_EQ(std::filesystem::status(path()).permissions(), std::filesystem::perms{0750});
  EXPECT_EQ(std::filesystem::status(path() / "catalog.sqlite3").permissions(), std::filesystem::perms{0640});
  for (const auto mode : {Mode::read, Mode::write, Mode::create}) {
    reopen(mode);
    EXPECT_EQ(store().id(), id);
  }
}

TEST_F(CatalogTest, RefusesWhatIsNoStore) {
  const auto missing = Store::open(folder_.path() / "nowhere", Mode::read);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_NE(missing.error().text.find("there is no folder"), std::string::npos) << missing.error().text;
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "nowhere"));

  std::ofstream(folder_.path() / "file") << "text";
  const auto file = Store::open(folder_.path() / "file", Mode::create);
  ASSERT_FALSE(file.has_value());
  EXPECT_NE(file.error().text.find("a store is a folder"), std::string::npos) << file.error().text;
  const auto asked = Store::open(folder_.path() / "file", Mode::read);
  ASSERT_FALSE(asked.has_value());
  EXPECT_NE(asked.error().text.find("file is a file: a flowspan store is a folder"), std::string::npos)
      << asked.error().text;

  std::filesystem::create_directory(folder_.path() / "empty");
  const auto empty = Store::open(folder_.path() / "empty", Mode::read);
  ASSERT_FALSE(empty.has_value());
  EXPECT_NE(empty.error().text.find("is no flowspan store: it has no catalog.sqlite3"), std::string::npos)
      << empty.error().text;
}

TEST_F(CatalogTest, SaysWhenItMayNotLookIntoAStore) {
  const auto closed = folder_.path() / "closed";
  std::filesystem::create_directory(closed);
  std::filesystem::permissions(closed, std::filesystem::perms::none);
  const auto asked = Store::open(closed, Mode::read);
  std::filesystem::permissions(closed, std::filesystem::perms::owner_all);
  ASSERT_FALSE(asked.has_value());
  const bool is_root = ::geteuid() == 0;  // may look everywhere
  EXPECT_NE(asked.error().text.find(is_root ? "is no flowspan store" : "cannot look into the store"), std::string::npos)
      << asked.error().text;
}

TEST_F(CatalogTest, RefusesAFolderItCannotWrite) {
  const auto refused = Store::open("/proc/flowspan", Mode::create);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().text.find("cannot make the folder /proc/flowspan"), std::string::npos)
      << refused.error().text;
}

TEST_F(CatalogTest, RefusesANewerFormat) {
  ASSERT_TRUE(store().catalog().write([](auto& db) { return db.exec("PRAGMA user_version = 7"); }));
  store_.reset();
  for (const auto mode : {Mode::read, Mode::write, Mode::create}) {
    const auto opened = Store::open(path(), mode);
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().kind, ErrorKind::newer_format);
    EXPECT_NE(opened.error().text.find("was written by a newer flowspan (format 7; this one reads up to 2)"),
              std::string::npos)
        << opened.error().text;
  }
}

TEST_F(CatalogTest, RefusesAnotherProgramsFileAndADamagedOne) {
  ASSERT_TRUE(store().catalog().write([](auto& db) { return db.exec("PRAGMA application_id = 1"); }));
  store_.reset();
  const auto foreign = Store::open(path(), Mode::create);
  ASSERT_FALSE(foreign.has_value());
  EXPECT_NE(foreign.error().text.find("is not flowspan's"), std::string::npos) << foreign.error().text;

  std::ofstream(path() / "catalog.sqlite3", std::ios::trunc) << std::string(8192, 'x');
  const auto damaged = Store::open(path(), Mode::write);
  ASSERT_FALSE(damaged.has_value());
  EXPECT_NE(damaged.error().text.find("is damaged"), std::string::npos) << damaged.error().text;
}

TEST_F(CatalogTest, ManyMayMakeItAtOnce) {
  std::vector<std::thread> threads;
  std::vector<std::string> ids(8);
  for (auto& id : ids)
    threads.emplace_back([&, target = folder_.path() / "other"] {
      auto opened = Store::open(target, Mode::create);
      id = opened ? (*opened)->id() : opened.error().text;
    });
  for (auto& thread : threads) thread.join();
  for (const auto& id : ids) EXPECT_EQ(id, ids.front());
  EXPECT_EQ(ids.front().size(), 32u) << ids.front();
}

TEST_F(CatalogTest, OneCollectorAStore) {
  const auto lock = store().lock_collector();
  ASSERT_TRUE(lock.has_value());
  const auto other = store().lock_collector();
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().kind, ErrorKind::busy);
  EXPECT_EQ(other.error().text, "another flowspan (process " + std::to_string(::getpid()) + ") collects into " +
                                    path().string() + ": stop it or use another --store");
}

TEST_F(CatalogTest, ReadersCannotWrite) {
  reopen(Mode::read);
  const auto refused = store().set_note("a", "b");
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().text.find("for reading only"), std::string::npos);
}

TEST_F(CatalogTest, KeepsNotesAndRecoveryMarks) {
  ASSERT_TRUE(store().set_note("retention", "90d"));
  EXPECT_EQ(store().note("retention").value(), "90d");
  EXPECT_EQ(store().note("other").value(), std::nullopt);
  EXPECT_EQ(store().begin_recovery(3).value(), 1u);
  reopen(Mode::create);
  EXPECT_EQ(store().begin_recovery(3).value(), 2u);
  EXPECT_EQ(store().begin_recovery(4).value(), 1u);
  ASSERT_TRUE(store().end_recovery(3));
  EXPECT_EQ(store().begin_recovery(3).value(), 1u);
}

TEST_F(CatalogTest, WritersCanBeRedistributed) {
  WriterState one{.writer = 0, .position = {4, 100}, .state = std::string("a\0b", 3)};
  WriterState two{.writer = 1, .position = {7, 9}, .state = "two"};
  ASSERT_TRUE(store().set_writers({one, two}));
  ASSERT_TRUE(store().set_writers({{.writer = 0, .position = {5, 1}, .state = "all"}}));
  const auto writers = store().writers().value();
  ASSERT_EQ(writers.size(), 2u);
  EXPECT_EQ(writers[0].state, "all");
  EXPECT_TRUE(writers[0].active);
  EXPECT_EQ(writers[0].position, (Position{5, 1}));
  EXPECT_FALSE(writers[1].active);
  EXPECT_EQ(writers[1].position, (Position{7, 9}));
  EXPECT_EQ(take_snapshot(store(), {}).value().writers.size(), 1u);
}

TEST_F(CatalogTest, QuarantineIsPartOfASnapshotUntilItIsPassed) {
  ASSERT_TRUE(store().set_writers({{.writer = 0, .position = {2, 100}, .state = ""}}));
  ASSERT_TRUE(store().quarantine({.writer = 0, .position = {2, 50}, .length = 5, .reason = "old"}));
  ASSERT_TRUE(store().quarantine({.writer = 0,
                                  .position = {2, 200},
                                  .length = 60,
                                  .exporter = "192.0.2.1",
                                  .reason = "SIGSEGV",
                                  .file = "f",
                                  .at = 1}));
  const auto snapshot = take_snapshot(store(), {}).value();
  ASSERT_EQ(snapshot.quarantined.size(), 1u);
  EXPECT_EQ(snapshot.quarantined[0].position, (Position{2, 200}));
  EXPECT_EQ(snapshot.quarantined[0].exporter, "192.0.2.1");
  EXPECT_EQ(store().quarantined().value().size(), 2u);
}

TEST(Rows, FieldsAsJson) {
  const auto fields = testing::test_fields();
  EXPECT_EQ(fields_json({}), "[]");
  EXPECT_EQ(fields_of_json(fields_json(fields)).fields, fields);
  EXPECT_FALSE(fields_of_json("[1,3]").knows_more);
  EXPECT_TRUE(fields_of_json("[1,3,64000]").knows_more);
}

TEST(Rows, SpanClasses) {
  EXPECT_EQ(span_class(std::nullopt, 5), -1);
  EXPECT_EQ(span_class(5, 4), -1);
  EXPECT_EQ(span_class(0, 0), 0);
  EXPECT_EQ(span_class(0, second), 0);
  EXPECT_EQ(span_class(0, second + 1), 1);
  EXPECT_EQ(span_class(0, 300 * second), 9);
  EXPECT_EQ(span_class(std::numeric_limits<Time>::min(), std::numeric_limits<Time>::max()), -1);
}

/// Adds segments without files.
void add_segments(Store& store, const std::vector<Segment>& segments) {
  const auto added = store.catalog().write([&](auto& db) -> Status {
    for (auto segment : segments)
      if (auto done = insert_segment(db, segment); !done) return done;
    return {};
  });
  ASSERT_TRUE(added.has_value()) << added.error().text;
}

Segment segment_at(std::size_t number, Time min, Time max) {
  Segment segment;
  segment.name = "segments/" + std::to_string(number);
  segment.sequence = number;
  segment.rows = 10;
  segment.file_bytes = 100;
  segment.fields = testing::test_fields();
  segment.received = {min, max};
  segment.first = {min - 60 * second, max - 30 * second};
  segment.last = {min - 50 * second, max - 20 * second};
  return segment;
}

TEST_F(CatalogTest, WindowsAreExact) {
  std::mt19937_64 random(7);
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < 400; ++i) {
    const Time min = start + static_cast<Time>(random() % 86'400) * second;
    auto segment = segment_at(i, min, min + static_cast<Time>(random() % (1ull << (random() % 47))));
    if (random() % 20 == 0) segment.first = {};
    if (random() % 20 == 0) segment.last = {std::nullopt, segment.last.max};
    segments.push_back(segment);
  }
  add_segments(store(), segments);
  for (int i = 0; i < 300; ++i) {
    Window window{.column = static_cast<TimeColumn>(random() % 4)};
    if (random() % 4 != 0) window.from = start + static_cast<Time>(random() % 90'000) * second;
    if (random() % 4 != 0) window.to = start + static_cast<Time>(random() % 90'000) * second;
    std::vector<std::string> expected;
    for (const auto& s : segments) {
      auto min = s.received.min;
      auto max = s.received.max;
      if (window.column == TimeColumn::first) min = s.first.min, max = s.first.max;
      if (window.column == TimeColumn::last) min = s.last.min, max = s.last.max;
      if (window.column == TimeColumn::active) min = s.first.min, max = s.last.max;
      const bool known = min && max;
      if (!known || ((!window.from || *max >= *window.from) && (!window.to || *min < *window.to)))
        expected.push_back(s.name);
    }
    std::vector<std::string> found;
    const auto snapshot = take_snapshot(store(), window).value();
    for (const auto& s : snapshot.segments) found.push_back(s.name);
    EXPECT_TRUE(std::is_sorted(snapshot.segments.begin(), snapshot.segments.end(),
                               [](const auto& a, const auto& b) { return a.received.min < b.received.min; }));
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    ASSERT_EQ(found, expected) << i;
    EXPECT_EQ(snapshot.totals.segments, 400u);
    EXPECT_EQ(snapshot.totals.rows, 4000u);
  }
}

TEST_F(CatalogTest, AWindowInAHundredThousandSegmentsIsQuick) {
  constexpr std::size_t count = 100'000;
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < count; ++i) {
    const Time min = start + static_cast<Time>(i) * 300 * second;
    segments.push_back(segment_at(i, min, min + 300 * second - 1));
  }
  add_segments(store(), segments);
  reopen(Mode::read);
  const auto timed = [&](const char* what, const Window& window, std::size_t expected, Duration limit) {
    const auto begin = monotonic_now();
    const auto snapshot = take_snapshot(store(), window).value();
    const auto took = monotonic_now() - begin;
    std::cout << what << ": " << snapshot.segments.size() << " segments in " << took / 1000 << " us\n";
    EXPECT_EQ(snapshot.segments.size(), expected) << what;
    EXPECT_LT(took, limit) << what;
  };
  const Time middle = start + static_cast<Time>(count / 2) * 300 * second;
  timed("first", {.column = TimeColumn::received, .from = middle, .to = middle + hour}, 12, 100 * millisecond);
  for (const auto column : {TimeColumn::received, TimeColumn::last, TimeColumn::active}) {
    timed("1 hour in the middle", {.column = column, .from = middle, .to = middle + hour},
          column == TimeColumn::received ? 12 : 13, 20 * millisecond);
    timed("the last hour", {.column = column, .from = start + static_cast<Time>(count - 12) * 300 * second, .to = {}},
          12, 20 * millisecond);
  }
  timed("everything", {}, count, 2 * second);
}

}  // namespace
}  // namespace flowspan::store
