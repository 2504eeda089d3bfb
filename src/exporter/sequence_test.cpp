// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "exporter/sequence.hpp"

#include <gtest/gtest.h>

#include <array>

namespace flowspan::exporter {
namespace {

constexpr std::int64_t start_ms = 1'700'000'000'000;

/// An exporting process: numbers its flows, knows when it booted, and has a clock that can be wrong.
struct Process {
  std::int64_t boot_ms = start_ms - 3'600'000;
  std::uint32_t next = 0;
  std::int64_t clock_error_ms = 0;

  Numbered send(std::int64_t at_ms, std::uint32_t flows = 30) {
    Numbered datagram;
    datagram.sequence = next;
    datagram.flows = flows;
    datagram.sys_uptime = static_cast<std::uint32_t>(at_ms - boot_ms);
    datagram.export_ms = at_ms + clock_error_ms;
    datagram.received = at_ms * millisecond;
    next += flows;
    return datagram;
  }
};

class SequenceTest : public testing::Test {
 protected:
  SequenceNews see(const Numbered& datagram) {
    const std::uint64_t before = counters.lost_flows;
    const SequenceNews news = sequence.observe(datagram, counters);
    EXPECT_EQ(counters.lost_flows + news.recovered, before + news.lost);
    return news;
  }
  /// Sends datagrams, one every `step_ms`.
  void run(Process& sender, int datagrams, std::int64_t step_ms = 100) {
    for (int i = 0; i < datagrams; ++i) see(sender.send(now_ms += step_ms));
  }
  /// All but what the test names are zero.
  void expect(Counters expected) { EXPECT_EQ(counters, expected); }

