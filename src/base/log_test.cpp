// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace flowspan::log {
namespace {

template <typename Function>
std::string stderr_of(Function run) {
  testing::internal::CaptureStderr();
  run();
  return testing::internal::GetCapturedStderr();
}

class Log : public testing::Test {
 protected:
  void SetUp() override { set_level(Level::info); }
  void TearDown() override { set_level(Level::info); }
};

TEST_F(Log, a_line_has_time_in_utc_and_level) {
  const Time before = now() / second * second;
  const auto line = stderr_of([] { warn("the disk is nearly full"); });
  const auto space = line.find(' ');
  ASSERT_NE(space, std::string::npos) << line;
  EXPECT_EQ(line.substr(space), " warning: the disk is nearly full\n");
  const auto text = line.substr(0, space);
  EXPECT_EQ(text.size(), std::string("2026-11-23T16:30:05.123Z").size()) << line;
  EXPECT_TRUE(text.ends_with('Z')) << line;
  const auto time = parse_time(text, 0);
  ASSERT_TRUE(time) << line;
  EXPECT_GE(*time, before);
  EXPECT_LE(*time, now());
}

TEST_F(Log, levels_have_names) {
  set_level(Level::debug);
  EXPECT_NE(stderr_of([] { write(Level::debug, "x"); }).find("Z debug: x\n"), std::string::npos);
  EXPECT_NE(stderr_of([] { info("x"); }).find("Z info: x\n"), std::string::npos);
  EXPECT_NE(stderr_of([] { error("x"); }).find("Z error: x\n"), std::string::npos);
}

TEST_F(Log, below_the_level_nothing_is_printed) {
  EXPECT_EQ(stderr_of([] { write(Level::debug, "x"); }), "");
  set_level(Level::error);
  EXPECT_EQ(stderr_of([] { warn("x"); }), "");
  EXPECT_NE(stderr_of([] { error("x"); }), "");
}

TEST_F(Log, braces_are_no_format) {
  EXPECT_NE(stderr_of([] { info("{} {0} %v %d"); }).find("info: {} {0} %v %d\n"), std::string::npos);
}

TEST_F(Log, a_message_is_one_line_whatever_an_exporter_sent) {
  const auto line = stderr_of([] { info("name\n2026 error: forged\x1b[31m\r\x7f\tend é"); });
  EXPECT_NE(line.find("info: name 2026 error: forged [31m   end é\n"), std::string::npos) << line;
}

/// How many messages the text accounts for: its lines and those that they say were held back.
std::size_t accounted(const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; ++at) ++count;
  for (std::size_t at = 0; (at = text.find(" more held back)", at)) != std::string::npos; ++at)
    count += std::stoul(text.substr(text.rfind('(', at) + 1));
  return count;
}

TEST_F(Log, a_limiter_lets_the_first_message_through_and_holds_the_next) {
  Limiter limiter(hour);
  const auto text = stderr_of([&] {
    for (int i = 0; i < 3; ++i) limiter.write(Level::warning, "again");
  });
  EXPECT_EQ(accounted(text), 1u) << text;
}

TEST_F(Log, a_limiter_says_how_many_it_held_back) {
  Limiter limiter(100 * millisecond);
  const auto text = stderr_of([&] {
    for (int i = 0; i < 3; ++i) limiter.write(Level::warning, "again");
    std::this_thread::sleep_for(std::chrono::milliseconds(110));
    limiter.write(Level::warning, "again");
  });
  EXPECT_EQ(accounted(text), 4u) << text;
}

TEST_F(Log, a_limiter_does_not_spend_its_interval_on_what_is_not_printed) {
  Limiter limiter(hour);
  const auto text = stderr_of([&] {
    limiter.write(Level::debug, "hidden");
    limiter.write(Level::warning, "shown");
  });
  EXPECT_NE(text.find("warning: shown\n"), std::string::npos) << text;
}

TEST_F(Log, a_limiter_of_many_threads_lets_one_message_through) {
  Limiter limiter(hour);
  const auto text = stderr_of([&] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { limiter.write(Level::warning, "again"); });
    for (auto& thread : threads) thread.join();
  });
  EXPECT_EQ(accounted(text), 1u) << text;
}

}  // namespace
}  // namespace flowspan::log
