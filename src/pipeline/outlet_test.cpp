// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/outlet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include "journal/names.hpp"
#include "pipeline/recovery.hpp"
#include "support/journal_fixture.hpp"

namespace flowspan::pipeline {
namespace {

using flow::operator""_field;
using test::counting;
using test::JournalWriter;
using test::RememberingSink;
using test::TemporaryFolder;
using ::testing::HasSubstr;

/// Keeps the `bytes` of all flows, and its marks; takes nothing while it is closed, and never a whole commit while it
/// crawls.
class FakeSink final : public flow::FlowSink {
 public:
  flow::FieldSet wanted() const override { return flow::FieldSet{}.set("bytes"_field); }
  Pace pace() const override { return {most_rows, 0}; }
  bool keeps_marks() const override { return keeps; }
  Result<std::optional<flow::Mark>> mark(std::uint32_t writer) override {
    const auto found = marks.find(writer);
    return found == marks.end() ? std::nullopt : std::optional(found->second);
  }
  void put(const flow::FlowBatch& flows) override {
    const auto* bytes = flows.values<std::uint64_t>("bytes"_field);
    put_.insert(put_.end(), bytes, bytes + flows.rows());
  }
  Status commit(std::span<const flow::Mark> given) override {
    if (closed) return fail("it is closed", ErrorKind::busy);
    if (crawls) {
      ++moved;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return fail("it takes its time", ErrorKind::busy);
    }
    const std::lock_guard lock(mutex);
    committed.insert(committed.end(), put_.begin(), put_.end());
    put_.clear();
    for (const flow::Mark& mark : given) marks[mark.writer] = mark;
    return {};
  }
  std::uint64_t progress() const override { return moved; }
  std::uint64_t flows_out() const override { return out; }
  bool ended() const override { return gone; }

  std::size_t flows() {
    const std::lock_guard lock(mutex);
    return committed.size();
  }

  std::uint64_t most_rows = 10'000;
  bool keeps = true;
  std::uint64_t out = 0;
  std::atomic<std::uint64_t> moved{0};
  std::atomic<bool> closed{false};
  std::atomic<bool> crawls{false};
  std::atomic<bool> gone{false};
  std::mutex mutex;
  std::vector<std::uint64_t> committed;
  std::map<std::uint32_t, flow::Mark> marks;

