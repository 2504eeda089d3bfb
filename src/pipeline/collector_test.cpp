// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/collector.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "source/udp_sender.hpp"
#include "support/journal_fixture.hpp"

namespace flowspan::pipeline {
namespace {

using test::counting;
using test::RememberingSink;
using test::TemporaryFolder;

CollectorOptions options_for(const TemporaryFolder& folder) {
  CollectorOptions options;
  options.journal_directory = folder.path();
  options.udp.listens = {*source::Address::parse_listen("127.0.0.1:0")};
  options.udp.receive_buffer = 1 << 20;
  options.ring_bytes = 8 << 20;
  options.journaling.rotate_bytes = 1 << 20;
  return options;
}

void send(const Collector& collector, std::uint32_t datagrams, std::uint32_t& written) {
  const std::string target = collector.sockets().front().local.to_string();
  auto sender = source::UdpSender::open(*source::Address::parse_target(target));
  ASSERT_TRUE(sender) << sender.error().text;
  for (std::uint32_t i = 0; i < datagrams; ++i) {
    std::vector<test::NetflowRecord> records(30);
    const std::uint32_t sequence = written;
    for (test::NetflowRecord& record : records) record.bytes = written++;
    const test::ByteVector payload = test::netflow_v5({.sequence = sequence}, records);
    const Datagram datagram = test::received(payload);
    (*sender)->send_waiting(std::span(&datagram, 1));
    if (i % 50 == 49) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

bool wait_for_flows(const Collector& collector, std::uint64_t flows) {
  for (int i = 0; i < 500; ++i) {
    std::uint64_t seen = 0;
    collector.with_exporters([&](unsigned, const exporter::Exporters& known) { seen += known.totals().flows; });
    if (seen >= flows) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

TEST(Collector, CommitsAllThatItReceivedBeforeItEnds) {
  TemporaryFolder folder;
  RememberingSink sink;
  auto collector = Collector::open(options_for(folder));
  ASSERT_TRUE(collector) << collector.error().text;
  ASSERT_TRUE((*collector)->start(sink, {WriterStart{}}, [] { return false; }));
  std::uint32_t written = 0;
  send(**collector, 2000, written);
  ASSERT_TRUE(wait_for_flows(**collector, written));
  (*collector)->stop();
  EXPECT_EQ(sink.bytes, counting(60'000));
  EXPECT_GT(sink.ranges.size(), 1u);
  const auto counters = (*collector)->counters().front();
  EXPECT_EQ(counters.datagrams, 2000u);
  EXPECT_EQ(counters.ring_drops + counters.kernel_drops + counters.journal_drops, 0u);
}

TEST(Collector, TriesARangeAgainUntilTheDiskHasRoom) {
  TemporaryFolder folder;
  RememberingSink sink;
  sink.failures = 2;
  auto collector = Collector::open(options_for(folder));
  ASSERT_TRUE(collector);
  std::atomic<int> asked{0};
  ASSERT_TRUE((*collector)->start(sink, {WriterStart{}}, [&] { return ++asked > 0; }));
  std::uint32_t written = 0;
  send(**collector, 10, written);
  ASSERT_TRUE(wait_for_flows(**collector, written));
  (*collector)->stop();
  EXPECT_EQ(sink.bytes, counting(300));
  EXPECT_EQ(asked.load(), 2);
  EXPECT_EQ((*collector)->counters().front().commit_failures, 2u);
}

TEST(Collector, LeavesInTheJournalWhatItIsToldToGiveUp) {
  TemporaryFolder folder;
  RememberingSink sink;
  sink.failures = 1 << 20;
  auto collector = Collector::open(options_for(folder));
  ASSERT_TRUE(collector);
  ASSERT_TRUE((*collector)->start(sink, {WriterStart{}}, [] { return false; }));
  std::uint32_t written = 0;
  send(**collector, 10, written);
  ASSERT_TRUE(wait_for_flows(**collector, written));
  (*collector)->stop([] { return true; });
  collector->reset();
  EXPECT_TRUE(sink.bytes.empty());
  sink.failures = 0;

  auto next = Collector::open(options_for(folder));
  ASSERT_TRUE(next);
  EXPECT_FALSE(std::filesystem::is_empty(folder.path()));
}

TEST(Collector, DropsAndCountsWhatTheJournalMayNotHold) {
  TemporaryFolder folder;
  RememberingSink sink;
  sink.failures = 1 << 20;  // nothing is ever committed, so the journal only grows
  auto options = options_for(folder);
  options.journaling.journal_max = 100'000;
  auto collector = Collector::open(options);
  ASSERT_TRUE(collector);
  ASSERT_TRUE((*collector)->start(sink, {WriterStart{}}, [] { return false; }));
  std::uint32_t written = 0;
  send(**collector, 500, written);
  WorkerCounters counters;
  for (int i = 0; i < 500 && counters.datagrams < 500; ++i) {
    counters = (*collector)->counters().front();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  (*collector)->stop([] { return true; });
  counters = (*collector)->counters().front();
  EXPECT_GT(counters.journal_drops, 0u);
  std::uint64_t kept = 0;
  (*collector)->with_exporters([&](unsigned, const exporter::Exporters& known) { kept = known.totals().datagrams; });
  EXPECT_EQ(kept + counters.journal_drops + counters.kernel_drops, 500u);
}

// A journal that is smaller than one of its usual files must not stay full for ever.
TEST(Collector, GoesOnWhenAFullJournalWasCommitted) {
  TemporaryFolder folder;
  RememberingSink sink;
  auto options = options_for(folder);
  options.journaling.journal_max = 100'000;
  options.journaling.rotate = hour;
  auto collector = Collector::open(options);
  ASSERT_TRUE(collector);
  ASSERT_TRUE((*collector)->start(sink, {WriterStart{}}, [] { return false; }));
  std::uint32_t written = 0;
  std::uint64_t sent = 0;
  WorkerCounters before;
  while (before.journal_drops == 0 && sent < 9000) {  // commits may be so quick that it never is full
    send(**collector, 300, written);
    sent += 300;
    for (int i = 0; i < 500; ++i) {  // until all is journalled or dropped, and what made the journal full is committed
      before = (*collector)->counters().front();
      std::uint64_t kept = 0;
      (*collector)->with_exporters([&](unsigned, const exporter::Exporters& known) {
        kept = known.totals().datagrams;
      });
      const bool all = kept + before.journal_drops + before.kernel_drops == sent;
      if (all && before.journal_bytes < options.journaling.journal_max / 2) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  send(**collector, 20, written);
  sent += 20;
  for (int i = 0; i < 500 && (*collector)->counters().front().datagrams < sent; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  (*collector)->stop();
  const auto after = (*collector)->counters().front();
  EXPECT_GT(before.journal_drops, 0u);
  EXPECT_EQ(after.journal_drops, before.journal_drops);
  EXPECT_EQ(sink.bytes.size() + 30 * (after.journal_drops + after.kernel_drops), 30 * sent);
}

TEST(Collector, EndsByItselfWhenNothingCanBeCommitted) {
  TemporaryFolder folder;
  RememberingSink sink;
  sink.failures = 1 << 20;
  auto collector = Collector::open(options_for(folder));
  ASSERT_TRUE(collector);
  ASSERT_TRUE((*collector)->start(sink, {WriterStart{}}, [] { return true; }));
  std::uint32_t written = 0;
  send(**collector, 10, written);
  ASSERT_TRUE(wait_for_flows(**collector, written));
  (*collector)->stop();
  EXPECT_TRUE(sink.bytes.empty());
  EXPECT_GT((*collector)->counters().front().journal_bytes, 0u);
}

}  // namespace
}  // namespace flowspan::pipeline
