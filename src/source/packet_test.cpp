// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/packet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "source/packet_test_support.hpp"

namespace flowspan::source {
namespace {

using namespace test;

std::string text_of(const std::optional<Datagram>& datagram) {
  if (!datagram) return "(none)";
  return {reinterpret_cast<const char*>(datagram->payload.data()), datagram->payload.size()};
}

class Packets {
 public:
  explicit Packets(LinkType link) : decoder_(link) {}
  std::string operator()(const std::string& packet, std::uint64_t missing = 0, Time time = 0) {
    // In memory of its own, so that the address sanitizer sees a read past the end.
    const std::vector<char> copy(packet.begin(), packet.end());
    return text_of(decoder_.decode(time, std::as_bytes(std::span(copy)), copy.size() + missing));
  }
  PacketDecoder& decoder() { return decoder_; }
  const PacketCounters& counters() const { return decoder_.counters(); }

 private:
  PacketDecoder decoder_;
};

const std::string four = ipv4(udp("four"));
const std::string six = ipv6(udp("six"));

TEST(Packet, EveryLinkType) {
  Packets ether(LinkType::ethernet);
  EXPECT_EQ(ether(ethernet(0x0800, four)), "four");
  EXPECT_EQ(ether(ethernet(0x86dd, six)), "six");
  EXPECT_EQ(ether(ethernet(0x0800, four + std::string(14, '\0'))), "four");  // padded to 60 bytes
  EXPECT_EQ(ether(ethernet(0x8100, Builder().u16(5).u16(0x0800).add(four).text())), "four");
  EXPECT_EQ(ether(ethernet(0x88a8, Builder().u16(5).u16(0x8100).u16(6).u16(0x86dd).add(six).text())), "six");
  EXPECT_EQ(ether.counters().datagrams, 5u);
  EXPECT_EQ(ether(ethernet(0x0806, std::string(28, 'a'))), "(none)");
  EXPECT_EQ(ether.counters().other, 1u);

  Packets cooked(LinkType::linux_cooked);
  EXPECT_EQ(cooked(Builder().zeros(14).u16(0x0800).add(four).text()), "four");
  Packets cooked2(LinkType::linux_cooked2);
  EXPECT_EQ(cooked2(Builder().u16(0x86dd).zeros(18).add(six).text()), "six");
  Packets raw(LinkType::raw);
  EXPECT_EQ(raw(four), "four");
  EXPECT_EQ(raw(six), "six");
  Packets loopback(LinkType::loopback);
  EXPECT_EQ(loopback(Builder().u32(2).add(four).text()), "four");
  EXPECT_EQ(loopback(Builder().le32(2).add(four).text()), "four");
  for (const unsigned family : {10u, 24u, 28u, 30u})
    EXPECT_EQ(loopback(Builder().le32(family).add(six).text()), "six") << family;
  EXPECT_EQ(loopback(Builder().le32(7).add(six).text()), "(none)");
}

TEST(Packet, TellsEndpointsAndTime) {
  PacketDecoder decoder(LinkType::raw);
  const auto datagram = decoder.decode(42, Builder().add(four).bytes(), four.size());
  ASSERT_TRUE(datagram);
  EXPECT_EQ(datagram->received, 42);
  EXPECT_EQ(datagram->from.to_string(), "10.0.0.1:1024");
  EXPECT_EQ(datagram->to.to_string(), "10.0.0.2:2055");
  EXPECT_EQ(decoder.decode(0, Builder().add(six).bytes(), six.size())->from.to_string(), "[2001:db8::1]:1024");
}

TEST(Packet, OptionsAndExtensionHeaders) {
  Packets raw(LinkType::raw);
  Ipv4 options;
  options.options = 24;
  EXPECT_EQ(raw(ipv4(udp("o"), options)), "o");
  const std::string destination = Builder().u8(17).u8(1).zeros(14).add(udp("x")).text();
  const std::string hops = Builder().u8(60).u8(0).zeros(6).add(destination).text();
  EXPECT_EQ(raw(ipv6(hops, 0)), "x");
  const std::string authenticated = Builder().u8(17).u8(4).zeros(22).add(udp("ah")).text();
  EXPECT_EQ(raw(ipv6(authenticated, 51)), "ah");
  EXPECT_EQ(raw(ipv6(fragment6(udp("atomic"), 0, false), 44)), "atomic");
  EXPECT_EQ(raw.counters().reassembly.fragments, 0u);
  std::string chain;  // of more headers than anybody needs
  for (int i = 0; i < 40; ++i) chain += Builder().u8(60).u8(0).zeros(6).text();
  EXPECT_EQ(raw(ipv6(chain, 60)), "(none)");
  EXPECT_EQ(raw(ipv6(Builder().u8(17).u8(255).zeros(6).text(), 60)), "(none)");
  EXPECT_EQ(raw.counters().malformed, 2u);
  EXPECT_EQ(raw(ipv6("", 59)), "(none)");
  EXPECT_EQ(raw.counters().other, 1u);
}

TEST(Packet, LengthsThatLie) {
  Packets raw(LinkType::raw);
  Ipv4 lie;
  for (const int length : {1, 19, 27, 2000, 65535}) {
    lie.length_lie = length;
    EXPECT_EQ(raw(ipv4(udp("abcd"), lie)), "(none)") << length;
  }
  for (const unsigned length : {1u, 7u, 13u, 65535u}) EXPECT_EQ(raw(ipv4(udp("abcd", length))), "(none)") << length;
  EXPECT_EQ(raw(ipv6(udp("abcd"), 17, 5)), "(none)");
  EXPECT_EQ(raw(ipv6(udp("abcd"), 17, 2000)), "(none)");
  EXPECT_EQ(raw("\x41" + four.substr(1)), "(none)");  // a header of 4 bytes
  EXPECT_EQ(raw(""), "(none)");
  EXPECT_EQ(raw("\x70" + four.substr(1)), "(none)");
  EXPECT_EQ(raw.counters().malformed, raw.counters().packets);
  lie.length_lie = 0;  // segmentation offload
  EXPECT_EQ(raw(ipv4(udp("abcd"), lie)), "abcd");
  EXPECT_EQ(raw(ipv4(udp("abcd", 10))), "ab");
}

TEST(Packet, EveryPrefixIsCutOrMalformedNeverRead) {
  for (const std::string& packet : {ethernet(0x8100, Builder().u16(5).u16(0x0800).add(four).text()),
                                    ethernet(0x86dd, ipv6(Builder().u8(17).u8(0).zeros(6).add(udp("x")).text(), 0))}) {
    Packets cut(LinkType::ethernet);
    Packets broken(LinkType::ethernet);
    for (std::size_t length = 0; length < packet.size(); ++length) {
      EXPECT_EQ(cut(packet.substr(0, length), packet.size() - length), "(none)");
      EXPECT_EQ(broken(packet.substr(0, length)), "(none)");
    }
    EXPECT_EQ(cut.counters().cut, packet.size());
    EXPECT_EQ(broken.counters().malformed, packet.size());
  }
}

TEST(Packet, ACutPacketOfAnotherProtocolIsOther) {
  Packets raw(LinkType::raw);
  Ipv4 tcp;
  tcp.protocol = 6;
  tcp.length_lie = 1500;
  EXPECT_EQ(raw(ipv4(std::string(40, 't'), tcp), 1440), "(none)");
  EXPECT_EQ(raw.counters().other, 1u);
}

std::string payload_of(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>('a' + i % 23));
  return text;
}

std::vector<std::string> fragments4(const std::string& whole, std::size_t size, unsigned id = 7) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < whole.size(); at += size) {
    Ipv4 with;
    with.id = id;
    with.offset = static_cast<unsigned>(at);
    with.more = at + size < whole.size();
    all.push_back(ipv4(whole.substr(at, size), with));
  }
  return all;
}

