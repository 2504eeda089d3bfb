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

class Decoded : public testing::Test {
 protected:
  void decode(const std::vector<std::byte>& bytes, std::size_t records) {
    batch.clear();
    const auto outcome =
        wire::decode(test::received(bytes, Ip::v4(0x7F000101), exported + millisecond, 2055), exporters, batch);
    batch.seal();
    ASSERT_FALSE(outcome.error);
    ASSERT_EQ(outcome.flows, records);
  }
  std::int64_t get(std::string_view name, std::size_t row = 0) { return wire::value(batch, name, row); }

  exporter::Exporters exporters;
  flow::FlowBatch batch;
};

class EncodeTest : public Decoded, public testing::WithParamInterface<Version> {
 protected:
  void encode_and_decode(const Header& header, std::span<const Record> records) {
    std::vector<std::byte> bytes;
    encode(GetParam(), header, records, bytes);
    decode(bytes, records.size());
  }
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

class EncodeV8Test : public Decoded {
 protected:
  /// Bytes of the datagram.
  std::size_t decode_v8(Scheme scheme, const std::vector<Aggregate>& aggregates) {
    std::vector<std::byte> bytes;
    encode(scheme, {exported, booted, 77, 0x0203, 100, 0}, aggregates, bytes);
    decode(bytes, aggregates.size());
    return bytes.size();
  }
};

TEST_F(EncodeV8Test, EveryFieldIsDecodedAgain) {
  const std::vector<Aggregate> aggregates(2, {record, 0xFEDC'BA98});
  for (const Scheme scheme : {Scheme::as, Scheme::proto_port, Scheme::prefix}) {
    SCOPED_TRACE(static_cast<int>(scheme));
    decode_v8(scheme, aggregates);
    EXPECT_EQ(get("export_version", 1), 8);
    EXPECT_EQ(get("export_time", 1), exported);
    EXPECT_EQ(get("flow_sequence", 1), 77);
    EXPECT_EQ(get("agg_scheme", 1), static_cast<int>(scheme));
    EXPECT_EQ(get("engine_type", 1), 2);
    EXPECT_EQ(get("engine_id", 1), 3);
    EXPECT_EQ(get("sampling_mode", 1), 2);
    EXPECT_EQ(std::bit_cast<double>(get("sampling_rate", 1)), 100.0);
    EXPECT_EQ(get("flow_count", 1), 0xFEDC'BA98);
    EXPECT_EQ(get("packets", 1), 0xFFFF'FFFE);
    EXPECT_EQ(get("bytes", 1), 0x8000'0001);
    EXPECT_EQ(get("first_time", 1), booted / millisecond + 1000);
    EXPECT_EQ(get("last_time", 1), booted / millisecond + 3'599'000);
    const bool ports = scheme == Scheme::proto_port;
    const bool prefixes = scheme == Scheme::prefix;
    EXPECT_EQ(get("proto", 1), ports ? 6 : -1);
    EXPECT_EQ(get("src_port", 1), ports ? 40'000 : -1);
    EXPECT_EQ(get("dst_port", 1), ports ? 443 : -1);
    EXPECT_EQ(get("src_as", 1), ports ? -1 : 65'535);
    EXPECT_EQ(get("dst_as", 1), ports ? -1 : 23'456);
    EXPECT_EQ(get("in_if", 1), ports ? -1 : 10);
    EXPECT_EQ(get("out_if", 1), ports ? -1 : 65'535);
    EXPECT_EQ(get("src_lo", 1), prefixes ? 0xFFFF'0A00'0001 : -1);
    EXPECT_EQ(get("dst_lo", 1), prefixes ? 0xFFFF'C000'0201 : -1);
    EXPECT_EQ(get("src_mask", 1), prefixes ? 24 : -1);
    EXPECT_EQ(get("dst_mask", 1), prefixes ? 32 : -1);
    EXPECT_EQ(wire::text(batch, "extra", 1), "");
  }
}

TEST_F(EncodeV8Test, AFullDatagramFitsAFrame) {
  for (const Scheme scheme : {Scheme::as, Scheme::proto_port, Scheme::prefix})
    EXPECT_LE(decode_v8(scheme, std::vector<Aggregate>(most_records(scheme))), 1472u);
}

TEST(VersionTest, WordsOfVersions) {
  EXPECT_EQ(parse_version("v5"), Version::v5);
  EXPECT_EQ(parse_version("7"), Version::v7);
  EXPECT_EQ(parse_version("v8"), Version::v8);
  for (const char* word : {"", "v", "v9", "v55", "netflow", "vv5"}) EXPECT_FALSE(parse_version(word)) << word;
}

}  // namespace
}  // namespace flowspan::simulate
