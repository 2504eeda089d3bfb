// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/recovery.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "exporter/exporters.hpp"
#include "journal/names.hpp"
#include "support/journal_fixture.hpp"

namespace flowspan::pipeline {
namespace {

using test::counting;
using test::JournalWriter;
using test::RememberingSink;
using test::TemporaryFolder;

RecoveryOptions options_for(const TemporaryFolder& folder) {
  RecoveryOptions options;
  options.journal_directory = folder.path();
  return options;
}

std::size_t files_in(const TemporaryFolder& folder) {
  return journal::list_journals(folder.path())->count(0) == 0 ? 0 : journal::list_journals(folder.path())->at(0).size();
}

TEST(Recovery, CommitsAllThatIsInTheJournalOnceAndRemovesIt) {
  TemporaryFolder folder;
  JournalWriter(folder.path(), 20'000).datagrams(100);
  ASSERT_GT(files_in(folder), 3u);
  RememberingSink sink;
  WriterStart start;
  const auto recovered = recover(options_for(folder), start, sink);
  ASSERT_TRUE(recovered) << recovered.error().text;
  EXPECT_EQ(recovered->datagrams, 100u);
  EXPECT_EQ(recovered->flows, 3000u);
  EXPECT_EQ(sink.bytes, counting(3000));
  EXPECT_EQ(files_in(folder), 0u);

  const auto again = recover(options_for(folder), start, sink);
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(again->flows, 0u);
  EXPECT_EQ(sink.bytes.size(), 3000u);
}

TEST(Recovery, GoesOnAtTheCommittedPositionWithTheCommittedState) {
  TemporaryFolder folder;
  JournalWriter journal(folder.path(), 20'000);
  RememberingSink sink;
  WriterStart start;
  journal.datagrams(10);
  {
    auto options = options_for(folder);
    ASSERT_TRUE(recover(options, start, sink));
  }
  JournalWriter next(folder.path(), 20'000, start.position.file);
  // The sequence goes on at 300 in a new journal: nothing is lost between the two.
  for (int i = 0; i < 5; ++i) {
    std::vector<test::NetflowRecord> records(30);
    next.append(test::netflow_v5({.sequence = static_cast<std::uint32_t>(300 + 30 * i)}, records));
  }
  ASSERT_TRUE(recover(options_for(folder), start, sink));
  const auto exporters = exporter::Exporters::load(start.state);
  ASSERT_TRUE(exporters);
  EXPECT_EQ(exporters->totals().flows, 450u);
  EXPECT_EQ(exporters->totals().lost_flows, 0u);
}

TEST(Recovery, SplitsALongJournalIntoRanges) {
  TemporaryFolder folder;
  JournalWriter(folder.path(), 50'000).datagrams(200);
  auto options = options_for(folder);
  options.rotate_rows = 1000;
  RememberingSink sink;
  WriterStart start;
  ASSERT_TRUE(recover(options, start, sink));
  EXPECT_EQ(sink.bytes, counting(6000));
  ASSERT_GE(sink.ranges.size(), 6u);
  for (std::size_t i = 1; i < sink.ranges.size(); ++i) EXPECT_EQ(sink.ranges[i].from, sink.ranges[i - 1].to);
}

TEST(Recovery, ChangesNothingWhenTheSinkFails) {
  TemporaryFolder folder;
  JournalWriter(folder.path()).datagrams(10);
  RememberingSink sink;
  sink.failures = 1;
  WriterStart start;
  const auto failed = recover(options_for(folder), start, sink);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::no_space);
  EXPECT_EQ(start.position, Position{});
  ASSERT_TRUE(recover(options_for(folder), start, sink));
  EXPECT_EQ(sink.bytes, counting(300));
}

TEST(Recovery, SkipsADamagedPlaceAndKeepsTheRest) {
  TemporaryFolder folder;
  Position damaged;
  {
    JournalWriter journal(folder.path());
    damaged = journal.datagrams(10);
    journal.datagrams(10);
  }
  {
    std::fstream file(folder.path() / journal::JournalName{0, damaged.file}.to_string(),
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(damaged.offset) + 4);
    file.write("\xff\xff\xff\x7f", 4);
  }
  RememberingSink sink;
  WriterStart start;
  const auto recovered = recover(options_for(folder), start, sink);
  ASSERT_TRUE(recovered) << recovered.error().text;
  EXPECT_EQ(recovered->damaged_blocks, 1u);
  EXPECT_EQ(recovered->datagrams, 19u);
}

TEST(Recovery, GoesOnBehindAJournalThatSomebodyRemoved) {
  TemporaryFolder folder;
  JournalWriter(folder.path(), 20'000).datagrams(100);
  const auto files = journal::list_journals(folder.path())->at(0);
  ASSERT_GT(files.size(), 3u);
  const auto remove = [&](std::uint32_t file) {
    std::filesystem::remove(folder.path() / journal::JournalName{0, file}.to_string());
  };
  RememberingSink sink;
  WriterStart start;
  start.position = {files[1], 500};
  remove(files[0]);
  remove(files[1]);
  const auto recovered = recover(options_for(folder), start, sink);
  ASSERT_TRUE(recovered) << recovered.error().text;
  ASSERT_EQ(sink.ranges.size(), 2u);
  EXPECT_EQ(sink.ranges[0].from, (Position{files[1], 500}));
  EXPECT_EQ(sink.ranges[0].to, (Position{files[2], 0}));
  EXPECT_EQ(sink.ranges[1].from, sink.ranges[0].to);
  EXPECT_EQ(start.position, (Position{files.back() + 1, 0}));
  ASSERT_FALSE(sink.bytes.empty());
  EXPECT_EQ(sink.bytes.back(), 2999u);

  start.position.offset = 7;  // and now none is left at all
  ASSERT_TRUE(recover(options_for(folder), start, sink));
  EXPECT_EQ(sink.ranges.back().to, (Position{files.back() + 2, 0}));
  const std::size_t ranges = sink.ranges.size();
  ASSERT_TRUE(recover(options_for(folder), start, sink));
  EXPECT_EQ(sink.ranges.size(), ranges);
}

TEST(Recovery, OfAnEmptyStoreIsNothing) {
  TemporaryFolder folder;
  RememberingSink sink;
  WriterStart start;
  const auto recovered = recover(options_for(folder), start, sink);
  ASSERT_TRUE(recovered) << recovered.error().text;
  EXPECT_EQ(recovered->datagrams, 0u);
}

#ifdef FLOWSPAN_FAULTS
// Runs in a process of its own: the poison is read from the environment once.
TEST(RecoveryDeathTest, FindsTheDatagramThatKillsTheDecoderAndGoesOnWithoutIt) {
  TemporaryFolder folder;
  JournalWriter journal(folder.path());
  journal.datagrams(10);
  const Position before = journal.position();
  // Version 5, count 1, and an uptime that the poison names.
  journal.append(test::netflow_v5({.sys_uptime = 0xdeadbeef, .sequence = 300}, 1));
  const Position after = journal.position();
  journal.datagrams(10);
  EXPECT_EXIT(
      {
        setenv("FLOWSPAN_FAULT_POISON", "00050001deadbeef", 1);
        WriterStart start;
        auto options = options_for(folder);
        const auto killer = find_killer(options, start);
        const bool found = killer && *killer && (*killer)->position == before &&
                           (*killer)->length == after.offset - before.offset &&
                           (*killer)->datagram.from.ip == Ip::v4(0x0a010001);
        if (!found) std::_Exit(1);
        options.quarantined.push_back({(*killer)->position, (*killer)->length});
        const auto none = find_killer(options, start);
        if (!none || *none) std::_Exit(2);
        RememberingSink sink;
        const auto recovered = recover(options, start, sink);
        std::_Exit(recovered && recovered->datagrams == 20 ? 0 : 3);
      },
      testing::ExitedWithCode(0), "");
}
#endif

}  // namespace
}  // namespace flowspan::pipeline
