// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/accountant.hpp"

#include <gtest/gtest.h>

#include "support/netflow_builder.hpp"

namespace flowspan::pipeline {
namespace {

TEST(Accountant, DropsAloneHaveATime) {
  Accountant accountant(0, {}, {});
  accountant.add_dropped(0, 1 * second);
  EXPECT_TRUE(accountant.empty());
  accountant.add_dropped(3, 42 * second);
  accountant.add_dropped(2, 43 * second);
  const flow::Range range = accountant.cut({1, 100});
  EXPECT_EQ(range.dropped_datagrams, 5u);
  EXPECT_EQ(range.datagrams, 0u);
  EXPECT_EQ(range.received_min, 42 * second);
  EXPECT_EQ(range.received_max, 43 * second);
}

TEST(Accountant, WithDatagramsTheTimeIsTheirs) {
  Accountant accountant(0, {}, {});
  accountant.add_dropped(3, 42 * second);
  const std::vector<test::NetflowRecord> records(2);
  const test::ByteVector payload = test::netflow_v5({}, records);
  const Datagram datagram = test::received(payload);
  accountant.add(datagram);
  accountant.add_dropped(1, datagram.received + hour);
  const flow::Range range = accountant.cut({1, 100});
  EXPECT_EQ(range.rows, 2u);
  EXPECT_EQ(range.dropped_datagrams, 4u);
  EXPECT_EQ(range.received_min, datagram.received);
  EXPECT_EQ(range.received_max, datagram.received);
}

}  // namespace
}  // namespace flowspan::pipeline
