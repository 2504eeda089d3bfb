// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/aggregation.hpp"

#include <gtest/gtest.h>

namespace flowspan::simulate {
namespace {

constexpr Record flow{.src = 0x0A010203,
                      .dst = 0xC0000207,
                      .in_if = 1,
                      .out_if = 2,
                      .packets = 10,
                      .bytes = 1000,
                      .first = 500,
                      .last = 900,
                      .src_port = 40'000,
                      .dst_port = 443,
                      .proto = 6,
                      .src_as = 64'500,
                      .dst_as = 64'501,
                      .src_mask = 16,
                      .dst_mask = 24};

TEST(Aggregation, SumsUpWhatHasTheSchemesKeyInCommon) {
  Record neighbour = flow;
  neighbour.src += 0x100;  // in the same prefix
  neighbour.dst_port = 80;
  neighbour.first = 400;
  neighbour.last = 800;
  Record elsewhere = flow;
  elsewhere.dst += 0x100;
  elsewhere.in_if = 3;
  const std::pair<Scheme, std::size_t> cases[] = {{Scheme::as, 2}, {Scheme::proto_port, 2}, {Scheme::prefix, 2}};
  for (const auto& [scheme, aggregates] : cases) {
    Aggregation aggregation(scheme);
    for (const Record& one : {flow, neighbour, elsewhere}) aggregation.add(one);
    ASSERT_EQ(aggregation.aggregates().size(), aggregates);
    const Aggregate& first = aggregation.aggregates()[0];
    EXPECT_EQ(first.flows, 2u);
    EXPECT_EQ(first.record.packets, 20u);
    EXPECT_EQ(first.record.bytes, 2000u);
    EXPECT_EQ(first.record.first, scheme == Scheme::proto_port ? 500 : 400);
    EXPECT_EQ(first.record.last, 900);
    EXPECT_EQ(first.record.src, scheme == Scheme::prefix ? 0x0A010000u : 0u);
    EXPECT_EQ(first.record.src_port, scheme == Scheme::proto_port ? 40'000 : 0);
  }
}

TEST(Aggregation, ASumThatHasNoRoomBeginsAnother) {
  Aggregation aggregation(Scheme::as);
  Record large = flow;
  large.bytes = 0xFFFF'FFFF;
  for (const Record& one : {large, flow, flow}) aggregation.add(one);
  ASSERT_EQ(aggregation.aggregates().size(), 2u);
  EXPECT_EQ(aggregation.aggregates()[1].record.bytes, 2000u);
  aggregation.clear();
  EXPECT_TRUE(aggregation.aggregates().empty());
}

TEST(Aggregation, IsFullAtItsLimit) {
  Aggregation aggregation(Scheme::prefix);
  Record one = flow;
  for (std::size_t i = 0; i < Aggregation::most_aggregates; ++i) {
    EXPECT_FALSE(aggregation.full());
    one.src_as = static_cast<std::uint16_t>(i);
    EXPECT_EQ(aggregation.add(one), i);
    EXPECT_EQ(aggregation.add(one), i);
  }
  EXPECT_TRUE(aggregation.full());
}

}  // namespace
}  // namespace flowspan::simulate
