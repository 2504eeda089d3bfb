// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowspan::app {
namespace {

using testing::HasSubstr;

constexpr Time begin = 1000 * second;

Health collecting() {
  Health health;
  health.enter(Health::Stage::collecting, begin);
  return health;
}

TEST(Health, SaysWhyItIsNotReady) {
  Health health;
  EXPECT_THAT(health.not_ready(), HasSubstr("starting"));
  health.enter(Health::Stage::collecting, begin);
  EXPECT_EQ(health.not_ready(), "");
  health.enter(Health::Stage::stopping, begin);
  EXPECT_THAT(health.not_ready(), HasSubstr("stopping"));
}

TEST(Health, ALongRecoveryIsNoTrouble) {
  Health health;
  health.enter(Health::Stage::recovering, begin);
  EXPECT_EQ(health.trouble(begin + hour), "");
}

TEST(Health, OneFailureOfTheJournalIsNoTroubleManyAre) {
  Health health = collecting();
  health.note(1, 0, false, begin + second);
  for (int i = 2; i < 8; ++i) health.note(1, 0, false, begin + i * second);
  EXPECT_EQ(health.trouble(begin + 8 * second), "");
  Time time = begin + 20 * second;
  for (std::uint64_t i = 2; i < 7; ++i, time += second) health.note(i, 0, false, time);
  EXPECT_THAT(health.trouble(time), HasSubstr("the journal cannot be written"));
  for (int i = 0; i < 10; ++i, time += second) health.note(6, 0, false, time);
  EXPECT_EQ(health.trouble(time), "");
}

TEST(Health, CommitsMayFailForAMinute) {
  Health health = collecting();
  for (int i = 0; i <= 70; ++i) {
    health.note(0, 1 + static_cast<std::uint64_t>(i) / 10, false, begin + i * second);  // an attempt in ten seconds
    EXPECT_EQ(health.trouble(begin + i * second).empty(), i < 60) << i;
  }
  EXPECT_THAT(health.trouble(begin + 70 * second), HasSubstr("segments cannot be stored for 1m10s"));
}

TEST(Health, ABrokenSocketIsTrouble) {
  Health health = collecting();
  health.note(0, 0, true, begin);
  EXPECT_THAT(health.trouble(begin), HasSubstr("a socket broke"));
}

TEST(Health, SilenceIsTroubleWhileItCollects) {
  Health health = collecting();
  EXPECT_EQ(health.trouble(begin + 29 * second), "");
  EXPECT_THAT(health.trouble(begin + 31 * second), HasSubstr("nothing was counted for 31s"));
  health.enter(Health::Stage::stopping, begin + 31 * second);
  EXPECT_EQ(health.trouble(begin + 90 * second), "");
}

}  // namespace
}  // namespace flowspan::app
