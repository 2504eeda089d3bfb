// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/conversation.hpp"

#include <gtest/gtest.h>

namespace flowspan::simulate {
namespace {

constexpr Time start = 1'700'000'000 * second;

void expect_possible(const Stream& stream) {
  Time free_from = start;
  for (const Train& train : stream.trains) {
    EXPECT_GE(train.packets, 1u);
    EXPECT_GE(train.first, free_from);
    EXPECT_GE(train.spacing, 0);
    EXPECT_GE(train.bytes, 28u * train.packets);
    EXPECT_LE(train.bytes, 1500ull * train.packets);
    free_from = train.last();
  }
}

TEST(ConversationTest, EveryPacketIsPossible) {
  const Site site(1);
  for (unsigned i = 0; i < 5000; ++i) {
    Random random{1, i};
    const Conversation made = converse(site, i % 5, start, random);
    ASSERT_FALSE(made.up.trains.empty());
    expect_possible(made.up);
    expect_possible(made.down);
    EXPECT_EQ(made.up.key.src, made.down.key.dst);
    EXPECT_EQ(made.up.key.dst, made.down.key.src);
    EXPECT_EQ(made.up.key.proto == 6, made.up.first_flags != 0);
    if (!made.down.trains.empty()) {
      EXPECT_GT(made.down.trains.front().first, made.up.trains.front().first);
    }
  }
}

TEST(ConversationTest, ATcpConnectionShakesHandsAndEnds) {
  Random random(1);
  ConversationBuilder builder({0x0A000001, 0x01020304, 40'000, 443, 6, 0}, 3);
  builder.add({start, 1000, 100'000, 1e6, 10 * millisecond, 1448});
  builder.finish(random, End::closed);
  const Conversation made = builder.take();
  // SYN and ACK, the request with acknowledgements of every other packet of 70, FIN and ACK.
  ASSERT_EQ(made.up.trains.size(), 3u);
  EXPECT_EQ(made.up.trains[0].packets, 2u);
  EXPECT_EQ(made.up.trains[1].packets, 1u + 35);
  EXPECT_EQ(made.up.trains[1].bytes, 1000u + 52 + 35 * 52);
  EXPECT_EQ(made.up.trains[2].packets, 2u);
  EXPECT_EQ(made.down.trains[1].packets, 70u);
  EXPECT_EQ(made.down.trains[1].bytes, 100'000u + 70 * 52);
  EXPECT_EQ(made.up.first_flags, tcp::syn);
  EXPECT_EQ(made.down.first_flags, tcp::syn | tcp::ack);
  EXPECT_EQ(made.up.last_flags, tcp::fin | tcp::ack);
  EXPECT_TRUE(made.up.ends && made.down.ends);
  EXPECT_EQ(made.down.key.src_port, 443);
  EXPECT_EQ(made.down.exporter, 3u);
}

TEST(ConversationTest, WhoDoesNotAnswerIsAskedAgain) {
  const Conversation made = unanswered({0x0A000001, 0x01020304, 40'000, 443, 6, 0}, 0, start);
  EXPECT_TRUE(made.down.trains.empty());
  ASSERT_EQ(made.up.trains.size(), 2u);
  EXPECT_EQ(made.up.trains[0].packets + made.up.trains[1].packets, 3u);
  EXPECT_FALSE(made.up.ends);
}

TEST(SiteTest, RoutesFollowFromAddresses) {
  const Site site(1);
  Random random(2);
  for (unsigned i = 0; i < 1000; ++i) {
    const std::uint32_t foreign = site.outside(random);
    const Route route = site.route(foreign);
    EXPECT_NE(route.as, 0);
    EXPECT_GE(route.mask, 16);
    EXPECT_NE(route.next_hop, 0u);
    const Route neighbour = site.route(foreign ^ 1);
    EXPECT_EQ(route.as, neighbour.as);
    EXPECT_NE(foreign >> 17, 0xC612'0000u >> 17);
    const Route own = site.route(site.inside(i % 7, Role::client, random));
    EXPECT_EQ(own.as, 0);
    EXPECT_EQ(own.mask, 24);
    EXPECT_EQ(own.next_hop, 0u);
  }
}

TEST(SiteTest, EveryVillainHasAnAddressOfItsOwn) {
  const Site site(1);
  std::vector<bool> taken(1u << 16);
  for (std::uint32_t n = 0; n < 1u << 16; ++n) {
    const std::uint32_t address = site.villain(n);
    ASSERT_EQ(address >> 16, 0xC612u);
    ASSERT_FALSE(taken[address & 0xFFFF]);
    taken[address & 0xFFFF] = true;
  }
}

}  // namespace
}  // namespace flowspan::simulate
