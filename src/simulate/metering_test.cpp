// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/metering.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace flowspan::simulate {
namespace {

constexpr Time start = 1'700'000'000 * second;

std::vector<Part> parts_of(Metering metering) {
  std::vector<Part> parts;
  for (Part part; metering.next(part);) parts.push_back(part);
  return parts;
}

Stream of_trains(std::vector<Train> trains) {
  Stream stream;
  stream.first_flags = tcp::syn;
  stream.middle_flags = tcp::ack;
  stream.last_flags = tcp::fin | tcp::ack;
  stream.ends = true;
  stream.linger = second;
  stream.trains = std::move(trains);
  return stream;
}

TEST(MeteringTest, PartsOfALongFlowJoinWithoutGapOrOverlap) {
  const Train train{start, 70 * millisecond, 10'000, 12'345'678};  // 700 seconds
  const auto parts = parts_of({of_trains({train}), {}});
  ASSERT_EQ(parts.size(), 12u);
  std::uint64_t packets = 0, bytes = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    packets += parts[i].packets;
    bytes += parts[i].bytes;
    EXPECT_LT(parts[i].last - parts[i].first, minute);
    if (i > 0) {
      EXPECT_EQ(parts[i].first - parts[i - 1].last, train.spacing) << i;
    }
    if (i + 1 == parts.size()) continue;
    EXPECT_EQ(parts[i].expiry, Expiry::active);
    EXPECT_EQ(parts[i].exported, parts[i].first + minute);
    EXPECT_GE(parts[i + 1].first, parts[i].exported);
  }
  EXPECT_EQ(packets, train.packets);
  EXPECT_EQ(bytes, train.bytes);
  EXPECT_EQ(parts.front().first, train.first);
  EXPECT_EQ(parts.back().last, train.last());
  EXPECT_EQ(parts.back().expiry, Expiry::ended);
  EXPECT_EQ(parts.back().exported, train.last() + second);
}

TEST(MeteringTest, FlagsAreThoseOfThePacketsInThePart) {
  const auto parts = parts_of({of_trains({{start, second, 150, 15'000}}), {}});
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].tcp_flags, tcp::syn | tcp::ack);
  EXPECT_EQ(parts[1].tcp_flags, tcp::ack);
  EXPECT_EQ(parts[2].tcp_flags, tcp::fin | tcp::ack);
}

TEST(MeteringTest, TheOnlyPacketHasTheFlagsOfFirstAndLast) {
  Stream stream = of_trains({{start, 0, 1, 60}});
  stream.last_flags = tcp::syn;
  const auto parts = parts_of({stream, {}});
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].tcp_flags, tcp::syn);
}

TEST(MeteringTest, SilenceOfTheIdleTimeoutDividesAFlow) {
  const Time later = start + second + 15 * second;
  const auto apart = parts_of({of_trains({{start, second, 2, 200}, {later, 0, 1, 100}}), {}});
  ASSERT_EQ(apart.size(), 2u);
  EXPECT_EQ(apart[0].expiry, Expiry::idle);
  EXPECT_EQ(apart[0].exported, start + 16 * second);
  EXPECT_EQ(apart[0].packets, 2u);
  EXPECT_EQ(apart[1].first, later);
  const auto together = parts_of({of_trains({{start, second, 2, 200}, {later - 1, 0, 1, 100}}), {}});
  ASSERT_EQ(together.size(), 1u);
  EXPECT_EQ(together[0].packets, 3u);
  EXPECT_EQ(together[0].bytes, 300u);
}

TEST(MeteringTest, PacketsFartherApartThanTheIdleTimeoutAreFlowsOfTheirOwn) {
  const auto parts = parts_of({of_trains({{start, 20 * second, 3, 300}}), {}});
  ASSERT_EQ(parts.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(parts[i].packets, 1u);
    EXPECT_EQ(parts[i].first, start + static_cast<Duration>(i) * 20 * second);
  }
  EXPECT_EQ(parts[0].exported, start + 15 * second);
}

TEST(MeteringTest, TheActiveTimeoutHoldsInSilenceToo) {
  Stream stream = of_trains({{start, 10 * second, 6, 600}});  // the last packet at 50 s
  stream.ends = false;
  const auto parts = parts_of({stream, {}});
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].expiry, Expiry::active);
  EXPECT_EQ(parts[0].exported, start + minute);
}

TEST(MeteringTest, AFullCounterIsExportedAtOnce) {
  const Train train{start, microsecond, 5'000'000, 6'000'000'000};
  const auto parts = parts_of({of_trains({train}), {}});
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].expiry, Expiry::counter_full);
  EXPECT_GT(parts[0].bytes, 4'290'000'000u);
  EXPECT_EQ(std::uint64_t{parts[0].bytes} + parts[1].bytes, train.bytes);
  EXPECT_EQ(parts[0].packets + parts[1].packets, train.packets);
  EXPECT_EQ(parts[1].first, parts[0].last + train.spacing);
}

TEST(MeteringTest, WhatARouterDoesNotSeeIsNotCounted) {
  Metering metering(of_trains({{start, second, 10, 1000}, {start + 20 * second, second, 10, 1000}}), {});
  metering.skip_until(start + 25 * second + 1);
  const auto parts = parts_of(metering);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].first, start + 26 * second);
  EXPECT_EQ(parts[0].packets, 4u);
  EXPECT_EQ(parts[0].bytes, 400u);
  EXPECT_EQ(parts[0].tcp_flags, tcp::fin | tcp::ack);
  metering.skip_until(start + hour);
  EXPECT_TRUE(parts_of(metering).empty());
}

TEST(SamplingTest, SeesOnePacketInNAndThinsFlowsAsChanceDoes) {
  constexpr unsigned flows = 20'000, packets = 50, n = 100;
  Random random(1);
  std::uint64_t seen_flows = 0, seen_packets = 0, seen_bytes = 0;
  for (unsigned i = 0; i < flows; ++i) {
    const Stream seen = sample(of_trains({{start, second, packets, packets * 500}}), n, random);
    seen_flows += seen.trains.empty() ? 0 : 1;
    for (const Train& train : seen.trains) {
      seen_packets += train.packets;
      seen_bytes += train.bytes;
      EXPECT_EQ((train.first - start) % second, 0);
      EXPECT_LE(train.last(), start + (packets - 1) * second);
    }
  }
  EXPECT_NEAR(static_cast<double>(seen_packets), 1.0 * flows * packets / n, 400);  // 4 standard deviations
  EXPECT_NEAR(static_cast<double>(seen_flows), flows * (1 - std::pow(0.99, 50)), 280);
  EXPECT_EQ(seen_bytes, seen_packets * 500);
}

TEST(SamplingTest, OfManyPacketsTheNumberIsDrawn) {
  Random random(2);
  const Train train{start, millisecond, 1'000'000, 700'000'000};
  const Stream seen = sample(of_trains({train}), 100, random);
  ASSERT_EQ(seen.trains.size(), 1u);
  EXPECT_NEAR(seen.trains[0].packets, 10'000, 400);
  EXPECT_EQ(seen.trains[0].bytes, seen.trains[0].packets * 700u);
  EXPECT_GE(seen.trains[0].first, train.first);
  EXPECT_LE(seen.trains[0].last(), train.last());
  EXPECT_FALSE(seen.ends);
  EXPECT_EQ(seen.first_flags, tcp::ack);
}

}  // namespace
}  // namespace flowspan::simulate