  std::int64_t now_ms = start_ms;
  Process process;
  Sequence sequence;
  Counters counters;
};

TEST_F(SequenceTest, AnUnbrokenSequenceIsNoNews) {
  process.next = 123'456;
  run(process, 1'000);
  expect({});
}

TEST_F(SequenceTest, AGapIsLoss) {
  run(process, 10);
  process.next += 90;
  EXPECT_EQ(see(process.send(now_ms += 100)).lost, 90u);
  run(process, 10);
  expect({.lost_flows = 90});
}

TEST_F(SequenceTest, TheWrapOfTheSequenceIsNothingSpecial) {
  process.next = 0xffff'ff00;
  run(process, 20);
  expect({});
  process.next = 0xffff'fff0;
  Sequence other;
  Counters lost;
  other.observe(process.send(now_ms), lost);
  process.next += 5;
  EXPECT_EQ(other.observe(process.send(now_ms), lost).lost, 5u);
}

TEST_F(SequenceTest, ALateDatagramIsReorderedAndNotLost) {
  run(process, 5);
  const Numbered late = process.send(now_ms += 1);
  EXPECT_EQ(see(process.send(now_ms += 1)).lost, 30u);
  EXPECT_EQ(see(late).recovered, 30u);
  run(process, 5);
  expect({.reordered_flows = 30});
}

TEST_F(SequenceTest, OfAGapOnlyWhatComesLateIsFound) {
  run(process, 5);
  std::vector<Numbered> held;
  for (int i = 0; i < 5; ++i) held.push_back(process.send(now_ms += 1));
  run(process, 1);
  EXPECT_EQ(counters.lost_flows, 150u);
  see(held[3]);
  see(held[1]);
  run(process, 5);
  see(held[2]);
  expect({.lost_flows = 60, .reordered_flows = 90});
}

TEST_F(SequenceTest, ADatagramThatComesTwiceIsADuplicate) {
  run(process, 5);
  const Numbered twice = process.send(now_ms += 1);
  see(twice);
  see(twice);
  run(process, 1);
  see(twice);
  expect({.duplicate_datagrams = 2});
}

TEST_F(SequenceTest, ALateDatagramThatComesTwiceIsFoundOnce) {
  run(process, 5);
  const Numbered late = process.send(now_ms += 1);
  run(process, 1);
  see(late);
  see(late);
  expect({.reordered_flows = 30, .duplicate_datagrams = 1});
}

TEST_F(SequenceTest, GapsBeyondThoseRememberedStayLost) {
  std::vector<Numbered> held;
  for (std::size_t i = 0; i < max_holes + 4; ++i) {
    run(process, 1);
    held.push_back(process.send(now_ms));
  }
  run(process, 1);
  for (const Numbered& late : held) see(late);
  EXPECT_EQ(counters.lost_flows, 4u * 30u);
}

TEST_F(SequenceTest, WhatComesAMinuteLateFillsNoGap) {
  run(process, 1);
  const Numbered late = process.send(now_ms);
  run(process, 1);
  run(process, 10, 10'000);
  Numbered now = late;
  now.received = now_ms * millisecond;
  see(now);
  EXPECT_EQ(counters.lost_flows, 30u);
}

TEST_F(SequenceTest, ARestartIsToldByBootTimeAndSequence) {
  process.next = 5'000'000;
  run(process, 10);
  Process again{.boot_ms = now_ms + 20'000};
  now_ms += 60'000;
  run(again, 10);
  expect({.restarts = 1});
}

TEST_F(SequenceTest, ARestartAfterFewFlowsIsStillARestart) {
  run(process, 2);
  Process again{.boot_ms = now_ms + 1'000, .next = 90};  // its first datagrams are lost
  now_ms += 6'000;
  run(again, 10);
  expect({.restarts = 1});
}

TEST_F(SequenceTest, EveryRestartCounts) {
  for (int i = 0; i < 20; ++i) {
    Process again{.boot_ms = now_ms + 10'000};
    now_ms += 20'000;
    run(again, 50);
  }
  expect({.restarts = 19});
}

TEST_F(SequenceTest, TheWrapOfSysUptimeIsNoRestart) {
  process.boot_ms = start_ms - (std::int64_t{1} << 32) + 500;
  run(process, 20);
  process.next += 60;
  run(process, 20);
  expect({.lost_flows = 60});
}

TEST_F(SequenceTest, AStepOfTheExportersClockIsNoRestart) {
  run(process, 10);
  process.clock_error_ms = 3'600'000;
  run(process, 10);
  process.clock_error_ms = -7'200'000;
  run(process, 10);
  expect({.clock_steps = 2});
}

TEST_F(SequenceTest, AStepOfTheClockHidesNoLoss) {
  run(process, 10);
  process.clock_error_ms = 3'600'000;
  process.next += 600;
  run(process, 10);
  expect({.lost_flows = 600, .clock_steps = 1});
}

TEST_F(SequenceTest, AClockThatDriftsIsNoStep) {
  for (int i = 0; i < 10'000; ++i) {
    ++process.clock_error_ms;
    run(process, 1);
  }
  expect({});
}

TEST_F(SequenceTest, AStepOfOurOwnClockIsNoNews) {
  run(process, 10);
  for (const std::int64_t step : {-3'600'000, 7'200'000}) {
    for (int i = 0; i < 10; ++i) {
      Numbered datagram = process.send(now_ms += 100);
      datagram.received += step * millisecond;
      see(datagram);
    }
  }
  expect({});
}

TEST_F(SequenceTest, AnAbsurdJumpIsAResetAndNoLoss) {
  run(process, 10);
  process.next += 500'000'000;
  run(process, 10);
  process.next -= 300'000'000;
  run(process, 10);
  expect({.resets = 2});
}

TEST_F(SequenceTest, ALongSilenceMayHideALargeLoss) {
  run(process, 10);
  now_ms += 600'000;
  process.next += 500'000'000;
  run(process, 10);
  expect({.lost_flows = 500'000'000});
}

TEST_F(SequenceTest, RandomNumbersAreNoLossForEver) {
  std::uint32_t random = 1;
  for (int i = 0; i < 10'000; ++i) {
    random = random * 1'664'525 + 1'013'904'223;
    process.next = random;
    run(process, 1, 1);
  }
  // What is not a reset is a jump small enough to be a burst lost.
  EXPECT_GT(counters.resets, 9'900u);
  EXPECT_LT(counters.lost_flows, 50u * largest_burst);
}

TEST_F(SequenceTest, TwoProcessesBehindOneAddressLoseNothing) {
  Process second{.boot_ms = process.boot_ms + 100'000, .next = 0};
  process.next = 70'000'000;
  for (int i = 0; i < 1'000; ++i) {
    run(process, 1);
    run(second, 1);
  }
  expect({});
  process.next += 30;
  run(process, 1);
  second.next += 60;
  run(second, 1);
  expect({.lost_flows = 90});
}

TEST_F(SequenceTest, TwoProcessesOfOneBootLoseNothing) {
  for (const std::uint32_t lead : {90u, 4'000u, 500'000u, 400'000'000u}) {
    SCOPED_TRACE(lead);
    sequence = {};
    counters = {};
    Process first;
    Process second{.boot_ms = first.boot_ms + 20, .next = lead};
    for (int i = 0; i < 1'000; ++i) {
      run(first, 1, 10);
      run(second, 1, 10);
    }
    EXPECT_EQ(counters.lost_flows, 0u);
    EXPECT_EQ(counters.restarts, 0u);
    EXPECT_EQ(counters.resets, 0u);
    EXPECT_LE(counters.reordered_flows, 30u * (interleave_proof + 1));
  }
}

TEST_F(SequenceTest, FourProcessesAreToldApart) {
  std::vector<Process> processes;
  for (std::uint32_t i = 0; i < max_lanes; ++i)
    processes.push_back({.boot_ms = start_ms - 1'000'000 * (i + 1), .next = i * 90'000'000});
  for (int i = 0; i < 500; ++i) {
    for (Process& one : processes) run(one, 1, 1 + i % 7);
  }
  expect({});
}

TEST_F(SequenceTest, ABlockThatTookALongerWayIsNotLost) {
  run(process, 100);
  std::vector<Numbered> block;
  for (int i = 0; i < 60; ++i) block.push_back(process.send(now_ms += 1));
  for (const Numbered& late : block) {
    run(process, 1, 1);
    see(late);
  }
  run(process, 100);
  EXPECT_EQ(counters.lost_flows, 0u);
  EXPECT_EQ(counters.resets, 0u);
}

TEST(Engines, ForgetTheLeastRecentlyUsed) {
  Engines engines;
  Counters counters;
  engines.use({5, 0, 1}, true, counters);
  engines.use({5, 0, 2}, true, counters);
  engines.use({5, 0, 1}, false, counters);
  EXPECT_EQ(counters.forgotten_engines, 0u);
  engines.use({5, 0, 3}, false, counters);
  EXPECT_EQ(counters.forgotten_engines, 1u);
  ASSERT_EQ(engines.size(), 2u);
  EXPECT_EQ(engines.all()[0].key, (EngineKey{5, 0, 3}));
  EXPECT_EQ(engines.all()[1].key, (EngineKey{5, 0, 1}));
}

/// Adds up what a sequence says, as the ledger does.
class AnnouncedTest : public testing::Test {
 protected:
  void see(const Numbered& datagram) {
    const SequenceNews news = sequence.observe(datagram, counters, &drops);
    stored += datagram.flows;
    repeated += static_cast<std::int64_t>(news.repeated);
    announced += news.announced;
    for (const Finding& finding : news.findings) {
      lost[static_cast<std::size_t>(finding.fate)] += finding.lost;
      announced += finding.announced;
    }
    restarts += news.restarts;
    resets += news.resets;
  }
  void run(Process& sender, int datagrams) {
    for (int i = 0; i < datagrams; ++i) see(sender.send(now_ms += 100));
  }
  std::int64_t of(flow::Fate fate) const { return lost[static_cast<std::size_t>(fate)]; }
  std::int64_t difference() const {
    std::int64_t rest = announced + repeated - stored;
    for (const std::int64_t flows : lost) rest -= flows;
    return rest;
  }

  std::int64_t now_ms = start_ms;
  Process process;
  Sequence sequence;
  Counters counters;
  Drops drops;
  std::int64_t stored = 0, repeated = 0, announced = 0, restarts = 0, resets = 0;
  std::array<std::int64_t, flow::fates> lost{};
};

TEST_F(AnnouncedTest, IsWhatTheNumbersAdvancedBy) {
  process.next = 0xffff'ff00;
  run(process, 10);
  process.next += 600;
  run(process, 10);
  EXPECT_EQ(announced, 1200);
  EXPECT_EQ(of(flow::Fate::network), 600);
  EXPECT_EQ(difference(), 0);
}

TEST_F(AnnouncedTest, LateOnesAndDuplicatesBalance) {
  run(process, 2);
  const Numbered late = process.send(now_ms);
  const Numbered missing = process.send(now_ms);
  run(process, 1);
  see(late);
  see(late);
  EXPECT_EQ(announced, 150);
  EXPECT_EQ(of(flow::Fate::network), missing.flows);
  EXPECT_EQ(repeated, 30);
  EXPECT_EQ(difference(), 0);
}

TEST_F(AnnouncedTest, ALateDatagramCountsInItsOwnHour) {
  run(process, 1);
  const Numbered late = process.send(now_ms);
  const Numbered behind = process.send(now_ms += 100);
  see(behind);
  Numbered came = late;
  came.received = behind.received + 10 * second;
  const SequenceNews news = sequence.observe(came, counters, &drops);
  ASSERT_EQ(news.findings.size(), 1u);
  EXPECT_EQ(news.findings[0].when, behind.received);
  EXPECT_EQ(news.findings[0].lost, -30);
  EXPECT_EQ(news.findings[0].announced, -30);
  EXPECT_EQ(news.announced, 30);
}

TEST_F(AnnouncedTest, ARestartAnnouncesAnew) {
  run(process, 5);
  process = {.boot_ms = now_ms + 5'000, .next = 0};
  now_ms += 10'000;
  run(process, 5);
  process.next += 0x4000'0000;  // absurd: a reset
  run(process, 5);
  EXPECT_EQ(announced, 450);
  EXPECT_EQ(restarts, 1);
  EXPECT_EQ(resets, 1);
  EXPECT_EQ(difference(), 0);
}

TEST_F(AnnouncedTest, TwoProcessesThatLookedLikeLossAnnounceTheirOwnFlowsOnly) {
  Process other = process;
  other.next = 60'000;
  for (int i = 0; i < 100; ++i) {
    run(process, 1);
    run(other, 1);
  }
  EXPECT_EQ(announced, 6'000);
  EXPECT_EQ(of(flow::Fate::network), 0);
  EXPECT_EQ(difference(), 0);
}

TEST_F(AnnouncedTest, ADatagramThatBringsMoreThanWasMissingIsSeen) {
  run(process, 1);
  Numbered overlapping = process.send(now_ms);
  run(process, 1);
  overlapping.flows += 7;  // and these, which another has brought
  see(overlapping);
  EXPECT_EQ(difference(), -7);
}

TEST_F(AnnouncedTest, DamagedDatagramsExplainTheirGap) {
  run(process, 1);
  Numbered cut = process.send(now_ms += 100);
  cut.flows = 12;
  cut.undecodable = 18;
  see(cut);
  const Numbered hollow = process.send(now_ms += 100);
  sequence.note_damaged(hollow.sequence, hollow.flows);
  process.send(now_ms);  // and one is lost on the way
  run(process, 1);
  EXPECT_EQ(of(flow::Fate::undecodable), 48);
  EXPECT_EQ(of(flow::Fate::network), 30);
  EXPECT_EQ(difference(), 0);
}

TEST_F(AnnouncedTest, ACountThatLiesIsNoLoss) {
  run(process, 1);
  Numbered lying = process.send(now_ms += 100);
  lying.undecodable = 18;
  see(lying);
  run(process, 1);
  process.next += 10;
  run(process, 1);
  EXPECT_EQ(of(flow::Fate::undecodable), 0);
  EXPECT_EQ(of(flow::Fate::network), 10);
}

TEST_F(AnnouncedTest, ADropBetweenItsDatagramsExplainsAGap) {
  run(process, 1);
  process.next += 60;
  Drop drop;
  drop.of(DropPlace::kernel) = 2;
  drops.add(drop);
  run(process, 1);
  process.next += 60;
  run(process, 1);
  EXPECT_EQ(of(flow::Fate::kernel), 60);
  EXPECT_EQ(of(flow::Fate::network), 60);
  EXPECT_EQ(difference(), 0);
}

}  // namespace
}  // namespace flowspan::exporter