TEST(Packet, FragmentsInEveryOrder) {
  const std::string payload = payload_of(90);
  std::array<std::size_t, 4> order{0, 1, 2, 3};
  const auto pieces = fragments4(udp(payload), 32);
  ASSERT_EQ(pieces.size(), 4u);
  Packets raw(LinkType::raw);
  do {
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(raw(pieces[order[i]]), i == 3 ? payload : "(none)");
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(raw.counters().reassembly.reassembled, 24u);
  EXPECT_EQ(raw.counters().reassembly.fragments_used, 96u);
  EXPECT_EQ(raw.counters().datagrams, 24u);
}

TEST(Packet, FragmentsOfIpv6) {
  const std::string payload = payload_of(100);
  // Its first header after the fragment header is another extension.
  const std::string whole = Builder().u8(17).u8(0).zeros(6).add(udp(payload)).text();
  Packets raw(LinkType::raw);
  EXPECT_EQ(raw(ipv6(fragment6(whole.substr(64), 64, false, 60), 44)), "(none)");
  EXPECT_EQ(raw(ipv6(fragment6(whole.substr(0, 64), 0, true, 60), 44)), payload);
  const std::string nested = fragment6(udp("n"), 8, true);
  EXPECT_EQ(raw(ipv6(fragment6(nested.substr(0, 16), 0, true, 60), 44)), "(none)");
}

TEST(Packet, TheLargestDatagramInFragments) {
  const std::string payload = payload_of(65507);
  Packets raw(LinkType::raw);
  std::string last;
  for (const std::string& piece : fragments4(udp(payload), 1480)) last = raw(piece);
  EXPECT_EQ(last, payload);
}

TEST(Packet, FragmentsThatContradictEachOther) {
  const std::string whole = udp(payload_of(90));
  const auto pieces = fragments4(whole, 32);
  Ipv4 with;
  with.offset = 24;
  with.more = true;
  Packets raw(LinkType::raw);
  raw(pieces[0]);
  EXPECT_EQ(raw(ipv4(whole.substr(24, 32), with)), "(none)");
  for (const std::string& piece : pieces) EXPECT_EQ(raw(piece), "(none)");  // poisoned until the time is over
  EXPECT_EQ(raw.counters().reassembly.overlapping, 1u);

  Packets doubles(LinkType::raw);
  doubles(pieces[0]);
  doubles(pieces[0]);
  doubles(pieces[1]);
  doubles(pieces[2]);
  EXPECT_EQ(doubles(pieces[3]), payload_of(90));
  EXPECT_EQ(doubles.counters().reassembly.duplicate, 1u);

  Packets changed(LinkType::raw);  // the same place, other bytes
  changed(pieces[0]);
  std::string other = pieces[0];
  other.back() = '!';
  changed(other);
  EXPECT_EQ(changed.counters().reassembly.overlapping, 1u);

  Packets ends(LinkType::raw);  // two last fragments
  ends(pieces[3]);
  with.offset = 128;
  with.more = false;
  ends(ipv4("later", with));
  EXPECT_EQ(ends.counters().reassembly.overlapping, 1u);
}

TEST(Packet, ImpossibleFragments) {
  Packets raw(LinkType::raw);
  Ipv4 with;
  with.more = true;
  raw(ipv4("not a multiple of 8", with));
  raw(ipv4("", with));
  with.offset = 65528;
  with.more = false;
  raw(ipv4(std::string(100, 'x'), with));
  EXPECT_EQ(raw.counters().reassembly.bad_fragments, 3u);
  raw.decoder().finish();
  EXPECT_EQ(raw.counters().reassembly.incomplete, 0u);
}

TEST(Packet, WhatStaysIncompleteIsCounted) {
  const auto pieces = fragments4(udp(payload_of(90)), 32);
  Packets raw(LinkType::raw);
  raw(pieces[0], 0, second);
  raw(pieces[1], 0, second);
  raw(four, 0, hour);
  EXPECT_EQ(raw(pieces[2], 0, hour), "(none)");
  EXPECT_EQ(raw.counters().reassembly.incomplete, 1u);
  raw.decoder().finish();
  EXPECT_EQ(raw.counters().reassembly.incomplete, 2u);
}

TEST(Reassembly, IsBounded) {
  Reassembly reassembly;
  const std::string piece(1480, 'x');
  for (std::uint32_t id = 0; id < 200'000; ++id) {
    reassembly.add(0, {Ip::v4(1), Ip::v4(2), id, 17, false}, {0, true, 17, std::as_bytes(std::span(piece))});
    ASSERT_LE(reassembly.bytes_held(), Reassembly::max_bytes);
  }
  EXPECT_EQ(reassembly.counters().crowded_out, 200'000 - Reassembly::max_packets);
  const std::string large(60000, 'x');
  for (std::uint32_t id = 0; id < 1000; ++id) {
    reassembly.add(0, {Ip::v4(1), Ip::v4(2), id, 17, true}, {0, true, 17, std::as_bytes(std::span(large))});
    ASSERT_LE(reassembly.bytes_held(), Reassembly::max_bytes);
  }
  reassembly.finish();
  EXPECT_EQ(reassembly.bytes_held(), 0u);
}

TEST(Reassembly, SurvivesAClockThatLeaps) {
  Reassembly reassembly;
  const std::string piece(8, 'x');
  for (const Time time : {Time{0}, std::numeric_limits<Time>::max(), std::numeric_limits<Time>::min(), Time{0}, hour})
    for (std::uint32_t id = 0; id < 3; ++id)
      reassembly.add(time, {Ip::v4(1), Ip::v4(2), id, 17, false}, {8 * id, true, 17, std::as_bytes(std::span(piece))});
  reassembly.finish();
  EXPECT_EQ(reassembly.bytes_held(), 0u);
}

}  // namespace
}  // namespace flowspan::source
