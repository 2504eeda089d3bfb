// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "exporter/drops.hpp"

#include <gtest/gtest.h>

namespace flowspan::exporter {
namespace {

using flow::Fate;

Drop drop(DropPlace place, std::uint64_t datagrams, std::uint32_t interface = 0) {
  Drop made;
  made.interface = interface;
  made.of(place) = datagrams;
  return made;
}

/// Of an exporter whose datagrams hold 30 flows.
Gap gap(std::uint32_t exporter, std::uint64_t since, std::uint64_t flows, std::uint32_t interface = 0) {
  return {Ip::v4(exporter), interface, since, flows, 30, 1000 + static_cast<Time>(exporter)};
}

TEST(Drops, AGapWithoutADropWasLostOnTheWay) {
  Drops drops;
  EXPECT_EQ(drops.judge(gap(1, 0, 30)).fate, Fate::network);
  drops.add(drop(DropPlace::kernel, 5));
  EXPECT_EQ(drops.judge(gap(1, drops.mark(), 30)).fate, Fate::network);  // the drop was before it
  drops.add(drop(DropPlace::kernel, 5, 1));
  EXPECT_EQ(drops.judge(gap(1, 1, 30, 0)).fate, Fate::network);  // and this one at another socket
  EXPECT_EQ(drops.judge(gap(1, 1, 30, 1)).fate, Fate::kernel);
}

TEST(Drops, SeveralGapsShareADropAsLongAsItLasts) {
  Drops drops;
  drops.add(drop(DropPlace::kernel, 10));
  EXPECT_EQ(drops.judge(gap(1, 0, 4 * 30)).fate, Fate::kernel);
  EXPECT_EQ(drops.judge(gap(2, 0, 5 * 30 + 1)).fate, Fate::kernel);
  EXPECT_EQ(drops.take_placed(), 10);
  EXPECT_TRUE(drops.take_doubts().empty());
}

TEST(Drops, AGapTooManyMakesAllOfThemUnclear) {
  Drops drops;
  drops.add(drop(DropPlace::kernel, 1));
  EXPECT_EQ(drops.judge(gap(9, 0, 30)).fate, Fate::kernel);  // long done when the others begin
  const std::uint64_t since = drops.mark();
  drops.add(drop(DropPlace::kernel, 3));
  EXPECT_EQ(drops.judge(gap(1, since, 60)).fate, Fate::kernel);
  const Verdict second = drops.judge(gap(2, since, 30));
  EXPECT_EQ(second.fate, Fate::kernel);
  EXPECT_EQ(drops.judge(gap(3, since, 1)).fate, Fate::unclear);
  const auto doubts = drops.take_doubts();
  ASSERT_EQ(doubts.size(), 2u);
  EXPECT_EQ(doubts[0].exporter, Ip::v4(1));
  EXPECT_EQ(doubts[0].from, Fate::kernel);
  EXPECT_EQ(doubts[0].flows, 60);
  EXPECT_EQ(doubts[0].found, 1001);
  EXPECT_EQ(doubts[1].flows, 30);
  EXPECT_EQ(drops.take_placed(), 1);  // of the first drop
  EXPECT_EQ(drops.judge(gap(4, since, 1)).fate, Fate::unclear);
  EXPECT_TRUE(drops.take_doubts().empty());  // nobody is doubted twice
  EXPECT_EQ(drops.take_back(second.claim, second.fate, 30), Fate::unclear);
}

TEST(Drops, DropsOfSeveralPlacesLeaveUnclearWhich) {
  Drops drops;
  drops.add(drop(DropPlace::kernel, 5));
  drops.add(drop(DropPlace::ring, 5));
  EXPECT_EQ(drops.judge(gap(1, 0, 30)).fate, Fate::unclear);
  EXPECT_EQ(drops.judge(gap(2, 1, 30)).fate, Fate::ring);
}

TEST(Drops, TheOldestIsTakenFirstSoThatLaterStretchesFindTheirs) {
  Drops drops;
  drops.add(drop(DropPlace::kernel, 1));
  drops.add(drop(DropPlace::kernel, 1));
  EXPECT_EQ(drops.judge(gap(1, 0, 30)).fate, Fate::kernel);
  EXPECT_EQ(drops.judge(gap(2, 1, 30)).fate, Fate::kernel);
  EXPECT_TRUE(drops.take_doubts().empty());
}

TEST(Drops, WhatWasMissedWhileDownHasNoNumber) {
  Drops drops;
  drops.add(drop(DropPlace::down, 1, Drop::all_interfaces));
  EXPECT_EQ(drops.judge(gap(1, 0, 30'000, 7)).fate, Fate::down);
  EXPECT_EQ(drops.judge(gap(2, 0, 30'000)).fate, Fate::down);
  EXPECT_EQ(drops.take_placed(), 0);
  drops.add(drop(DropPlace::kernel, 100));
  EXPECT_EQ(drops.judge(gap(3, 0, 30)).fate, Fate::unclear);
  EXPECT_EQ(drops.judge(gap(3, 1, 30)).fate, Fate::kernel);
}

TEST(Drops, FlowsThatComeLateGiveTheirDropBack) {
  Drops drops;
  drops.add(drop(DropPlace::kernel, 2));
  const Verdict first = drops.judge(gap(1, 0, 60));
  EXPECT_EQ(drops.take_back(first.claim, first.fate, 30), Fate::kernel);
  EXPECT_EQ(drops.take_placed(), 1);
  EXPECT_EQ(drops.judge(gap(2, 0, 30)).fate, Fate::kernel);
  EXPECT_EQ(drops.judge(gap(3, 0, 30)).fate, Fate::unclear);
  const auto doubts = drops.take_doubts();
  ASSERT_EQ(doubts.size(), 2u);
  EXPECT_EQ(doubts[0].flows, 30);  // the other 30 are known not to be lost
}

TEST(Drops, ForgetsTheOldestAndSaysSo) {
  Drops drops;
  for (std::size_t i = 0; i <= Drops::max_events; ++i) drops.add(drop(DropPlace::kernel, 1));
  EXPECT_EQ(drops.judge(gap(1, 0, 30)).fate, Fate::unclear);  // it may be of the drop that is forgotten
  EXPECT_EQ(drops.judge(gap(1, 1, 30)).fate, Fate::kernel);
}

// Each datagram brings a drop and a gap that reaches back over thousands of them: somebody who sends under many addresses,
// while the machine is too slow. Looking at all drops and verdicts for each gap would be thousands of steps a datagram.
TEST(Drops, AFloodOfGapsCostsAFewStepsEach) {
  for (const bool late : {false, true}) {
    Drops drops;
    for (std::size_t i = 0; i < Drops::max_events; ++i) drops.add(drop(DropPlace::kernel, 3));
    constexpr std::uint32_t rounds = 5'000;
    for (std::uint32_t i = 0; i < rounds; ++i) {
      drops.add(drop(DropPlace::kernel, 3));
      const std::uint64_t since = drops.mark() - 4'000;
      const Verdict verdict = drops.judge(gap(i, since, i % 100 == 99 ? 1'000'000 : i % 10 == 9 ? 2'000 : 30));
      if (late) drops.take_back(verdict.claim, verdict.fate, 30);
    }
    EXPECT_GT(drops.take_doubts().size(), 0u);
    EXPECT_LT(drops.looked_at(), 3 * (Drops::max_events + 2 * rounds));
  }
}

TEST(Drops, OfTwoWritersBecomeAStart) {
  Drops one;
  Drops other;
  one.add(drop(DropPlace::kernel, 1));
  for (int i = 0; i < 5; ++i) other.add(drop(DropPlace::ring, 1));
  one.merge(other);
  EXPECT_EQ(one.judge(gap(1, 0, 30)).fate, Fate::down);
  EXPECT_EQ(one.judge(gap(1, 5, 30)).fate, Fate::down);
  EXPECT_EQ(one.judge(gap(1, one.mark(), 30)).fate, Fate::network);
}

}  // namespace
}  // namespace flowspan::exporter
