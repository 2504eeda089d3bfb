// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "flow/batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

namespace flowspan::flow {
namespace {

constexpr FieldIndex src_port = "src_port"_field;  // absent: NULL
constexpr FieldIndex src_as = "src_as"_field;      // absent: 0
constexpr FieldIndex extra = "extra"_field;

void put_ports(FlowBatch& batch, std::size_t rows, std::uint16_t first) {
  batch.add_rows(rows);
  auto* ports = batch.put<std::uint16_t>(src_port);
  for (std::size_t i = 0; i < rows; ++i) ports[i] = static_cast<std::uint16_t>(first + i);
}

TEST(FlowBatch, KeepsWhatWasPutOverSeveralDatagrams) {
  FlowBatch batch;
  put_ports(batch, 30, 100);
  put_ports(batch, 30, 200);
  batch.seal();
  ASSERT_EQ(batch.rows(), 60u);
  EXPECT_EQ(batch.values<std::uint16_t>(src_port)[29], 129);
  EXPECT_EQ(batch.values<std::uint16_t>(src_port)[30], 200);
  EXPECT_EQ(batch.validity(src_port), nullptr);
}

TEST(FlowBatch, FillsRowsBeforeAndAfterAColumnWithItsAbsentValue) {
  FlowBatch batch;
  batch.add_rows(70);
  put_ports(batch, 3, 7);
  batch.put_all(src_as, 64512);
  batch.add_rows(100);
  batch.seal();
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    const bool said = row >= 70 && row < 73;
    EXPECT_EQ(batch.is_null(src_port, row), !said) << row;
    EXPECT_FALSE(batch.is_null(src_as, row)) << row;
    EXPECT_EQ(batch.values<std::uint32_t>(src_as)[row], said ? 64512u : 0u) << row;
  }
}

TEST(FlowBatch, NeedsNoColumnForAbsentValues) {
  FlowBatch batch;
  put_ports(batch, 5, 1);
  batch.put_all(src_as, 0);
  auto* masks = batch.put<std::uint8_t>("src_mask"_field);
  std::fill(masks, masks + 5, std::uint8_t{0});
  auto* tos = batch.put<std::uint8_t>("tos"_field);
  std::fill(tos, tos + 5, std::uint8_t{0});
  tos[4] = 1;
  batch.seal();
  EXPECT_FALSE(batch.present(src_as));
  FieldSet expected;
  expected.set(src_port).set("tos"_field);
  EXPECT_EQ(batch.needed(), expected);
}

TEST(FlowBatch, TellsNotSaidFromTheAbsentNumber) {
  FlowBatch batch;
  batch.add_rows(2);
  batch.put_all(src_as, 1);
  batch.add_rows(2);
  batch.put_null(src_as);
  batch.add_rows(2);
  batch.put_all(src_as, 0);
  batch.seal();
  EXPECT_FALSE(batch.is_null(src_as, 1));
  EXPECT_TRUE(batch.is_null(src_as, 2));
  EXPECT_TRUE(batch.is_null(src_as, 3));
  EXPECT_FALSE(batch.is_null(src_as, 4));
  EXPECT_TRUE(batch.needed()[src_as]);
}

TEST(FlowBatch, NullsSingleRows) {
  FlowBatch batch;
  put_ports(batch, 130, 0);
  batch.set_null(src_port, 0);
  batch.set_null(src_port, 64);
  batch.seal();
  for (std::size_t row = 0; row < 130; ++row) EXPECT_EQ(batch.is_null(src_port, row), row == 0 || row == 64) << row;
}

TEST(FlowBatch, KeepsTextsOfTheRowsThatHaveThem) {
  FlowBatch batch;
  batch.add_rows(2);
  batch.add_rows(3);
  batch.put_text(extra, 1, "{}");
  batch.add_rows(1);
  batch.seal();
  ASSERT_EQ(batch.texts(extra).size(), 6u);
  for (std::size_t row = 0; row < 6; ++row) EXPECT_EQ(batch.is_null(extra, row), row != 3) << row;
  EXPECT_EQ(batch.texts(extra)[3], "{}");
}

TEST(FlowBatch, IgnoresWhatIsNotWantedButCountsItsRows) {
  FlowBatch batch{FieldSet{}};
  batch.add_rows(10);
  batch.put_all(src_as, 5);
  batch.put_text(extra, 0, "x");
  batch.seal();
  EXPECT_EQ(batch.rows(), 10u);
  EXPECT_TRUE(batch.needed().none());
}

TEST(FlowBatch, ForgetsRowsAndNullsWhenCleared) {
  FlowBatch batch;
  put_ports(batch, 3, 1);
  batch.set_null(src_port, 1);
  batch.clear();
  put_ports(batch, 3, 9);
  batch.seal();
  ASSERT_EQ(batch.rows(), 3u);
  EXPECT_FALSE(batch.is_null(src_port, 1));
  EXPECT_EQ(batch.values<std::uint16_t>(src_port)[2], 11);
}

TEST(FlowBatch, GrowsBeyondItsTarget) {
  FlowBatch batch;
  for (int i = 0; i < 300; ++i) put_ports(batch, 30, static_cast<std::uint16_t>(30 * i));
  batch.seal();
  ASSERT_EQ(batch.rows(), 9000u);
  for (std::size_t row = 0; row < 9000; ++row) ASSERT_EQ(batch.values<std::uint16_t>(src_port)[row], row);
}

TEST(FlowBatch, CompletesAColumnThatLatelyWasNotPut) {
  FlowBatch batch;
  put_ports(batch, 2, 1);
  batch.add_rows(20'000);
  batch.seal();
  EXPECT_FALSE(batch.is_null(src_port, 1));
  EXPECT_TRUE(batch.is_null(src_port, 2));
  EXPECT_TRUE(batch.is_null(src_port, 20'001));
}

TEST(Fields, AreFoundByName) {
  EXPECT_EQ(fields[find_field("received_time")].number, 1);
  EXPECT_EQ(find_field("no_such"), field_count);
}

}  // namespace
}  // namespace flowspan::flow
