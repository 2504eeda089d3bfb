// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/screen_questions.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "analysis/duration.hpp"

namespace flowspan::app {
namespace {

constexpr std::chrono::seconds patience{60};

/// Whether it became true.
bool wait_for(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// Answers when it is told to, and ends when it is interrupted.
class SlowStore {
 public:
  query::Ask ask() {
    return [this](const query::Request& request, query::RowWriter& rows) -> Result<query::Truth> {
      ++begun_;
      while (!may_answer_) {
        if (request.interrupt->asked()) return fail("INTERRUPT Error: Interrupted!");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      if (fails_) return fail("the disk is gone");
      using Row = std::vector<engine::Value>;
      rows.begin(std::vector<engine::Column>(5));
      rows.row(Row{std::string("10.0.0.1"), std::int64_t{2'001}, std::int64_t{2}, std::int64_t{3}, std::int64_t{0}});
      rows.row(Row{std::string("10.0.0.3"), engine::Decimal{"99999999999999999999"}, std::int64_t{9}, std::int64_t{3},
                   std::int64_t{0}});
      rows.row(Row{std::string("2001:db8::1"), std::monostate{}, std::int64_t{3}, std::int64_t{3}, std::int64_t{0}});
      const std::lock_guard lock(mutex_);
      answered_ = request;
      return query::Truth{};
    };
  }
  int begun() const { return begun_; }
  void answer(bool fails = false) {
    fails_ = fails;
    may_answer_ = true;
  }
  query::Request answered() const {
    const std::lock_guard lock(mutex_);
    return answered_;
  }

 private:
  std::atomic<int> begun_{0};
  std::atomic<bool> may_answer_{false};
  std::atomic<bool> fails_{false};
  mutable std::mutex mutex_;
  query::Request answered_;
};

class ScreenQuestionsTest : public testing::Test {
 protected:
  void look_at(std::size_t window) { questions.want({.window = window, .durations = true, .pairs = false}, false); }
  tui::Answer<tui::SourceDuration> durations() const {
    tui::Model model;
    questions.fill(model);
    return model.durations;
  }

  SlowStore slow;
  ScreenQuestions questions{"store", {{.match = *Prefix::parse("192.0.2.1")}}, slow.ask()};
};

TEST_F(ScreenQuestionsTest, OnceRoundTheWindowsIsNoFailure) {
  look_at(0);
  ASSERT_TRUE(wait_for([&] { return slow.begun() == 1; }));
  for (const std::size_t window : {1, 2, 3, 0}) look_at(window);
  ASSERT_TRUE(wait_for([&] { return slow.begun() == 2; }));
  EXPECT_EQ(durations().error, "");
  EXPECT_GT(durations().asking_since, 0);
  slow.answer();
  ASSERT_TRUE(wait_for([&] { return !durations().rows.empty(); }));
  EXPECT_EQ(durations().window, "1m");
}

TEST_F(ScreenQuestionsTest, AFailureIsShown) {
  slow.answer(true);
  look_at(0);
  ASSERT_TRUE(wait_for([&] { return !durations().error.empty(); }));
  EXPECT_EQ(durations().error, "the disk is gone");
}

TEST_F(ScreenQuestionsTest, DurationsAreThoseOfTheDurationCommand) {
  slow.answer();
  look_at(3);  // all
  ASSERT_TRUE(wait_for([&] { return !durations().rows.empty(); }));
  const auto command = analysis::plan_duration({.top = 500});
  ASSERT_TRUE(command);
  EXPECT_EQ(slow.answered().sql, command->sql);
  EXPECT_EQ(slow.answered().store, "store");
  EXPECT_EQ(slow.answered().exporters.size(), 1u);
  const auto found = durations();
  ASSERT_EQ(found.rows.size(), 3u);
  EXPECT_EQ(found.rows[0].source.to_string(), "10.0.0.1");
  EXPECT_EQ(found.rows[0].total_ms, 2'001u);
  EXPECT_EQ(found.rows[0].flows, 2u);
  EXPECT_EQ(found.rows[1].total_ms, UINT64_MAX);  // more than it can show
  EXPECT_EQ(found.rows[2].source.to_string(), "2001:db8::1");
  EXPECT_EQ(found.rows[2].total_ms, std::nullopt);
  EXPECT_EQ(found.note, "3 flows end before they begin: in C, not in T");
}

}  // namespace
}  // namespace flowspan::app
