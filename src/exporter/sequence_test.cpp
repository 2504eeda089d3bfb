// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "exporter/sequence.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace flowspan::exporter
