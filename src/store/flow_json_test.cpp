// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/flow_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/ip.hpp"

namespace flowspan::store {
namespace {

using flow::operator""_field;
using ::testing::HasSubstr;
using ::testing::Not;

std::string line(const std::function<void(flow::FlowBatch&)>& put) {
  flow::FlowBatch batch;
  batch.add_rows(1);
  put(batch);
  batch.seal();
  std::string out;
  append_json_lines(batch, out);
  EXPECT_TRUE(out.ends_with("}\n"));
  EXPECT_TRUE(nlohmann::json::accept(out)) << out;
  return out;
}

TEST(FlowJson, LeavesOutWhatIsNotSaid) {
  const std::string text = line([](flow::FlowBatch&) {});
  EXPECT_THAT(text, Not(HasSubstr("null")));
  EXPECT_THAT(text, Not(HasSubstr("src_addr")));
  EXPECT_THAT(text, HasSubstr("\"export_version\":5"));
}

TEST(FlowJson, WritesAddressesTimesAndLargeNumbers) {
  const std::string text = line([](flow::FlowBatch& batch) {
    batch.put_all("src_lo"_field, Ip::v4_prefix | 0x0a000001);
    batch.put_all("dst_hi"_field, 0x20010db8'00000000);
    batch.put_all("dst_lo"_field, 1);
    batch.put_all("received_time"_field, 1'700'000'000'000'001);
    batch.put_all("first_time"_field, 1'700'000'000'000);
    batch.put_all("last_time"_field, 1'699'999'999'999);
    batch.put_all("bytes"_field, UINT64_MAX);
  });
  EXPECT_THAT(text, HasSubstr("\"src_addr\":\"10.0.0.1\",\"dst_addr\":\"2001:db8::1\""));
  EXPECT_THAT(text, HasSubstr("\"received_time\":\"2023-11-14T22:13:20.000001Z\""));
  EXPECT_THAT(text, HasSubstr("\"bytes\":18446744073709551615"));
  EXPECT_THAT(text, HasSubstr("\"duration_ms\":-1"));
  EXPECT_THAT(text, Not(HasSubstr("src_lo")));
}

TEST(FlowJson, ScalesByTheRateThatTheFlowSays) {
  const auto with_rate = [](double rate) {
    return line([&](flow::FlowBatch& batch) {
      batch.put_all("bytes"_field, 7);
      batch.put_all("packets"_field, UINT64_MAX);
      batch.put_all("sampling_rate"_field, std::bit_cast<std::uint64_t>(rate));
    });
  };
  EXPECT_THAT(with_rate(2.5), HasSubstr("\"bytes\":18,"));
  EXPECT_THAT(with_rate(2.5), HasSubstr("\"packets\":18446744073709549568"));
  EXPECT_THAT(with_rate(100), HasSubstr("\"raw_bytes\":7"));
  EXPECT_THAT(with_rate(100), HasSubstr("\"sampling_rate\":100"));
  EXPECT_THAT(with_rate(0), HasSubstr("\"bytes\":7,"));
}

TEST(FlowJson, ExtraIsAnObject) {
  EXPECT_THAT(line([](flow::FlowBatch& batch) { batch.put_text("extra"_field, 0, R"({"pad":"0x01"})"); }),
              HasSubstr(R"("extra":{"pad":"0x01"})"));
}

TEST(FlowJson, ATimeThatNoTextTellsIsNull) {
  EXPECT_THAT(line([](flow::FlowBatch& batch) { batch.put_all("first_time"_field, INT64_MAX - 1); }),
              HasSubstr("\"first_time\":null"));
}

}  // namespace
}  // namespace flowspan::store
