// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "wire/decode.hpp"

#include <gtest/gtest.h>

#include "support/netflow_builder.hpp"
#include "wire/test_reading.hpp"

namespace flowspan::wire {
namespace {

using exporter::Reason;
using test::ByteVector;
using test::netflow;
using test::netflow_v1;
using test::netflow_v5;
using test::netflow_v7;
using test::received;

constexpr std::int64_t export_ms = 1'700'000'000'250;

class DecodeTest : public testing::Test {
 protected:
  Outcome decode_bytes(const ByteVector& bytes) {
    batch.clear();
    const Outcome outcome =
        decode(received(bytes, Ip::v4(0x0a010001), 1'700'000'001'234'567'890, 40'001), exporters, batch);
    batch.seal();
    EXPECT_EQ(batch.rows(), outcome.flows);
    return outcome;
  }
  std::int64_t get(std::string_view name, std::size_t row = 0) { return value(batch, name, row); }

  exporter::Exporters exporters;
  flow::FlowBatch batch;
};

const test::NetflowRecord full{.src = 0x01020304,
                               .dst = 0xfffefdfc,
                               .next_hop = 0x80000001,
                               .in_if = 65'535,
                               .out_if = 258,
                               .packets = 0xffff'ffff,
                               .bytes = 0x8000'0001,
                               .first = 3'500'001,
                               .last = 3'599'002,
                               .src_port = 65'534,
                               .dst_port = 53,
                               .tcp_flags = 0xc2,
                               .proto = 17,
                               .tos = 0xb8,
                               .src_as = 64'512,
                               .dst_as = 65'535,
                               .src_mask = 32,
                               .dst_mask = 8,
                               .router_sc = 0x0a0b0c0d};

TEST_F(DecodeTest, EveryFieldOfVersion5) {
  const Outcome outcome = decode_bytes(
      netflow_v5({.sequence = 0xfedcba98, .engine_type = 3, .engine_id = 9, .sampling = 0x4000 | 1'000}, {full}));
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(get("received_time"), 1'700'000'001'234'567);
  EXPECT_EQ(address(batch, "exporter"), "10.1.0.1");
  EXPECT_EQ(get("exporter_port"), 40'001);
  EXPECT_EQ(get("export_version"), 5);
  EXPECT_EQ(get("export_time"), 1'700'000'000'250'000'000);
  EXPECT_EQ(get("sys_uptime"), 3'600'000);
  EXPECT_EQ(get("flow_sequence"), 0xfedcba98);
  EXPECT_EQ(get("engine_type"), 3);
  EXPECT_EQ(get("engine_id"), 9);
  EXPECT_EQ(get("sampling_mode"), 1);
  EXPECT_EQ(std::bit_cast<double>(get("sampling_rate")), 1'000.0);
  EXPECT_EQ(get("ip_version"), 4);
  EXPECT_EQ(address(batch, "src"), "1.2.3.4");
  EXPECT_EQ(address(batch, "dst"), "255.254.253.252");
  EXPECT_EQ(address(batch, "next_hop"), "128.0.0.1");
  EXPECT_EQ(get("in_if"), 65'535);
  EXPECT_EQ(get("out_if"), 258);
  EXPECT_EQ(get("packets"), 0xffff'ffff);
  EXPECT_EQ(get("bytes"), 0x8000'0001);
  EXPECT_EQ(get("first_time"), export_ms - 99'999);
  EXPECT_EQ(get("last_time"), export_ms - 998);
  EXPECT_EQ(get("src_port"), 65'534);
  EXPECT_EQ(get("dst_port"), 53);
  EXPECT_EQ(get("tcp_flags"), 0xc2);
  EXPECT_EQ(get("proto"), 17);
  EXPECT_EQ(get("tos"), 0xb8);
  EXPECT_EQ(get("src_as"), 64'512);
  EXPECT_EQ(get("dst_as"), 65'535);
  EXPECT_EQ(get("src_mask"), 32);
  EXPECT_EQ(get("dst_mask"), 8);
  for (const std::string_view absent :
       {"observation_domain", "icmp_type", "icmp_code", "direction", "extra", "valid_fields", "bypassed_router_lo"})
    EXPECT_EQ(get(absent), -1) << absent;
}

TEST_F(DecodeTest, EveryFieldOfVersion7) {
  test::NetflowRecord record = full;
  record.pad2 = 0x8001;
  decode_bytes(netflow_v7({.sequence = 77}, {{}, record}));
  EXPECT_EQ(get("export_version", 1), 7);
  EXPECT_EQ(get("flow_sequence", 1), 77);
  EXPECT_EQ(address(batch, "src", 1), "1.2.3.4");
  EXPECT_EQ(get("dst_mask", 1), 8);
  EXPECT_EQ(get("valid_fields", 1), 0x8001);
  EXPECT_EQ(address(batch, "bypassed_router", 1), "10.11.12.13");
  EXPECT_EQ(get("last_time", 1), export_ms - 998);
  EXPECT_EQ(get("sampling_rate", 1), -1);
  EXPECT_EQ(get("extra", 1), -1);
}

TEST_F(DecodeTest, EveryFieldOfVersion1) {
  decode_bytes(netflow_v1({}, {{}, full}));
  EXPECT_EQ(get("export_version", 1), 1);
  EXPECT_EQ(address(batch, "src", 1), "1.2.3.4");
  EXPECT_EQ(address(batch, "next_hop", 1), "128.0.0.1");
  EXPECT_EQ(get("out_if", 1), 258);
  EXPECT_EQ(get("packets", 1), 0xffff'ffff);
  EXPECT_EQ(get("bytes", 1), 0x8000'0001);
  EXPECT_EQ(get("first_time", 1), export_ms - 99'999);
  EXPECT_EQ(get("src_port", 1), 65'534);
  EXPECT_EQ(get("proto", 1), 17);
  EXPECT_EQ(get("tos", 1), 0xb8);
  EXPECT_EQ(get("tcp_flags", 1), 0xc2);
  EXPECT_EQ(get("flow_sequence", 1), -1);
  EXPECT_EQ(get("extra", 1), -1);
}

TEST_F(DecodeTest, RecordsOfVersion1PaddedTo52BytesAreTold) {
  ByteVector bytes = netflow_v1({.count = 2}, {full, {}});
  const ByteVector pad(4);
  bytes.insert(bytes.begin() + 16 + 48, pad.begin(), pad.end());
  bytes.insert(bytes.end(), pad.begin(), pad.end());
  bytes.back() = std::byte{7};
  EXPECT_FALSE(decode_bytes(bytes).error);
  EXPECT_EQ(address(batch, "src", 1), "10.0.0.1");
  EXPECT_EQ(text(batch, "extra", 1), R"({"v1.pad2":"0x00000007"})");
}

TEST_F(DecodeTest, WhatHasNoColumnGoesToExtra) {
  decode_bytes(netflow_v5({}, {{}, {.pad1 = 1, .pad2 = 0x1f2}, {.pad2 = 2}}));
  EXPECT_EQ(get("extra", 0), -1);
  EXPECT_EQ(text(batch, "extra", 1), R"({"v5.pad1":"0x01","v5.pad2":"0x01f2"})");
  EXPECT_EQ(text(batch, "extra", 2), R"({"v5.pad2":"0x0002"})");
  decode_bytes(netflow_v7({.reserved = 5}, {{.pad1 = 4}, {}}));
  EXPECT_EQ(text(batch, "extra", 0), R"({"v7.reserved":"0x00000005","v7.flags1":"0x04"})");
  EXPECT_EQ(text(batch, "extra", 1), R"({"v7.reserved":"0x00000005"})");
  decode_bytes(
      netflow_v1({}, {{.pad1 = 1, .tcp_retx_cnt = 2, .tcp_retx_secs = 3, .tcp_misseq_cnt = 4, .reserved = 5}}));
  EXPECT_EQ(text(batch, "extra"),
            R"({"v1.pad1":"0x0101","v1.tcp_retx_cnt":"0x02","v1.tcp_retx_secs":"0x03","v1.tcp_misseq_cnt":"0x04",)"
            R"("v1.reserved":"0x00000005"})");
}

TEST_F(DecodeTest, AFractionOfASecondOrMoreIsALieAndIsKept) {
  decode_bytes(netflow_v5({.unix_nsecs = 1'000'000'000}, {{.pad2 = 1}}));
  EXPECT_EQ(get("export_time"), 1'700'000'000'000'000'000);
  EXPECT_EQ(get("last_time"), 1'700'000'000'000 - 1'000);
  EXPECT_EQ(text(batch, "extra"), R"({"unix_nsecs":"0x3b9aca00","v5.pad2":"0x0001"})");
  EXPECT_EQ(exporters.totals().bad_export_times, 1u);
  decode_bytes(netflow_v5({.unix_nsecs = 999'999'999}, 1));
  EXPECT_EQ(get("export_time"), 1'700'000'000'999'999'999);
  EXPECT_EQ(exporters.totals().bad_export_times, 1u);
}

TEST_F(DecodeTest, RouterTimeIsRightAcrossTheWrapOfSysUptime) {
  struct Case {
    const char* what;
    std::uint32_t uptime, first, last;
    std::int64_t first_before, last_before;  // ms before the export
  };
  const Case cases[] = {
      {"before the wrap", 0xffff'ff00, 0xffff'0000, 0xffff'fe00, 0xff00, 0x100},
      {"exported at the wrap", 0, 0xffff'fc18, 0xffff'ffff, 1'000, 1},
      {"began before, ended after the wrap", 5'000, 0xffff'fffe, 4'000, 5'002, 1'000},
      {"began and ended before, exported after", 5'000, 0xffff'0000, 0xffff'ff00, 5'000 + 0x10000, 5'000 + 0x100},
      {"a day before", 86'400'000, 0, 86'400'000, 86'400'000, 0},
      {"ended after the header was written", 3'381, 0xffff'ffff, 3'577, 3'382, -196},
      {"24 days before", 24u * 86'400'000, 0, 0, 24ll * 86'400'000, 24ll * 86'400'000},
  };
  for (const unsigned version : {1u, 5u, 7u}) {
    for (const Case& one : cases) {
      SCOPED_TRACE(one.what);
      const test::NetflowRecord record{.first = one.first, .last = one.last};
      decode_bytes(netflow(version, {.sys_uptime = one.uptime}, std::span(&record, 1)));
      EXPECT_EQ(get("first_time"), export_ms - one.first_before);
      EXPECT_EQ(get("last_time"), export_ms - one.last_before);
    }
  }
}

TEST_F(DecodeTest, ADeviceThatLivesIn1970IsTakenAtItsWord) {
  decode_bytes(netflow_v5({.sys_uptime = 10'000, .unix_secs = 0, .unix_nsecs = 0}, {{.first = 5'000, .last = 9'000}}));
  EXPECT_EQ(get("export_time"), 0);
  EXPECT_EQ(get("first_time"), -5'000);
  decode_bytes(netflow_v5({.unix_secs = 0xffff'ffff}, 1));
  EXPECT_EQ(get("export_time"), 4'294'967'295'250'000'000);
}

TEST_F(DecodeTest, NoSamplingIntervalIsNoRate) {
  decode_bytes(netflow_v5({.sampling = 0x8000}, 1));
  EXPECT_EQ(get("sampling_mode"), 2);
  EXPECT_EQ(get("sampling_rate"), -1);
  decode_bytes(netflow_v5({.sampling = 0xffff}, 1));
  EXPECT_EQ(get("sampling_mode"), 3);
  EXPECT_EQ(std::bit_cast<double>(get("sampling_rate")), 16'383.0);
}

TEST_F(DecodeTest, MixedVersionsShareABatch) {
  std::size_t rows = 0;
  for (const unsigned version : {5u, 1u, 7u, 5u, 7u, 1u}) {
    const ByteVector bytes = netflow(version, {.sampling = 100}, version + 1);
    rows += decode(received(bytes), exporters, batch).flows;
  }
  batch.seal();
  ASSERT_EQ(batch.rows(), rows);
  EXPECT_EQ(get("export_version", 0), 5);
  EXPECT_EQ(get("export_version", 6), 1);
  EXPECT_EQ(get("sampling_rate", 6), -1);
  EXPECT_EQ(get("export_version", 8), 7);
  EXPECT_EQ(get("valid_fields", 8), 0);
  EXPECT_EQ(get("valid_fields", 5), -1);
  EXPECT_EQ(std::bit_cast<double>(get("sampling_rate", 16)), 100.0);
}

TEST_F(DecodeTest, AnExporterWithAnIpv6AddressIsKeptWhole) {
  const ByteVector bytes = netflow_v5({}, 1);
  decode(received(bytes, *Ip::parse("2001:db8::7")), exporters, batch);
  batch.seal();
  EXPECT_EQ(address(batch, "exporter"), "2001:db8::7");
}

TEST_F(DecodeTest, LossIsToldWithTheDatagramThatShowsIt) {
  EXPECT_EQ(decode_bytes(netflow_v5({.sequence = 0}, 30)).lost_flows, 0u);
  EXPECT_EQ(decode_bytes(netflow_v5({.sys_uptime = 3'600'002, .sequence = 60}, 30)).lost_flows, 30u);
  const Outcome late = decode_bytes(netflow_v5({.sys_uptime = 3'600'001, .sequence = 30}, 30));
  EXPECT_EQ(late.lost_flows, 0u);
  EXPECT_EQ(late.recovered_flows, 30u);
  EXPECT_EQ(exporters.totals().lost_flows, 0u);
}

TEST_F(DecodeTest, EnginesAndVersionsAreNumberedOnTheirOwn) {
  for (std::uint32_t i = 0; i < 10; ++i) {
    decode_bytes(netflow_v5({.sequence = i * 2, .engine_id = 1}, 2));
    decode_bytes(netflow_v5({.sequence = 1'000 + i * 3, .engine_id = 2}, 3));
    decode_bytes(netflow_v5({.sequence = 500 + i * 3, .engine_type = 1, .engine_id = 2}, 3));
    decode_bytes(netflow_v7({.sequence = 700 + i}, 1));
    decode_bytes(netflow_v1({}, {{}}));
  }
  EXPECT_EQ(exporters.totals().lost_flows, 0u);
  EXPECT_EQ(exporters.totals().resets, 0u);
  EXPECT_EQ(exporters.size(), 1u);
}

}  // namespace
}  // namespace flowspan::wire
