// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/journal_hold.hpp"

#include <gtest/gtest.h>

namespace flowspan::pipeline {
namespace {

TEST(JournalHold, LetsGoWhatTheStoreAndEveryOutputHavePassed) {
  JournalHold hold(2);
  std::vector<std::uint32_t> removed;
  hold.attach(
      [&](Position position) -> Status {
        removed.push_back(position.file);
        return {};
      },
      [] { return std::uint64_t{0}; }, 0);
  hold.commit({5, 0});
  hold.read(0, {4, 17});
  EXPECT_TRUE(removed.empty());
  hold.read(1, {3, 9});
  EXPECT_EQ(removed, std::vector<std::uint32_t>{3});
  hold.read(1, {3, 99});
  EXPECT_EQ(removed.size(), 1u) << "no whole file more";
  hold.read(0, {2, 0});
  hold.read(1, {9, 0});
  EXPECT_EQ(removed, (std::vector<std::uint32_t>{3, 4})) << "nobody goes back";
  hold.release(0);
  EXPECT_EQ(removed.back(), 5u);
  EXPECT_EQ(hold.committed(), (Position{5, 0}));
}

TEST(JournalHold, TriesAgainWhatCouldNotBeRemoved) {
  JournalHold hold(0);
  int attempts = 0;
  hold.attach([&](Position) -> Status { return ++attempts == 1 ? Status(fail("busy")) : Status(); },
              [] { return std::uint64_t{0}; }, 0);
  hold.commit({2, 0});
  hold.commit({2, 5});
  hold.commit({2, 9});
  EXPECT_EQ(attempts, 2);
}

TEST(JournalHold, IsCrowdedAboveItsLimit) {
  JournalHold hold(1);
  std::uint64_t bytes = 100;
  hold.attach([](Position) -> Status { return {}; }, [&] { return bytes; }, 100);
  EXPECT_FALSE(hold.is_crowded());
  bytes = 101;
  EXPECT_TRUE(hold.is_crowded());
}

TEST(JournalHold, IsCrowdedOnAFullDiskWithoutALimit) {
  JournalHold hold(1);
  hold.attach([](Position) { return Status{}; }, [] { return std::uint64_t{1} << 40; }, 0);
  EXPECT_FALSE(hold.is_crowded());
  hold.set_short_of_space(true);
  EXPECT_TRUE(hold.is_crowded());
  hold.set_short_of_space(false);
  EXPECT_FALSE(hold.is_crowded());
}

}  // namespace
}  // namespace flowspan::pipeline
