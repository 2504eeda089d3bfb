// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

#include "journal/pcapng.hpp"

#include <gtest/gtest.h>

#include "journal/journal_test.hpp"
#include "journal/names.hpp"
#include "journal/wire_order.hpp"

namespace flowspan::journal {
namespace {

using namespace testing;  // of this folder

// The packet inside of an Enhanced Packet Block.
Bytes packet_in(const Buffer& block) { return Bytes(block).subspan(28, get_le32(block.data() + 20)); }

Sample round_trip(const Sample& made) {
  const Buffer block = packet_block(made);
  Datagram read;
  EXPECT_EQ(read_packet(packet_in(block), read), Packet::datagram);
  const auto time = std::uint64_t{get_le32(block.data() + 12)} << 32 | get_le32(block.data() + 16);
  return {static_cast<Time>(time), read.from, read.to, {read.payload.begin(), read.payload.end()}};
}

std::uint32_t plain_checksum(Bytes bytes) {  // of big-endian words, the slow and simple way
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += static_cast<std::uint32_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

TEST(Pcapng, ABlockHoldsADatagramOfEveryLength) {
  for (std::size_t size = 0; size < 70; ++size) {
    const Sample v4 = sample(static_cast<std::uint32_t>(size), size);
    EXPECT_EQ(round_trip(v4), v4);
    Sample v6 = v4;
    v6.from.ip = *Ip::parse("2001:db8::1");
    v6.to.ip = *Ip::parse("2001:db8::2");
    EXPECT_EQ(round_trip(v6), v6);
  }
}

TEST(Pcapng, TheLongestPayloadsFitAndLongerOnesAreRefused) {
  Sample made = sample(1, max_payload_v4);
  EXPECT_EQ(round_trip(made), made);
  made.payload.push_back({});
  EXPECT_EQ(packet_block_size(made.datagram(), 0), 0u);
  made.from.ip = *Ip::parse("2001:db8::1");
  made.payload.resize(max_payload_v6);
  EXPECT_EQ(round_trip(made), made);
  EXPECT_LE(packet_block_size(made.datagram(), 1), max_block);
  made.payload.push_back({});
  EXPECT_EQ(packet_block_size(made.datagram(), 0), 0u);
}

TEST(Pcapng, AnIpv4SenderIsWrittenAsIpv4WhateverTheReceivingAddress) {
  Sample made = sample(1, 10);
  made.to.ip = *Ip::parse("::");
  const Sample read = round_trip(made);
  EXPECT_EQ(read.from, made.from);
  EXPECT_EQ(read.to.ip, Ip::v4(0));
  EXPECT_EQ(read.to.port, made.to.port);
}

TEST(Pcapng, AnIpv6SenderKeepsAnIpv4Receiver) {
  Sample made = sample(1, 10);
  made.from.ip = *Ip::parse("fe80::1");
  EXPECT_EQ(round_trip(made), made);
}

TEST(Pcapng, TheIpv4HeaderChecksumIsRight) {
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const Buffer block = packet_block(sample(i * 7919, i));
    EXPECT_EQ(plain_checksum(packet_in(block).first(20)), 0xffffu);
    EXPECT_EQ(get_be16(packet_in(block).data() + 26), 0);  // none for UDP
  }
}

TEST(Pcapng, TheUdpChecksumOverIpv6IsRightAndNeverZero) {
  Sample made = sample(1, 0);
  made.from.ip = *Ip::parse("2001:db8::1");
  made.to.ip = *Ip::parse("2001:db8::2");
  for (std::uint32_t i = 0; i < 70'000; ++i) {
    made.payload.assign(2 + i % 40, std::byte{0});
    made.payload[0] = static_cast<std::byte>(i >> 8);
    made.payload[1] = static_cast<std::byte>(i);
    const Buffer block = packet_block(made);
    const Bytes packet = packet_in(block);
    Buffer summed(packet.begin() + 8, packet.end());
    Buffer pseudo(8);
    put_be32(pseudo.data(), static_cast<std::uint32_t>(packet.size() - 40));
    put_be32(pseudo.data() + 4, 17);
    ASSERT_EQ(plain_checksum(pseudo + summed), 0xffffu) << i;
    ASSERT_NE(get_be16(packet.data() + 46), 0) << i;
  }
}

TEST(Pcapng, TimesReachFromTheFirstToTheLast) {
  for (const Time time :
       {Time{0}, Time{-1}, Time{1}, std::numeric_limits<Time>::max(), std::numeric_limits<Time>::min()}) {
    Sample made = sample(1, 1);
    made.received = time;
    EXPECT_EQ(round_trip(made), made);
  }
}

TEST(Pcapng, EveryByteOfABlockIsWritten) {
  for (std::size_t size = 0; size < 9; ++size) {
    const Sample made = sample(1, size);
    Buffer zeros(packet_block_size(made.datagram(), 5), std::byte{0});
    Buffer ones(zeros.size(), std::byte{0xff});
    write_packet_block(zeros.data(), made.datagram(), 0, 5);
    write_packet_block(ones.data(), made.datagram(), 0, 5);
    EXPECT_EQ(zeros, ones);
  }
  Buffer zeros(loss_block_size, std::byte{0});
  Buffer ones(loss_block_size, std::byte{0xff});
  write_loss_block(zeros.data(), {1, 2, 3, 4}, 0);
  write_loss_block(ones.data(), {1, 2, 3, 4}, 0);
  EXPECT_EQ(zeros, ones);
}

TEST(Pcapng, OtherPacketsAreToldFromDamagedOnes) {
  const Buffer block = packet_block(sample(1, 100));
  Buffer packet(packet_in(block).begin(), packet_in(block).end());
  Datagram read;
  const auto with = [&](std::size_t at, int value) {
    Buffer changed = packet;
    changed[at] = static_cast<std::byte>(value);
    put_be16(changed.data() + 10, 0);
    put_be16(changed.data() + 10, static_cast<std::uint16_t>(~plain_checksum(Bytes(changed).first(20))));
    return read_packet(changed, read);
  };
  EXPECT_EQ(with(9, 17), Packet::datagram);
  EXPECT_EQ(with(9, 6), Packet::other);       // TCP
  EXPECT_EQ(with(6, 0x20), Packet::other);    // the first fragment of several
  EXPECT_EQ(with(7, 1), Packet::other);       // a later fragment
  EXPECT_EQ(with(3, 0), Packet::damaged);     // total length
  EXPECT_EQ(with(25, 0), Packet::damaged);    // UDP length
  EXPECT_EQ(with(0, 0x44), Packet::damaged);  // a header of 16 bytes
  EXPECT_EQ(with(0, 0x55), Packet::damaged);  // IP version 5
  packet[12] ^= std::byte{1};                 // an address, without the checksum
  EXPECT_EQ(read_packet(packet, read), Packet::damaged);
  for (std::size_t size = 0; size < packet.size(); ++size) {
    EXPECT_EQ(read_packet(Bytes(packet).first(size), read), Packet::damaged) << size;
  }
}

TEST(Pcapng, WholeBlocksAreCountedToALimit) {
  const Buffer a = packet_block(sample(1, 100));
  const Buffer b = packet_block(sample(2, 200));
  const Buffer both = a + b;
  EXPECT_EQ(block_length(both), a.size());
  EXPECT_EQ(whole_blocks(both, both.size()), both.size());
  EXPECT_EQ(whole_blocks(both, both.size() - 1), a.size());
  EXPECT_EQ(whole_blocks(both, 1), a.size());
  EXPECT_EQ(whole_blocks(Bytes(both).first(a.size() + 20), both.size()), a.size());
  EXPECT_EQ(whole_blocks(Bytes(both).first(20), both.size()), 0u);
  EXPECT_EQ(whole_blocks({}, 100), 0u);
}

TEST(JournalNames, AreReadAsTheyAreWritten) {
  EXPECT_EQ((JournalName{3, 17}.to_string()), "3-0000000017.pcapng");
  for (const JournalName name : {JournalName{0, 0}, JournalName{4294967295, 4294967295}, JournalName{12, 1}}) {
    EXPECT_EQ(JournalName::parse(name.to_string()), name);
  }
  for (const char* bad :
       {"", "-", "1-1.pcapng", "1-00000000001.pcapng", "01-0000000001.pcapng", "-0000000001.pcapng",
        "1-0000000001.pcap", "1-0000000001.pcapng.part", "4294967296-0000000001.pcapng", "1-9999999999.pcapng",
        "+1-0000000001.pcapng", "1-+000000001.pcapng", "a-0000000001.pcapng"}) {
    EXPECT_FALSE(JournalName::parse(bad)) << bad;
  }
}

TEST(JournalNames, AreListedByWriterAndInOrder) {
  const TemporaryFolder folder;
  for (const char* name : {"0-0000000010.pcapng", "0-0000000009.pcapng", "1-0000000002.pcapng", "other.pcapng"}) {
    write_file(folder.path() / name, {});
  }
  const std::map<std::uint32_t, std::vector<std::uint32_t>> expected{{0, {9, 10}}, {1, {2}}};
  EXPECT_EQ(list_journals(folder.path()).value(), expected);
  EXPECT_TRUE(list_journals(folder.path() / "none").value().empty());
}

}  // namespace
}  // namespace flowspan::journal
