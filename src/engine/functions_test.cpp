// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/functions.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "engine/testing.hpp"

namespace flowspan::engine {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Functions, WriteAddressesAsText) {
  auto db = open_database();
  EXPECT_EQ(text(db, "SELECT addr(0, 281470849515521)"), "10.0.0.1");
  EXPECT_EQ(text(db, "SELECT addr(ip_hi('2001:DB8::1'), ip_lo('2001:DB8::1'))"), "2001:db8::1");
  EXPECT_EQ(text(db, "SELECT addr(0, 131075)"), "::2:3");
  EXPECT_EQ(one(db, "SELECT addr(0, NULL)"), Value());
  EXPECT_EQ(one(db, "SELECT addr(NULL, 0)"), Value());
  EXPECT_EQ(text(db, "SELECT string_agg(addr(0, lo), ' ') FROM (VALUES (1::UBIGINT), (NULL), (281474976710655)) t(lo)"),
            "::1 255.255.255.255");
}

TEST(Functions, ReadAddressesBack) {
  auto db = open_database(2);
  EXPECT_EQ(number(db, R"(SELECT count(*) FROM (SELECT hash(i) AS hi, hash(i + 1) AS lo FROM range(50000) t(i))
                         WHERE ip_hi(addr(hi, lo)) = hi AND ip_lo(addr(hi, lo)) = lo)"),
            50'000u);
  EXPECT_EQ(text(db, "SELECT ip('10.0.0.1')"), "{'hi': 0, 'lo': 281470849515521}");
  EXPECT_EQ(text(db, "SELECT ip('10.0.0.1').lo"), "281470849515521");
}

TEST(Functions, NameTheTextThatIsNoAddressOrNetwork) {
  auto db = open_database();
  const auto error = [&](std::string_view sql) {
    auto rows = db.query(sql);
    return rows ? rows->all().error() : rows.error();
  };
  EXPECT_EQ(error("SELECT ip_lo('10.0.0.256')").text,
            "'10.0.0.256' is no IP address: write e.g. 10.0.0.1 or 2001:db8::1");
  EXPECT_EQ(error("SELECT ip_lo('10.0.0.256')").kind, ErrorKind::usage);
  EXPECT_THAT(error("SELECT in_net(0, 0, '10.0.0.0/33')").text, HasSubstr("'10.0.0.0/33' is no network"));
  EXPECT_THAT(error("SELECT count(*) FROM range(9) t(i) WHERE in_net(i, i, 'x')").text, HasSubstr("'x' is no network"));
}

TEST(Functions, WriteMacAddresses) {
  auto db = open_database();
  EXPECT_EQ(text(db, "SELECT mac(116310982413::UBIGINT)"), "00:1b:14:ac:bf:0d");
  EXPECT_EQ(one(db, "SELECT mac(NULL)"), Value());
}

TEST(Functions, WriteSubnets) {
  auto db = open_database();
  EXPECT_EQ(text(db, "SELECT subnet(0, ip_lo('10.1.2.3'), 8, 48)"), "10.0.0.0/8");
  EXPECT_EQ(text(db, "SELECT subnet(0, ip_lo('10.1.2.3'), 0, 48)"), "0.0.0.0/0");
  EXPECT_EQ(text(db, "SELECT subnet(ip_hi('2001:db8:1:2::3'), ip_lo('2001:db8:1:2::3'), 8, 48)"), "2001:db8:1::/48");
  EXPECT_EQ(text(db, "SELECT subnet(ip_hi('2001:db8::'), 5, 8, 0)"), "::/0");
  EXPECT_EQ(one(db, "SELECT subnet(0, NULL, 8, 48)"), Value());
  EXPECT_FALSE(db.query("SELECT subnet(0, ip_lo('10.1.2.3'), 33, 48)").and_then([](Rows rows) { return rows.all(); }));
}

TEST(Functions, FindAddressesInNetworksAsPrefixContainsDoes) {
  auto db = open_database(2);
  std::mt19937_64 random(2);
  for (const auto* net : {"10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "192.168.1.128/25", "::/0", "2001:db8::/32",
                          "2001:db8:1:2::/64", "2001:db8:1:2:8000::/65", "2001:db8::1", "::ffff:0:0/96", "::/64"}) {
    const Prefix prefix = *Prefix::parse(net);
    for (int i = 0; i < 20; ++i) {
      Ip ip{random(), random()};
      const Ip mask = i % 3 == 0 ? Ip{0, 0} : prefix.mask();  // most of them inside
      ip = {(ip.hi & ~mask.hi) | (prefix.address.hi & mask.hi), (ip.lo & ~mask.lo) | (prefix.address.lo & mask.lo)};
      const std::vector<Value> parameters{Value(ip.hi), Value(ip.lo), Value(std::string(net))};
      EXPECT_EQ(one(db, "SELECT in_net($1, $2, $3)", parameters), Value(prefix.contains(ip))) << net << ip.to_string();
      EXPECT_EQ(one(db, fmt::format("SELECT in_net($1, $2, '{}')", net), std::span(parameters).first(2)),
                Value(prefix.contains(ip)));
    }
  }
  EXPECT_EQ(one(db, "SELECT coalesce(in_net(0, NULL::UBIGINT, '::/0'), false)"), Value(false));
  EXPECT_EQ(one(db, "SELECT is_ip(0, ip_lo('10.0.0.1'), '10.0.0.1')"), Value(true));
  EXPECT_EQ(one(db, "SELECT is_ip(1, ip_lo('10.0.0.1'), '10.0.0.1')"), Value(false));
}

}  // namespace
}  // namespace flowspan::engine