 private:
  std::vector<std::uint64_t> put_;
};

template <typename F>
bool eventually(F&& condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

class OutletTest : public ::testing::Test {
 protected:
  OutletTest() {
    hold_.attach([this](Position position) { return remove_journals(folder_.path(), 0, position.file); },
                 [this] { return bytes_.load(); }, 100);
  }

  std::size_t files() {
    const auto journals = journal::list_journals(folder_.path());
    return journals->contains(0) ? journals->at(0).size() : 0;
  }

  /// An outlet over the journal of this run, which begins at `first`.
  std::unique_ptr<Outlet> outlet(const WriterHistory& history, std::optional<Position> first) {
    auto made = std::make_unique<Outlet>(folder_.path(), Output{"fake", "the fake", &sink_}, 0);
    const Status added = made->add(history, first, hold_);
    EXPECT_TRUE(added) << added.error().text;
    EXPECT_TRUE(made->start());
    return made;
  }

  TemporaryFolder folder_;
  FakeSink sink_;
  JournalHold hold_{1};
  std::atomic<std::uint64_t> bytes_{0};
};

TEST_F(OutletTest, FollowsAJournalToItsEndAndThenLetsItGo) {
  JournalWriter journal(folder_.path(), 20'000);
  const auto outlet = this->outlet({}, journal.position());
  journal.datagrams(50);
  EXPECT_TRUE(eventually([&] { return sink_.flows() == 1500; }));
  journal.datagrams(50);
  EXPECT_TRUE(eventually([&] { return sink_.flows() == 3000; }));
  EXPECT_GT(files(), 3u) << "the store has not committed them";
  hold_.commit({journal.position().file + 1, 0});
  outlet->finish(minute);
  outlet->join();
  EXPECT_TRUE(outlet->counters().complete);
  EXPECT_EQ(outlet->counters().flows, 3000u);
  EXPECT_EQ(sink_.committed, counting(3000));
  EXPECT_EQ(files(), 0u);
}

TEST_F(OutletTest, TheJournalWaitsForAnOutputThatTakesNothing) {
  JournalWriter journal(folder_.path(), 20'000);
  const auto outlet = this->outlet({}, journal.position());
  sink_.closed = true;
  journal.datagrams(100);
  hold_.commit(journal.position());
  EXPECT_TRUE(eventually([&] { return outlet->counters().failures > 0; }));
  EXPECT_EQ(journal::list_journals(folder_.path())->at(0).front(), 1u);
  sink_.closed = false;
  EXPECT_TRUE(eventually([&] { return sink_.flows() == 3000; }));
  EXPECT_TRUE(eventually([&] { return files() == 1; })) << "the one that is written";
  outlet->finish(minute);
  outlet->join();
  EXPECT_EQ(sink_.committed, counting(3000));
}

TEST_F(OutletTest, SkipsWhatTheStoreHasWhenTheJournalIsTooLarge) {
  sink_.most_rows = 300;
  JournalWriter journal(folder_.path(), 20'000);
  const auto outlet = this->outlet({}, journal.position());
  sink_.closed = true;
  journal.datagrams(100);
  hold_.commit(journal.position());
  EXPECT_TRUE(eventually([&] { return outlet->counters().failures > 0; }));
  EXPECT_EQ(outlet->counters().skipped_flows, 0u);
  bytes_ = 101;
  EXPECT_TRUE(eventually([&] { return files() == 1; }));
  bytes_ = 0;
  sink_.closed = false;
  journal.datagrams(10);
  outlet->finish(minute);
  outlet->join();
  EXPECT_EQ(sink_.committed.size() + outlet->counters().skipped_flows, 3300u);
  EXPECT_GT(outlet->counters().skipped_flows, 0u);
  EXPECT_EQ(sink_.committed.back(), 3299u);
}

TEST_F(OutletTest, GoesOnAtItsMarkAndThenWithTheNextRun) {
  Position middle;
  {
    JournalWriter journal(folder_.path(), 20'000);
    middle = journal.datagrams(40);
    journal.datagrams(60);
  }
  sink_.marks[0] = {0, middle, {}};
  RememberingSink store;
  WriterHistory history;
  RecoveryOptions options;
  options.journal_directory = folder_.path();
  options.keep_journals = true;
  ASSERT_TRUE(recover(options, history.start, store));
  EXPECT_EQ(store.bytes.size(), 3000u);
  ASSERT_GT(files(), 1u) << "kept for the output";
  hold_.commit(history.start.position);

  JournalWriter journal(folder_.path(), 20'000, history.start.position.file);
  const auto outlet = this->outlet(history, journal.position());
  journal.datagrams(10);
  hold_.commit({journal.position().file + 1, 0});
  outlet->finish(minute);
  outlet->join();
  ASSERT_EQ(sink_.committed.size(), 1800u + 300u);
  EXPECT_EQ(sink_.committed.front(), 1200u);
  EXPECT_EQ(sink_.committed[1799], 2999u);
  EXPECT_EQ(sink_.committed[1800], 0u);
  EXPECT_EQ(files(), 0u);
}

TEST_F(OutletTest, ReadsWhatAWriterThatIsNoMoreHasLeft) {
  { JournalWriter(folder_.path(), 20'000).datagrams(100); }
  RememberingSink store;
  WriterHistory history;
  RecoveryOptions options;
  options.journal_directory = folder_.path();
  options.keep_journals = true;
  ASSERT_TRUE(recover(options, history.start, store));
  hold_.commit(history.start.position);
  const auto outlet = this->outlet(history, std::nullopt);
  EXPECT_TRUE(eventually([&] { return files() == 0; }));
  outlet->finish(minute);
  outlet->join();
  EXPECT_EQ(sink_.committed, counting(3000));
}

TEST_F(OutletTest, OneThatIsSlowHasItsTimeAtTheEndAndNoMore) {
  sink_.keeps = false;
  sink_.most_rows = 300;
  JournalWriter journal(folder_.path(), 20'000);
  const auto outlet = this->outlet({}, journal.position());
  sink_.crawls = true;
  journal.datagrams(100);
  hold_.commit({journal.position().file + 1, 0});
  sink_.out = 17;
  outlet->finish(100 * millisecond);
  EXPECT_TRUE(eventually([&] { return outlet->done(); })) << "it moves, and never comes to an end";
  outlet->give_up();
  outlet->join();
  EXPECT_FALSE(outlet->counters().complete);
  EXPECT_EQ(outlet->counters().flows, 17u) << "what went out of what it did not take whole";
  EXPECT_EQ(outlet->counters().skipped_flows, 3000u - 17u);
  EXPECT_EQ(files(), 0u) << "nobody goes on with them";
}

TEST_F(OutletTest, OneThatKeepsMarksSaysHowManyFlowsWaitForTheNextStart) {
  JournalWriter journal(folder_.path(), 20'000);
  const auto outlet = this->outlet({}, journal.position());
  sink_.crawls = true;
  journal.datagrams(100);
  hold_.commit({journal.position().file + 1, 0});
  ::testing::internal::CaptureStderr();
  outlet->finish(100 * millisecond);
  EXPECT_TRUE(eventually([&] { return outlet->done(); }));
  outlet->give_up();
  outlet->join();
  EXPECT_THAT(
      ::testing::internal::GetCapturedStderr(),
      HasSubstr("the fake was not given 3,000 flows: they wait in the journal, and the next start goes on there"));
  EXPECT_EQ(outlet->counters().skipped_flows, 0u);
  EXPECT_GT(files(), 0u);
}

TEST_F(OutletTest, GivingUpDoesNotWaitForTheCount) {
  sink_.keeps = false;
  sink_.most_rows = 300;
  JournalWriter journal(folder_.path());
  sink_.crawls = true;
  journal.datagrams(1000);
  const auto outlet = std::make_unique<Outlet>(folder_.path(), Output{"fake", "the fake", &sink_}, 0);
  ASSERT_TRUE(outlet->add({}, Position{1, 0}, hold_));
  ASSERT_TRUE(outlet->start());
  outlet->give_up();
  outlet->finish(minute);
  outlet->join();
  EXPECT_GT(outlet->counters().skipped_flows, 0u);
  EXPECT_LT(outlet->counters().skipped_flows, 30'000u);
}

TEST_F(OutletTest, OneThatHasEndedHoldsNothing) {
  JournalWriter journal(folder_.path(), 20'000);
  const auto outlet = this->outlet({}, journal.position());
  sink_.closed = sink_.gone = true;
  journal.datagrams(100);
  hold_.commit(journal.position());
  EXPECT_TRUE(eventually([&] { return outlet->done(); }));
  EXPECT_FALSE(outlet->counters().complete);
}

}  // namespace
}  // namespace flowspan::pipeline
