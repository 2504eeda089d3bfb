// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/ip.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <unordered_set>

namespace flowspan {
namespace {

using namespace std::string_view_literals;

std::string ip_text(std::string_view text) {
  const auto ip = Ip::parse(text);
  return ip ? ip->to_string() : "none";
}
std::string prefix_text(std::string_view text) {
  const auto prefix = Prefix::parse(text);
  return prefix ? prefix->to_string() : "none";
}
std::string endpoint_text(std::string_view text, std::optional<Ip> default_host = std::nullopt) {
  const auto endpoint = Endpoint::parse(text, default_host);
  return endpoint ? endpoint->to_string() : "none";
}

TEST(IpAddress, is_written_as_it_was_read) {
  for (const char* text : {"0.0.0.0", "10.0.0.1", "255.255.255.255", "::", "2001:db8::1", "fe80::1:2:3:4"})
    EXPECT_EQ(ip_text(text), text);
  EXPECT_EQ(ip_text("2001:0DB8:0:0:0:0:0:1"), "2001:db8::1");
}

/// inet_ntop's text, but without dots in ::/96.
std::string other_text(const Ip& ip) {
  std::array<std::uint8_t, 16> raw{};
  for (unsigned i = 0; i < 8; ++i) {
    raw[i] = static_cast<std::uint8_t>(ip.hi >> (56 - 8 * i));
    raw[i + 8] = static_cast<std::uint8_t>(ip.lo >> (56 - 8 * i));
  }
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (ip.is_v4()) return inet_ntop(AF_INET, raw.data() + 12, buffer.data(), buffer.size());
  if (ip.hi == 0 && ip.lo >> 32 == 0 && ip.lo >> 16 != 0) {
    std::snprintf(buffer.data(), buffer.size(), "::%x:%x", static_cast<unsigned>(ip.lo >> 16),
                  static_cast<unsigned>(ip.lo & 0xffff));
    return buffer.data();
  }
  return inet_ntop(AF_INET6, raw.data(), buffer.data(), buffer.size());
}

TEST(IpAddress, is_written_as_rfc_5952_says) {
  EXPECT_EQ((Ip{~std::uint64_t{0}, ~std::uint64_t{0}}.to_string()), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  EXPECT_EQ(ip_text("::2:3"), "::2:3");
  EXPECT_EQ(ip_text("::1.2.3.4"), "::102:304");
  EXPECT_EQ(ip_text("::ffff:1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(ip_text("2001:db8::"), "2001:db8::");
  EXPECT_EQ(ip_text("1:0:0:2:0:0:0:3"), "1:0:0:2::3");
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    Ip ip{random(), random()};
    // Zero groups at random places, so that every run of zeros occurs; sometimes small or mapped addresses.
    for (unsigned group = 0; group < 4; ++group) {
      if (random() % 2) ip.hi &= ~(std::uint64_t{0xffff} << (16 * group));
      if (random() % 2) ip.lo &= ~(std::uint64_t{0xffff} << (16 * group));
    }
    if (random() % 4 == 0) ip = Ip::v4(static_cast<std::uint32_t>(random()));
    if (random() % 8 == 0) ip.lo >>= random() % 64;
    ASSERT_EQ(ip.to_string(), other_text(ip));
    ASSERT_EQ(Ip::parse(ip.to_string()), ip);
  }
}

TEST(IpAddress, v4_is_mapped_into_v6) {
  const auto ip = Ip::parse("10.0.0.1");
  ASSERT_TRUE(ip);
  EXPECT_TRUE(ip->is_v4());
  EXPECT_EQ(ip->as_v4(), 0x0a000001u);
  EXPECT_EQ(*ip, Ip::v4(0x0a000001));
  EXPECT_EQ(ip->lo, 0x0000'ffff'0a00'0001u);
  EXPECT_EQ(Ip::parse("::ffff:10.0.0.1"), ip);
  EXPECT_EQ(Ip::parse("::ffff:a00:1"), ip);
  EXPECT_EQ(ip_text("::ffff:10.0.0.1"), "10.0.0.1");
}

TEST(IpAddress, v6_near_the_mapped_range_is_not_v4) {
  EXPECT_FALSE(Ip::parse("::fffe:10.0.0.1")->is_v4());
  EXPECT_FALSE(Ip::parse("::1:ffff:10.0.0.1")->is_v4());
  EXPECT_FALSE(Ip{}.is_v4());
}

TEST(IpAddress, refuses_what_is_none) {
  for (const auto text :
       {""sv, "10.0.0"sv, "10.0.0.256"sv, "10.0.0.1 "sv, "10.0.0.1:80"sv, "[::1]"sv, "fe80::1%eth0"sv, "1::2::3"sv,
        "host"sv, "10.0.0.1\0junk"sv, "1111:2222:3333:4444:5555:6666:7777:8888:9999:0000"sv})
    EXPECT_FALSE(Ip::parse(text)) << text;
}

TEST(IpAddress, sorts_by_value) {
  EXPECT_LT(*Ip::parse("9.0.0.1"), *Ip::parse("10.0.0.0"));
  EXPECT_LT(*Ip::parse("255.255.255.255"), *Ip::parse("2001:db8::"));
}

TEST(IpAddress, hashes_neighbours_apart) {
  std::unordered_set<std::size_t> hashes;
  for (std::uint32_t host = 0; host < 1000; ++host) hashes.insert(std::hash<Ip>{}(Ip::v4(host)));
  EXPECT_EQ(hashes.size(), 1000u);
}

TEST(Network, is_written_with_the_length_of_its_family) {
  EXPECT_EQ(prefix_text("10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(prefix_text("2001:db8::/32"), "2001:db8::/32");
  EXPECT_EQ(prefix_text("10.0.0.1"), "10.0.0.1/32");
  EXPECT_EQ(prefix_text("2001:db8::1"), "2001:db8::1/128");
}

TEST(Network, clears_host_bits) {
  EXPECT_EQ(prefix_text("10.1.2.3/8"), "10.0.0.0/8");
  EXPECT_EQ(prefix_text("2001:db8:ffff::1/33"), "2001:db8:8000::/33");
  EXPECT_EQ(Prefix::parse("10.1.2.3/8").value(), Prefix::parse("10.0.0.0/8").value());
}

TEST(Network, of_v4_may_be_written_as_mapped_v6) {
  EXPECT_EQ(prefix_text("::ffff:10.1.0.0/104"), "10.0.0.0/8");
  EXPECT_EQ(prefix_text("::ffff:10.1.0.0"), "10.1.0.0/32");
}

TEST(Network, slash_0_of_v4_is_all_v4_and_nothing_else) {
  const auto all = Prefix::parse("10.0.0.0/0");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->length, 96u);
  EXPECT_EQ(all->to_string(), "0.0.0.0/0");
  EXPECT_TRUE(all->contains(Ip::v4(0)));
  EXPECT_TRUE(all->contains(Ip::v4(0xffffffff)));
  EXPECT_FALSE(all->contains(*Ip::parse("2001:db8::1")));
  EXPECT_EQ(all->last(), Ip::v4(0xffffffff));
}

TEST(Network, slash_0_of_v6_is_everything) {
  const auto all = Prefix::parse("::1/0");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->length, 0u);
  EXPECT_EQ(all->to_string(), "::/0");
  EXPECT_EQ(all->mask(), Ip{});
  EXPECT_EQ(all->first(), Ip{});
  EXPECT_EQ(all->last(), (Ip{~std::uint64_t{0}, ~std::uint64_t{0}}));
  EXPECT_TRUE(all->contains(Ip::v4(1)));
}

TEST(Network, slash_128_is_one_address) {
  const auto one = Prefix::parse("2001:db8::1/128");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->first(), one->last());
  EXPECT_TRUE(one->contains(*Ip::parse("2001:db8::1")));
  EXPECT_FALSE(one->contains(*Ip::parse("2001:db8::")));
  EXPECT_FALSE(one->contains(*Ip::parse("2001:db8:0:1::1")));
}

TEST(Network, of_64_and_65_bits_meets_the_border_of_the_halves) {
  EXPECT_EQ(Prefix::parse("2001:db8::/64")->last().to_string(), "2001:db8::ffff:ffff:ffff:ffff");
  EXPECT_EQ(Prefix::parse("2001:db8::/65")->last().to_string(), "2001:db8::7fff:ffff:ffff:ffff");
  EXPECT_EQ(Prefix::parse("2001:db8::/63")->last().to_string(), "2001:db8:0:1:ffff:ffff:ffff:ffff");
}

TEST(Network, refuses_what_is_none_and_says_what_to_write) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8",
                           "10.0.0.0/8 ", "10/8", "10.0.0.0/255.0.0.0"})
    EXPECT_FALSE(Prefix::parse(text)) << text;
  const auto bad = Prefix::parse("10.0.0.0/33");
  EXPECT_EQ(bad.error().text, "'10.0.0.0/33' is no network: write an address or ADDRESS/BITS, e.g. 10.0.0.0/8");
  EXPECT_EQ(bad.error().kind, ErrorKind::usage);
}

TEST(HostAndPort, is_written_as_it_was_read) {
  for (const char* text : {"10.0.0.1:2055", "[::1]:2055", "0.0.0.0:0", "[2001:db8::1]:65535"})
    EXPECT_EQ(endpoint_text(text), text);
  EXPECT_EQ(endpoint_text("localhost:2055"), "127.0.0.1:2055");
  EXPECT_EQ(endpoint_text("[::ffff:10.0.0.1]:1"), "10.0.0.1:1");
}

TEST(HostAndPort, takes_the_default_host_where_there_is_one) {
  EXPECT_EQ(endpoint_text(":2055", Ip{}), "[::]:2055");
  EXPECT_EQ(endpoint_text("2055", Ip::v4(0)), "0.0.0.0:2055");
  EXPECT_EQ(endpoint_text("10.0.0.1:2055", Ip{}), "10.0.0.1:2055");
  EXPECT_EQ(endpoint_text(":2055"), "none");
  EXPECT_EQ(endpoint_text("2055"), "none");
}

TEST(HostAndPort, of_v6_without_brackets_is_refused) {
  for (const char* text : {"::1:2055", "2001:db8::1:2055", "::1", "::"}) {
    EXPECT_EQ(endpoint_text(text), "none") << text;
    EXPECT_EQ(endpoint_text(text, Ip{}), "none") << text;
  }
}

TEST(HostAndPort, refuses_what_is_none_and_says_what_to_write) {
  for (const char* text : {"", ":", "10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:-1", "10.0.0.1:x", "[::1]",
                           "[::1]2055", "[::1:2055", "host.example:2055", "10.0.0.1:2055 "})
    EXPECT_EQ(endpoint_text(text, Ip{}), "none") << text;
  const auto bad = Endpoint::parse("::1:2055");
  EXPECT_EQ(bad.error().text, "'::1:2055' is no HOST:PORT: write e.g. 127.0.0.1:2055 or [::1]:2055");
  EXPECT_EQ(bad.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace flowspan
