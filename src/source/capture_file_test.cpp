// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/capture_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "source/packet_test_support.hpp"

namespace flowspan::source {
namespace {

using namespace test;
using testing::HasSubstr;

// A file in the test's own place that is removed at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content)
      : path_(std::filesystem::path(testing::TempDir()) /
              ("flowspan-" + std::to_string(getpid()) + "-" +
               testing::UnitTest::GetInstance()->current_test_info()->name() + ".pcap")) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string pcap_header(unsigned link, bool nano = false, unsigned snaplen = 65535) {
  return Builder().le32(nano ? 0xa1b23c4d : 0xa1b2c3d4).le16(2).le16(4).zeros(8).le32(snaplen).le32(link).text();
}

std::string pcap_packet(const std::string& packet, std::uint32_t seconds, std::uint32_t part, unsigned missing = 0) {
  const auto size = static_cast<unsigned>(packet.size());
  return Builder().le32(seconds).le32(part).le32(size).le32(size + missing).add(packet).text();
}

std::string pcapng(unsigned link, const std::string& packet) {
  const auto size = static_cast<unsigned>(packet.size());
  const unsigned padded = (size + 3) & ~3u;
  Builder file;
  file.le32(0x0a0d0d0a).le32(28).le32(0x1a2b3c4d).le16(1).le16(0).le32(~0u).le32(~0u).le32(28);
  // if_tsresol 9: nanoseconds
  file.le32(1).le32(32).le16(link).le16(0).le32(0).le16(9).le16(1).u8(9).zeros(3).le32(0).le32(32);
  const std::uint64_t time = 1'700'000'000'123'456'789;
  file.le32(6).le32(32 + padded).le32(0).le32(time >> 32).le32(static_cast<std::uint32_t>(time)).le32(size).le32(size);
  return file.add(packet).zeros(padded - size).le32(32 + padded).text();
}

struct ReadBack {
  std::vector<std::string> payloads;
  std::vector<Time> times;
  PacketCounters counters;
  std::string warning;
  std::string error;
};

ReadBack read(const std::filesystem::path& path) {
  ReadBack result;
  auto file = CaptureFile::open(path);
  if (!file) {
    result.error = file.error().text;
    return result;
  }
  Datagram datagram;
  while (true) {
    const auto more = (*file)->next(datagram);
    if (!more) result.error = more.error().text;
    if (!more || !*more) break;
    result.payloads.emplace_back(reinterpret_cast<const char*>(datagram.payload.data()), datagram.payload.size());
    result.times.push_back(datagram.received);
  }
  result.counters = (*file)->counters();
  result.warning = (*file)->warning();
  return result;
}

ReadBack read_text(const std::string& content) { return read(TemporaryFile(content).path()); }

const std::string four = ipv4(udp("four"));
using Payloads = std::vector<std::string>;

TEST(CaptureFile, ReadsPcapWithMicroAndNanoseconds) {
  const auto micro = read_text(pcap_header(101) + pcap_packet(four, 1'700'000'000, 123456));
  EXPECT_EQ(micro.payloads, Payloads{"four"});
  EXPECT_EQ(micro.times, std::vector<Time>{1'700'000'000'123'456'000});
  EXPECT_EQ(micro.warning + micro.error, "");
  const auto nano = read_text(pcap_header(101, true) + pcap_packet(four, 1'700'000'000, 123456789));
  EXPECT_EQ(nano.times, std::vector<Time>{1'700'000'000'123'456'789});
}

TEST(CaptureFile, ReadsPcapng) {
  const auto read_back = read_text(pcapng(1, ethernet(0x0800, four)));
  EXPECT_EQ(read_back.payloads, Payloads{"four"}) << read_back.error;
  EXPECT_EQ(read_back.times, std::vector<Time>{1'700'000'000'123'456'789});
}

TEST(CaptureFile, ReadsEveryLinkType) {
  const std::string six = ipv6(udp("six"));
  const std::pair<unsigned, std::string> packets[] = {{0, Builder().le32(2).add(four).text()},
                                                      {1, ethernet(0x0800, four)},
                                                      {101, four},
                                                      {108, Builder().u32(24).add(six).text()},
                                                      {113, Builder().zeros(14).u16(0x0800).add(four).text()},
                                                      {228, four},
                                                      {229, six},
                                                      {276, Builder().u16(0x86dd).zeros(18).add(six).text()}};
  for (const auto& [link, packet] : packets) {
    const auto read_back = read_text(pcap_header(link) + pcap_packet(packet, 1, 0));
    EXPECT_EQ(read_back.payloads.size(), 1u) << link << read_back.error;
  }
}

TEST(CaptureFile, CountsWhatItDoesNotGive) {
  Ipv4 tcp;
  tcp.protocol = 6;
  const auto read_back =
      read_text(pcap_header(101) + pcap_packet(ipv4("tcp", tcp), 1, 0) + pcap_packet(four.substr(0, 30), 1, 0, 2) +
                pcap_packet("x", 1, 0) + pcap_packet(four, 1, 0));
  EXPECT_EQ(read_back.payloads, Payloads{"four"});
  EXPECT_EQ(read_back.counters.packets, 4u);
  EXPECT_EQ(read_back.counters.other, 1u);
  EXPECT_EQ(read_back.counters.cut, 1u);
  EXPECT_EQ(read_back.counters.malformed, 1u);
}

TEST(CaptureFile, KeepsTheWholePacketsOfATruncatedFile) {
  const std::string packet = pcap_packet(four, 1, 0);
  for (std::size_t missing = 1; missing < packet.size(); ++missing) {
    const auto read_back = read_text(pcap_header(101) + packet + packet.substr(0, packet.size() - missing));
    EXPECT_EQ(read_back.payloads, Payloads{"four"}) << missing;
    EXPECT_EQ(read_back.error, "");
    EXPECT_THAT(read_back.warning, HasSubstr("is truncated after packet 1"));
    EXPECT_EQ(read_back.counters.broken_file, 1u);
  }
}

TEST(CaptureFile, KeepsTheWholePacketsOfADamagedFile) {
  const std::string damage = Builder().le32(1).le32(0).le32(0xfffffff0).le32(0xfffffff0).zeros(100).text();
  const auto read_back = read_text(pcap_header(101) + pcap_packet(four, 1, 0) + damage);
  EXPECT_EQ(read_back.payloads, Payloads{"four"});
  EXPECT_THAT(read_back.warning, HasSubstr("after packet 1"));
  EXPECT_THAT(read_text(pcap_header(101) + damage).error, HasSubstr("cannot read"));
}

TEST(CaptureFile, EveryTruncatedPcapngIsToldOrWhole) {
  const std::string whole = pcapng(101, four);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read_back = read_text(whole.substr(0, size));
    EXPECT_TRUE(read_back.payloads.empty()) << size;
    EXPECT_TRUE(size == 60 || !(read_back.error + read_back.warning).empty()) << size;  // 60: just no packet
  }
}

TEST(CaptureFile, NamesTheFileItCannotRead) {
  EXPECT_THAT(read("/nowhere/x.pcap").error, HasSubstr("/nowhere/x.pcap"));
  EXPECT_THAT(read("/").error, HasSubstr("it is a folder"));
  EXPECT_THAT(read_text("").error, HasSubstr("is empty"));
  EXPECT_THAT(read_text("this is no capture, is it?").error, HasSubstr("is no capture"));
  EXPECT_THAT(read_text("\x1f\x8b\x08 and so on").error, HasSubstr("gunzip"));
  const auto wifi = read_text(pcap_header(105) + pcap_packet(four, 1, 0));
  EXPECT_THAT(wifi.error, HasSubstr("IEEE802_11"));
  EXPECT_THAT(wifi.error, HasSubstr("flowspan-"));
}

TEST(CaptureFile, TellsProgress) {
  const TemporaryFile temporary(pcap_header(101) + pcap_packet(four, 1, 0));
  auto file = CaptureFile::open(temporary.path());
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->progress().size, std::filesystem::file_size(temporary.path()));
  Datagram datagram;
  while (*(*file)->next(datagram)) continue;
  EXPECT_EQ((*file)->progress().read, (*file)->progress().size);
}

TEST(CaptureFile, RealCaptures) {
  const char* shared = std::getenv("FLOWSPAN_SHARED");
  const std::filesystem::path folder =
      std::filesystem::path(shared != nullptr ? shared : FLOWSPAN_SOURCE_DIR "/../shared") /
      "fixtures/traffic/ipfixprobe/inputs";
  if (!std::filesystem::is_directory(folder))
    GTEST_SKIP() << "REAL CAPTURES NOT TESTED: " << folder << " is missing; set FLOWSPAN_SHARED";
  std::uint64_t datagrams = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".pcap") continue;
    const auto read_back = read(entry.path());
    EXPECT_EQ(read_back.error + read_back.warning, "") << entry.path();
    const auto& counters = read_back.counters;
    EXPECT_EQ(counters.malformed, 0u) << entry.path();
    EXPECT_EQ(counters.datagrams + counters.other + counters.cut + counters.reassembly.fragments -
                  counters.reassembly.reassembled,
              counters.packets)
        << entry.path();
    datagrams += counters.datagrams;
  }
  EXPECT_GT(datagrams, 1000u);
}

}  // namespace
}  // namespace flowspan::source
