// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/capture.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "source/capture_file.hpp"

namespace flowspan::simulate {
namespace {

TEST(CaptureTest, IsReadAgain) {
  const auto path = std::filesystem::path(testing::TempDir()) / ("simulate_" + std::to_string(getpid()) + ".pcap");
  auto writer = CaptureWriter::create(path);
  ASSERT_TRUE(writer);
  const Time time = 1'700'000'000 * second + 123'456'789;
  for (unsigned i = 0; i < 3; ++i) {
    const std::vector<std::byte> payload(100 + i, static_cast<std::byte>(i));
    const Endpoint from{Ip::v4(0xAC100001 + i), 2055}, to{Ip::v4(0xAC1FFFFE), 9995};
    ASSERT_TRUE(writer->add({time + i, from, to, payload}));
  }
  ASSERT_TRUE(writer->finish());
  auto file = source::CaptureFile::open(path);
  ASSERT_TRUE(file);
  Datagram datagram;
  for (unsigned i = 0; i < 3; ++i) {
    ASSERT_TRUE((*file)->next(datagram).value());
    EXPECT_EQ(datagram.received, time + i);
    EXPECT_EQ(datagram.from.to_string(), "172.16.0." + std::to_string(i + 1) + ":2055");
    EXPECT_EQ(datagram.to.to_string(), "172.31.255.254:9995");
    ASSERT_EQ(datagram.payload.size(), 100 + i);
    EXPECT_EQ(datagram.payload[99], static_cast<std::byte>(i));
  }
  EXPECT_FALSE((*file)->next(datagram).value());
  std::filesystem::remove(path);
}

TEST(CaptureTest, NamesAFileThatCannotBeMade) {
  const auto writer = CaptureWriter::create("/nowhere/at/all.pcap");
  ASSERT_FALSE(writer);
  EXPECT_NE(writer.error().text.find("/nowhere/at/all.pcap"), std::string::npos);
}

}  // namespace
}  // namespace flowspan::simulate
