// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/datagram.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "support/netflow_builder.hpp"
#include "wire/decode.hpp"
#include "wire/test_reading.hpp"

namespace flowspan::simulate {
namespace {

constexpr Time booted = 1'700'000'000'123 * millisecond;
constexpr Time exported = booted + 3'600'000 * millisecond + 456'789;

const Record record{.src = 0x0A000001,
                    .dst = 0xC0000201,
                    .next_hop = 0xAC1FFF01,
                    .in_if = 10,
                    .out_if = 65'535,
                    .packets = 0xFFFF'FFFE,
                    .bytes = 0x8000'0001,
                    .first = booted + 1000 * millisecond + 999'999,
                    .last = booted + 3'599'000 * millisecond,
                    .src_port = 40'000,
                    .dst_port = 443,
                    .tcp_flags = 0x1B,
                    .proto = 6,
                    .tos = 0xB8,
                    .src_as = 65'535,
                    .dst_as = 23'456,
                    .src_mask = 24,
                    .dst_mask = 32};

class EncodeTest : public testing::TestWithParam<Version> {
 protected:
  void encode_and_decode(const Header& header, std::span<const Record> records) {
    std::vector<std::byte> bytes;
    encode(GetParam(), header, records, bytes);
    const auto outcome =
        wire::decode(test::received(bytes, Ip::v4(0x7F000101), exported + millisecond, 2055), exporters, batch);
    batch.seal();
    ASSERT_FALSE(outcome.error);
    ASSERT_EQ(outcome.flows, records.size());
  }
  std::int64_t get(std::string_view name, std::size_t row = 0) { return wire::value(batch, name, row); }

  exporter::Exporters exporters;
  flow::FlowBatch batch;
};

TEST_P(EncodeTest, EveryFieldIsDecodedAgain) {
  encode_and_decode({exported, booted, 77, 0x0203, 100, 0xAC100001}, {&record, 1});
  EXPECT_EQ(get("export_version"), static_cast<int>(GetParam()));
  EXPECT_EQ(get("export_time"), exported);
  EXPECT_EQ(get("sys_uptime"), 3'600'000);
  EXPECT_EQ(wire::address(batch, "src"), "10.0.0.1");
  EXPECT_EQ(wire::address(batch, "dst"), "192.0.2.1");
  EXPECT_EQ(wire::address(batch, "next_hop"), "172.31.255.1");
  EXPECT_EQ(get("in_if"), 10);
  EXPECT_EQ(get("out_if"), 65'535);
  EXPECT_EQ(get("packets"), 0xFFFF'FFFE);
  EXPECT_EQ(get("bytes"), 0x8000'0001);
  EXPECT_EQ(get("first_time"), booted / millisecond + 1000);
  EXPECT_EQ(get("last_time"), booted / millisecond + 3'599'000);
  EXPECT_EQ(get("src_port"), 40'000);
  EXPECT_EQ(get("dst_port"), 443);
  EXPECT_EQ(get("tcp_flags"), 0x1B);
  EXPECT_EQ(get("proto"), 6);
  EXPECT_EQ(get("tos"), 0xB8);
  EXPECT_EQ(wire::text(batch, "extra"), "");  // nothing stands where nothing should
  if (GetParam() == Version::v1) return;
  EXPECT_EQ(get("flow_sequence"), 77);
  EXPECT_EQ(get("src_as"), 65'535);
  EXPECT_EQ(get("dst_as"), 23'456);
  EXPECT_EQ(get("src_mask"), 24);
  EXPECT_EQ(get("dst_mask"), 32);
  if (GetParam() == Version::v7) {
    EXPECT_EQ(wire::address(batch, "bypassed_router"), "172.16.0.1");
  }
  if (GetParam() != Version::v5) return;
  EXPECT_EQ(get("engine_type"), 2);
  EXPECT_EQ(get("engine_id"), 3);
  EXPECT_EQ(get("sampling_mode"), 2);
  EXPECT_EQ(std::bit_cast<double>(get("sampling_rate")), 100.0);
}

TEST_P(EncodeTest, AFullDatagramFitsAFrame) {
  std::vector<Record> records(most_records(GetParam()), record);
  for (std::size_t i = 0; i < records.size(); ++i) records[i].src_port = static_cast<std::uint16_t>(i);
  encode_and_decode({exported, booted, 0, 0, 0, 0}, records);
  for (std::size_t i = 0; i < records.size(); ++i) EXPECT_EQ(get("src_port", i), static_cast<std::int64_t>(i));
  std::vector<std::byte> bytes;
  encode(GetParam(), {exported, booted, 0, 0, 0, 0}, records, bytes);
  EXPECT_LE(bytes.size(), 1472u);
  if (GetParam() == Version::v5) {
    EXPECT_EQ(get("sampling_mode"), 0);
  }
  EXPECT_EQ(get("sampling_rate"), -1);
}

INSTANTIATE_TEST_SUITE_P(Versions, EncodeTest, testing::Values(Version::v1, Version::v5, Version::v7),
                         [](const auto& version) { return "v" + std::to_string(static_cast<int>(version.param)); });

TEST(VersionTest, WordsOfVersions) {
  EXPECT_EQ(parse_version("v5"), Version::v5);
  EXPECT_EQ(parse_version("7"), Version::v7);
  for (const char* word : {"", "v", "v9", "v55", "netflow", "vv5"}) EXPECT_FALSE(parse_version(word)) << word;
}

}  // namespace
}  // namespace flowspan::simulate
