// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/import.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support/journal_fixture.hpp"

namespace flowspan::pipeline {
namespace {

/// Datagrams of 30 flows whose bytes count up.
class Counting final : public DatagramReader {
 public:
  explicit Counting(std::uint32_t datagrams) : left_(datagrams) {}
  Result<bool> next(Datagram& datagram) override {
    if (left_ == 0) return false;
    --left_;
    std::vector<test::NetflowRecord> records(30);
    const std::uint32_t sequence = flow_;
    for (test::NetflowRecord& record : records) record.bytes = flow_++;
    payload_ = test::netflow_v5({.sequence = sequence}, records);
    datagram = test::received(payload_);
    return true;
  }

 private:
  std::uint32_t left_;
  std::uint32_t flow_ = 0;
  test::ByteVector payload_;
};

TEST(Import, StoresAllFlowsInSegmentsOfTheSizeAsked) {
  test::RememberingSink sink;
  ImportOptions options;
  options.rows_per_segment = 1000;
  const auto imported =
      import_datagrams([] { return Result<std::unique_ptr<DatagramReader>>(std::make_unique<Counting>(100)); }, options,
                       [&](const flow::Range& range, flow::Reader& flows) {
                         return sink.commit(range, flows, [] { return std::string(); });
                       });
  ASSERT_TRUE(imported) << imported.error().text;
  EXPECT_EQ(imported->rows, 3000u);
  EXPECT_EQ(imported->exporters.totals().lost_flows, 0u);
  EXPECT_EQ(sink.bytes, test::counting(3000));
  EXPECT_EQ(sink.ranges.size(), 3u);
}

TEST(Import, RefusesAFileThatBecomesShorterBetweenItsTwoReadings) {
  test::RememberingSink sink;
  int opened = 0;
  const auto imported = import_datagrams(
      [&] { return Result<std::unique_ptr<DatagramReader>>(std::make_unique<Counting>(opened++ == 0 ? 100 : 99)); }, {},
      [&](const flow::Range&, flow::Reader& flows) -> Status {
        flow::FlowBatch batch;
        for (auto more = flows.read(batch); more && *more; more = flows.read(batch)) {
        }
        return {};
      });
  ASSERT_FALSE(imported);
  EXPECT_NE(imported.error().text.find("shorter"), std::string::npos);
}

TEST(Import, StopsWhenAskedTo) {
  ImportOptions options;
  options.progress = [](int, const DatagramReader&) { return false; };
  const auto imported =
      import_datagrams([] { return Result<std::unique_ptr<DatagramReader>>(std::make_unique<Counting>(100'000)); },
                       options, [](const flow::Range&, flow::Reader&) { return Status{}; });
  ASSERT_FALSE(imported);
}

}  // namespace
}  // namespace flowspan::pipeline
