// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "support/netflow_builder.hpp"
#include "wire/decode.hpp"
#include "wire/test_reading.hpp"

namespace flowspan::wire {
namespace {

using exporter::Reason;
using test::ByteVector;
using test::netflow_v8;
using test::received;

constexpr std::int64_t export_ms = 1'700'000'000'250;
constexpr unsigned schemes = 14;

const test::NetflowRecord full{.src = 0x01020304,
                               .dst = 0xfffefdfc,
                               .in_if = 65'535,
                               .out_if = 258,
                               .packets = 0xffff'ffff,
                               .bytes = 0x8000'0001,
                               .first = 3'500'001,
                               .last = 3'599'002,
                               .src_port = 65'534,
                               .dst_port = 53,
                               .proto = 17,
                               .tos = 0xb8,
                               .src_as = 64'512,
                               .dst_as = 65'535,
                               .src_mask = 31,
                               .dst_mask = 7,
                               .router_sc = 0x0a0b0c0d,
                               .flows = 0xfedc'ba98};

/// What `full` is in the fields that a scheme may say.
const std::map<std::string, std::int64_t> values{{"flow_count", 0xfedc'ba98},
                                                 {"packets", 0xffff'ffff},
                                                 {"bytes", 0x8000'0001},
                                                 {"first_time", export_ms - 99'999},
                                                 {"last_time", export_ms - 998},
                                                 {"src_lo", 0xffff'0102'0304},
                                                 {"dst_lo", 0xffff'fffe'fdfc},
                                                 {"src_mask", 31},
                                                 {"dst_mask", 7},
                                                 {"src_as", 64'512},
                                                 {"dst_as", 65'535},
                                                 {"in_if", 65'535},
                                                 {"out_if", 258},
                                                 {"src_port", 65'534},
                                                 {"dst_port", 53},
                                                 {"proto", 17},
                                                 {"tos", 0xb8},
                                                 {"bypassed_router_lo", 0xffff'0a0b'0c0d}};

/// Of each scheme the fields besides packets, bytes and times.
const std::set<std::string> said[] = {
    {},
    {"flow_count", "src_as", "dst_as", "in_if", "out_if"},
    {"flow_count", "proto", "src_port", "dst_port"},
    {"flow_count", "src_lo", "src_mask", "src_as", "in_if"},
    {"flow_count", "dst_lo", "dst_mask", "dst_as", "out_if"},
    {"flow_count", "src_lo", "dst_lo", "src_mask", "dst_mask", "src_as", "dst_as", "in_if", "out_if"},
    {"dst_lo", "out_if", "tos", "bypassed_router_lo"},
    {"src_lo", "dst_lo", "in_if", "out_if", "tos", "bypassed_router_lo"},
    {"src_lo", "dst_lo", "src_port", "dst_port", "in_if", "out_if", "tos", "proto", "bypassed_router_lo"},
    {"flow_count", "src_as", "dst_as", "in_if", "out_if", "tos"},
    {"flow_count", "proto", "tos", "src_port", "dst_port", "in_if", "out_if"},
    {"flow_count", "src_lo", "src_mask", "tos", "src_as", "in_if"},
    {"flow_count", "dst_lo", "dst_mask", "tos", "dst_as", "out_if"},
    {"flow_count", "src_lo", "dst_lo", "src_mask", "dst_mask", "tos", "src_as", "dst_as", "in_if", "out_if"},
    {"flow_count", "src_lo", "dst_lo", "src_mask", "dst_mask", "tos", "proto", "src_port", "dst_port", "in_if",
     "out_if"},
};

class NetflowV8Test : public testing::Test {
 protected:
  Outcome decode_bytes(const ByteVector& bytes) {
    batch.clear();
    Outcome outcome = decode(received(bytes), exporters, batch);
    batch.seal();
    EXPECT_EQ(batch.rows(), outcome.flows);
    return outcome;
  }
  std::int64_t get(std::string_view name, std::size_t row = 0) { return value(batch, name, row); }

  exporter::Exporters exporters;
  flow::FlowBatch batch;
};

TEST_F(NetflowV8Test, EveryFieldOfEveryScheme) {
  const std::set<std::string> always{"packets", "bytes", "first_time", "last_time"};
  for (unsigned scheme = 1; scheme <= schemes; ++scheme) {
    SCOPED_TRACE(testing::Message() << "scheme " << scheme);
    EXPECT_FALSE(decode_bytes(netflow_v8(scheme, {}, {{}, full})).error);
    ASSERT_EQ(batch.rows(), 2u);
    EXPECT_EQ(get("agg_scheme", 1), scheme);
    for (const auto& [name, expected] : values) {
      const bool has = always.contains(name) || said[scheme].contains(name);
      EXPECT_EQ(get(name, 1), has ? expected : -1) << name;
    }
    for (const char* never : {"next_hop_lo", "tcp_flags", "icmp_type", "valid_fields", "sampling_rate", "extra"})
      EXPECT_EQ(get(never, 1), -1) << never;
  }
}

TEST_F(NetflowV8Test, EveryFieldOfTheHeader) {
  for (unsigned scheme = 1; scheme <= schemes; ++scheme) {
    decode_bytes(netflow_v8(
        scheme, {.sequence = 0xfedcba98, .engine_type = 3, .engine_id = 9, .sampling = 0x4000 | 1'000}, {full}));
    EXPECT_EQ(get("export_version"), 8);
    EXPECT_EQ(get("export_time"), 1'700'000'000'250'000'000);
    EXPECT_EQ(get("sys_uptime"), 3'600'000);
    EXPECT_EQ(get("flow_sequence"), 0xfedcba98);
    EXPECT_EQ(get("engine_type"), 3);
    EXPECT_EQ(get("engine_id"), 9);
    EXPECT_EQ(get("sampling_mode"), 1);
    EXPECT_EQ(std::bit_cast<double>(get("sampling_rate")), 1'000.0);
    EXPECT_EQ(get("ip_version"), 4);
    EXPECT_EQ(address(batch, "exporter"), "10.1.0.1");
  }
}

TEST_F(NetflowV8Test, WhatHasNoColumnGoesToExtra) {
  const test::NetflowRecord rest{.pad1 = 1, .reserved = 0x203, .marked_tos = 4, .extra_pkts = 0x05060708};
  const std::map<unsigned, std::string> expected{
      {1, ""},
      {2, R"({"v8.pad":"0x01","v8.reserved":"0x0203"})"},
      {3, R"({"v8.pad":"0x01","v8.reserved":"0x0203"})"},
      {4, R"({"v8.pad":"0x01","v8.reserved":"0x0203"})"},
      {5, R"({"v8.reserved":"0x0203"})"},
      {6, R"({"v8.marked_tos":"0x04","v8.extra_pkts":"0x05060708"})"},
      {7, R"({"v8.marked_tos":"0x04","v8.reserved":"0x0203","v8.extra_pkts":"0x05060708"})"},
      {8, R"({"v8.marked_tos":"0x04","v8.pad":"0x01","v8.extra_pkts":"0x05060708"})"},
      {9, R"({"v8.pad":"0x01","v8.reserved":"0x0203"})"},
      {10, R"({"v8.reserved":"0x0203"})"},
      {11, R"({"v8.reserved":"0x0203"})"},
      {12, R"({"v8.reserved":"0x0203"})"},
      {13, R"({"v8.pad":"0x01"})"},
      {14, ""}};
  for (const auto& [scheme, extra] : expected) {
    SCOPED_TRACE(testing::Message() << "scheme " << scheme);
    decode_bytes(netflow_v8(scheme, {}, {{}, rest}));
    EXPECT_EQ(text(batch, "extra", 0), "");
    EXPECT_EQ(text(batch, "extra", 1), extra);
  }
  decode_bytes(netflow_v8(5, {.unix_nsecs = 1'000'000'000, .reserved = 7}, {rest}));
  EXPECT_EQ(text(batch, "extra"),
            R"({"v8.header_reserved":"0x0007","unix_nsecs":"0x3b9aca00","v8.reserved":"0x0203"})");
}

TEST_F(NetflowV8Test, WhatASchemeSaysIsNoLongerNullInTheSameBatch) {
  for (unsigned scheme = 1; scheme <= schemes; ++scheme) {
    const ByteVector aggregates = netflow_v8(scheme, {}, {full});
    const ByteVector flows = test::netflow_v5({}, {full});
    decode(received(flows), exporters, batch);
    decode(received(aggregates), exporters, batch);
    decode(received(flows), exporters, batch);
  }
  batch.seal();
  for (unsigned scheme = 1; scheme <= schemes; ++scheme) {
    SCOPED_TRACE(testing::Message() << "scheme " << scheme);
    const std::size_t row = 3 * (scheme - 1);
    for (const char* name : {"tos", "src_as", "dst_mask", "src_lo"}) {
      EXPECT_EQ(get(name, row), values.at(name));
      EXPECT_EQ(get(name, row + 1), said[scheme].contains(name) ? values.at(name) : -1) << name;
      EXPECT_EQ(get(name, row + 2), values.at(name));
    }
    EXPECT_EQ(get("next_hop_lo", row), 0xffff'0000'0000);
    EXPECT_EQ(get("next_hop_lo", row + 1), -1);
    EXPECT_EQ(get("flow_count", row), -1);
    EXPECT_EQ(get("agg_scheme", row), -1);
  }
}

TEST_F(NetflowV8Test, UnknownAggregationsAreRefusedByName) {
  for (const unsigned scheme : {0u, 15u, 255u}) {
    const Outcome outcome = decode_bytes(netflow_v8(scheme, {.count = 1}, {full}));
    EXPECT_EQ(name(outcome.reason), "unknown_aggregation");
    EXPECT_EQ(outcome.flows, 0u);
  }
  for (const unsigned version : {1u, 3u, 255u}) {
    const Outcome outcome = decode_bytes(netflow_v8(1, {.agg_version = static_cast<std::uint8_t>(version)}, {full}));
    EXPECT_EQ(name(outcome.reason), "unknown_aggregation");
    EXPECT_FALSE(outcome.numbered);
  }
  EXPECT_EQ(exporters.totals().error(Reason::unknown_aggregation), 6u);
  EXPECT_EQ(exporters.size(), 0u);
  EXPECT_FALSE(decode_bytes(netflow_v8(1, {.agg_version = 0}, {full})).error) << "as Junos sends it";
}

TEST_F(NetflowV8Test, ZerosThatFillUpACatalystsDatagramAreNoError) {
  for (unsigned scheme = 1; scheme <= schemes; ++scheme) {
    SCOPED_TRACE(testing::Message() << "scheme " << scheme);
    const bool catalyst = scheme >= 6 && scheme <= 8;
    ByteVector bytes = netflow_v8(scheme, {}, {full});
    bytes.resize(1'464);
    Outcome outcome = decode_bytes(bytes);
    EXPECT_EQ(outcome.flows, 1u);
    EXPECT_EQ(outcome.error, !catalyst);
    bytes.back() = std::byte{1};
    outcome = decode_bytes(bytes);
    EXPECT_EQ(outcome.flows, 1u);
    EXPECT_EQ(name(outcome.reason), "excess_bytes");
  }
}

TEST_F(NetflowV8Test, EverySchemeIsNumberedOnItsOwn) {
  for (std::uint32_t i = 0; i < 10; ++i) {
    for (unsigned scheme = 1; scheme <= schemes; ++scheme) {
      const std::uint32_t first = scheme * 1'000;
      decode_bytes(netflow_v8(scheme, {.sequence = first + i * 2}, {full, full}));
      decode_bytes(netflow_v8(scheme, {.sequence = first + i, .engine_id = 1}, {full}));
    }
  }
  EXPECT_EQ(exporters.totals().lost_flows, 0u);
  EXPECT_EQ(exporters.totals().resets, 0u);
  EXPECT_EQ(exporters.engine_count(), 2u * schemes);

  // A loss in one is a loss, also after the state was written and read.
  auto again = exporter::Exporters::load(exporters.save());
  ASSERT_TRUE(again.has_value());
  exporters = std::move(*again);
  EXPECT_EQ(decode_bytes(netflow_v8(5, {.sequence = 5'020}, {full})).lost_flows, 0u);
  EXPECT_EQ(decode_bytes(netflow_v8(13, {.sequence = 13'020 + 7}, {full})).lost_flows, 7u);
  EXPECT_EQ(exporters.totals().resets, 0u);
}

}  // namespace
}  // namespace flowspan::wire
