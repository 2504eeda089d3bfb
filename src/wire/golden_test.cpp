// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// Captures of real devices decode to the values their owners published (tests/golden/wire/README.md). Except for times: where
// the fraction of the flow's time is larger than the export time's, Logstash forgets to borrow a second, and it does not
// know the wrap of SysUptime. These values are nfdump's.

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "support/netflow_builder.hpp"
#include "wire/decode.hpp"
#include "wire/test_reading.hpp"

namespace flowspan::wire {
namespace {

class GoldenTest : public testing::Test {
 protected:
  Outcome decode_file(const std::string& file, std::size_t limit = SIZE_MAX) {
    std::ifstream in(std::string(FLOWSPAN_SOURCE_DIR) + "/tests/golden/wire/" + file, std::ios::binary);
    EXPECT_TRUE(in.good()) << file;
    for (std::istreambuf_iterator<char> byte(in), end; byte != end && bytes.size() < limit; ++byte)
      bytes.push_back(static_cast<std::byte>(*byte));
    const Outcome outcome = decode(test::received(bytes), exporters, batch);
    batch.seal();
    return outcome;
  }
  std::int64_t get(std::string_view name, std::size_t row = 0) { return value(batch, name, row); }
  std::int64_t get_ms(const char* text) { return parse_time(text, 0).value() / millisecond; }

  test::ByteVector bytes;
  exporter::Exporters exporters;
  flow::FlowBatch batch;
};

TEST_F(GoldenTest, SoftflowdVersion5) {
  const Outcome outcome = decode_file("netflow5.dat", 24 + 2 * 48);
  ASSERT_EQ(outcome.flows, 2u);
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(address(batch, "src", 0), "10.0.2.2");
  EXPECT_EQ(address(batch, "dst", 0), "10.0.2.15");
  EXPECT_EQ(address(batch, "next_hop", 0), "0.0.0.0");
  EXPECT_EQ(get("src_port", 0), 54'435);
  EXPECT_EQ(get("dst_port", 0), 22);
  EXPECT_EQ(get("tcp_flags", 0), 16);
  EXPECT_EQ(get("packets", 0), 5);
  EXPECT_EQ(get("bytes", 0), 230);
  EXPECT_EQ(address(batch, "src", 1), "10.0.2.15");
  EXPECT_EQ(get("tcp_flags", 1), 24);
  EXPECT_EQ(get("packets", 1), 4);
  EXPECT_EQ(get("bytes", 1), 304);
  EXPECT_EQ(get("export_time"), parse_time("2015-05-02T18:38:08.280328Z", 0).value());
  // As nfdump 1.7.1 has it. The owner publishes 08.476 (see above), and for the first packet, which came a millisecond before
  // SysUptime's zero, a time 2^32 ms later: 2015-06-21T11:40:52.194.
  EXPECT_EQ(get("last_time"), get_ms("2015-05-02T18:38:07.476Z"));
  EXPECT_EQ(get("first_time"), get_ms("2015-05-02T18:38:04.898Z"));
  EXPECT_EQ(get("sampling_rate"), -1);
}

TEST_F(GoldenTest, TwelveDatagramsInOneFileKeepTheRecordsOfTheFirst) {
  const Outcome outcome = decode_file("netflow5.dat");
  EXPECT_EQ(outcome.flows, 2u);
  EXPECT_EQ(outcome.reason, exporter::Reason::excess_bytes);
}

TEST_F(GoldenTest, MikrotikVersion5) {
  ASSERT_EQ(decode_file("netflow5_test_microtik.dat").flows, 30u);
  EXPECT_EQ(address(batch, "src", 29), "10.0.8.1");
  EXPECT_EQ(address(batch, "dst", 29), "192.168.0.1");
  EXPECT_EQ(address(batch, "next_hop", 29), "192.168.0.1");
  EXPECT_EQ(get("src_port", 29), 80);
  EXPECT_EQ(get("dst_port", 29), 51'826);
  EXPECT_EQ(get("tos", 29), 40);
  EXPECT_EQ(get("tcp_flags", 29), 82);
  EXPECT_EQ(get("in_if", 29), 13);
  EXPECT_EQ(get("out_if", 29), 46);
  EXPECT_EQ(get("packets", 29), 13);
  EXPECT_EQ(get("bytes", 29), 11'442);
  EXPECT_EQ(get("flow_sequence", 29), 8'140'050);
  EXPECT_EQ(get("first_time", 29), get_ms("2016-07-21T13:51:42.254Z"));
  EXPECT_EQ(get("last_time", 29), get_ms("2016-07-21T13:51:42.254Z"));
}

TEST_F(GoldenTest, JuniperMx80Version5) {
  ASSERT_EQ(decode_file("netflow5_test_juniper_mx80.dat").flows, 29u);
  EXPECT_EQ(address(batch, "src", 28), "66.249.92.75");
  EXPECT_EQ(get("src_as", 28), 15'169);
  EXPECT_EQ(get("dst_as", 28), 64'496);
  EXPECT_EQ(get("src_mask", 28), 19);
  EXPECT_EQ(get("dst_mask", 28), 24);
  EXPECT_EQ(get("in_if", 28), 542);
  EXPECT_EQ(get("out_if", 28), 536);
  EXPECT_EQ(get("src_port", 28), 37'387);
  EXPECT_EQ(get("dst_port", 28), 80);
  EXPECT_EQ(get("first_time", 28), get_ms("2016-07-21T13:52:33.936Z"));  // nfdump 1.7.1; published: 34.936
  EXPECT_EQ(get("sampling_mode", 28), 0);
  EXPECT_EQ(std::bit_cast<double>(get("sampling_rate", 28)), 1'000.0);
}

TEST_F(GoldenTest, CountsThatLieKeepWhatIsThere) {
  // 55,582 records by their count, in 1,464 bytes.
  EXPECT_EQ(decode_file("netflow5_test_invalid01.dat").flows, 30u);
  EXPECT_EQ(exporters.totals().error(exporter::Reason::truncated_records), 1u);
}

TEST_F(GoldenTest, SoftflowdVersion1AndVersion5OfTheSamePing) {
  ASSERT_EQ(decode_file("PACKET_V1.bin").flows, 2u);
  EXPECT_EQ(address(batch, "src"), "172.17.0.2");
  EXPECT_EQ(address(batch, "dst"), "172.17.0.1");
  EXPECT_EQ(get("packets"), 10);
  EXPECT_EQ(get("bytes"), 840);
  EXPECT_EQ(get("proto"), 1);
  EXPECT_EQ(get("dst_port"), 8 * 256);  // ICMP type and code
  EXPECT_EQ(get("dst_port", 1), 0);
  EXPECT_EQ(get("export_time"), 1'585'496'876'802'429'000);
  EXPECT_EQ(get("last_time"), 1'585'496'876'802 - (71'835 - 19'185));
}

}  // namespace
}  // namespace flowspan::wire
