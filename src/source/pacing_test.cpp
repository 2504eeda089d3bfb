// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/address.hpp"
#include "source/allow_list.hpp"
#include "source/pacing.hpp"
#include "source/receive_pacing.hpp"

namespace flowspan::source {
namespace {

using testing::HasSubstr;

TEST(AddressText, Listens) {
  const auto all = Address::parse_listen(":2055");
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->any);
  EXPECT_EQ(all->port, 2055);
  EXPECT_TRUE(Address::parse_listen("2055")->any);
  EXPECT_TRUE(Address::parse_listen("*:2055")->any);
  const auto one = Address::parse_listen("[2001:db8::1]:4739");
  ASSERT_TRUE(one);
  EXPECT_FALSE(one->any);
  EXPECT_EQ(one->ip, *Ip::parse("2001:db8::1"));
  const auto group = Address::parse_listen("239.1.1.1%lo:2055");
  ASSERT_TRUE(group);
  EXPECT_TRUE(group->multicast());
  EXPECT_EQ(group->interface, "lo");
  EXPECT_NE(group->scope, 0u);
  EXPECT_EQ(Address::parse_target("localhost:2055")->port, 2055);
}

TEST(AddressText, Refuses) {
  for (const char* text : {"", ":", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:-1", "::1:2055", "[::1]2055", "[::1",
                           "[]:1", "10.0.0.1:20x", "%lo:2055", "10.0.0.1%:2055", "[fe80::1]:2055"}) {
    const auto address = Address::parse_listen(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().kind, ErrorKind::usage);
    EXPECT_THAT(address.error().text, HasSubstr("'" + std::string(text) + "'"));
  }
  EXPECT_FALSE(Address::parse_target(":2055"));
  EXPECT_FALSE(Address::parse_target("10.0.0.1:0"));
  EXPECT_THAT(Address::parse_listen("239.1.1.1%nowhere0:2055").error().text, HasSubstr("nowhere0"));
}

TEST(AllowList, EmptyTakesAll) { EXPECT_TRUE(AllowList().allows(Ip::v4(1))); }

TEST(AllowList, TakesItsNetworksOnly) {
  const AllowList list({*Prefix::parse("10.0.0.0/8"), *Prefix::parse("10.1.0.0/16"), *Prefix::parse("192.0.2.7"),
                        *Prefix::parse("2001:db8::/32")});
  for (const char* ip : {"10.0.0.0", "10.255.255.255", "10.1.2.3", "192.0.2.7", "2001:db8::", "2001:db8:ffff::1"})
    EXPECT_TRUE(list.allows(*Ip::parse(ip))) << ip;
  for (const char* ip : {"9.255.255.255", "11.0.0.0", "192.0.2.6", "192.0.2.8", "::", "2001:db9::"})
    EXPECT_FALSE(list.allows(*Ip::parse(ip))) << ip;
  EXPECT_TRUE(AllowList({*Prefix::parse("::/0")}).allows(Ip::v4(1)));
}

TEST(ReplayPacing, KeepsTheRecordedDistances) {
  ReplayPacing pacing(1.0, 1000 * second);
  EXPECT_EQ(pacing.wait(50 * second, 1000 * second), 0);
  EXPECT_EQ(pacing.wait(53 * second, 1001 * second), 2 * second);
  EXPECT_EQ(pacing.wait(52 * second, 1001 * second), 2 * second);  // out of order: with its predecessor
  EXPECT_EQ(pacing.wait(54 * second, 1010 * second), 0);           // late: at once
}

TEST(ReplayPacing, FasterSlowerAndFlatOut) {
  ReplayPacing fast(10.0, 0);
  fast.due(0);
  EXPECT_EQ(fast.due(5 * second), 500 * millisecond);
  ReplayPacing slow(0.5, 0);
  slow.due(0);
  EXPECT_EQ(slow.due(5 * second), 10 * second);
  ReplayPacing flat(std::nullopt, 7);
  EXPECT_EQ(flat.wait(0, 7), 0);
  EXPECT_EQ(flat.wait(hour, 7), 0);
}

TEST(ReplayPacing, SurvivesTimesFarApart) {
  ReplayPacing pacing(0.001, 0);
  pacing.due(std::numeric_limits<Time>::min());
  EXPECT_GT(pacing.due(std::numeric_limits<Time>::max()), 0);
}

TEST(ReceivePacing, ASmallBufferIsReadAtOnce) {
  EXPECT_EQ(ReceivePacing(425984).sleep(), 0);
  EXPECT_EQ(ReceivePacing(0).sleep(), 0);
}

TEST(ReceivePacing, ALargeBufferMaySleepButNotFillPastAnEighth) {
  constexpr std::uint64_t buffer = 128 << 20;
  ReceivePacing pacing(buffer);
  EXPECT_EQ(pacing.sleep(), ReceivePacing::longest);
  pacing.drained(0);
  for (Time at = 0; at < second;) {  // 8 bytes a ns: more than an eighth in 4 ms
    const Duration slept = pacing.sleep();
    at += std::max<Duration>(slept, 100 * microsecond);
    pacing.filled(static_cast<std::uint64_t>(8 * std::max<Duration>(slept, 100 * microsecond)), at);
    pacing.drained(at);
  }
  EXPECT_LE(8 * pacing.sleep(), static_cast<Duration>(buffer / 8));
  EXPECT_GT(pacing.sleep(), 0);
}

TEST(ReceivePacing, AMiddlingBufferLearnsTheRate) {
  ReceivePacing pacing(2 << 20);  // worst rate: half of it in 0.45 ms
  const Duration first = pacing.sleep();
  pacing.drained(0);
  for (Time at = millisecond; at < second; at += millisecond) {
    pacing.filled(69'000, at);  // 30 datagrams a ms
    pacing.drained(at);
  }
  EXPECT_GT(pacing.sleep(), first);
  pacing.idle();
  EXPECT_EQ(pacing.sleep(), first);
}

}  // namespace
}  // namespace flowspan::source
