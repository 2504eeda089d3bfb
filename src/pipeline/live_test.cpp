// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/live.hpp"

#include <gtest/gtest.h>

#include <array>

#include "journal/names.hpp"
#include "support/journal_fixture.hpp"

namespace flowspan::pipeline {
namespace {

using flow::operator""_field;
using test::counting;
using test::JournalWriter;
using test::TemporaryFolder;

std::vector<std::uint64_t> bytes_of(flow::Reader& reader) {
  std::vector<std::uint64_t> bytes;
  flow::FieldSet wanted;
  wanted.set("bytes"_field);
  flow::FlowBatch batch(wanted);
  for (;;) {
    const auto more = reader.read(batch);
    EXPECT_TRUE(more) << more.error().text;
    if (!more || !*more) return bytes;
    for (std::size_t row = 0; row < batch.rows(); ++row)
      bytes.push_back(batch.values<std::uint64_t>("bytes"_field)[row]);
  }
}

TEST(LiveJournal, ReadsWhatIsThereWhenItWasOpenedAsOftenAsAsked) {
  TemporaryFolder folder;
  JournalWriter journal(folder.path(), 20'000);
  journal.datagrams(50);
  const auto live = LiveJournal::open(folder.path(), 0, {}, {});
  ASSERT_TRUE(live) << live.error().text;
  journal.datagrams(50);
  for (int i = 0; i < 4; ++i) {
    const auto reader = (*live)->read();
    ASSERT_TRUE(reader) << reader.error().text;
    EXPECT_EQ(bytes_of(**reader), counting(1500)) << "reader " << i;
  }
}

TEST(LiveJournal, KeepsFilesThatAreUnlinkedMeanwhile) {
  TemporaryFolder folder;
  JournalWriter journal(folder.path(), 20'000);
  journal.datagrams(100);
  const auto live = LiveJournal::open(folder.path(), 0, {}, {});
  ASSERT_TRUE(live);
  const auto journals = journal::list_journals(folder.path());
  for (const std::uint32_t sequence : journals->at(0))
    std::filesystem::remove(folder.path() / journal::JournalName{0, sequence}.to_string());
  const auto reader = (*live)->read();
  ASSERT_TRUE(reader) << reader.error().text;
  EXPECT_EQ(bytes_of(**reader), counting(3000));
}

TEST(LiveJournal, SaysSoWhenTheJournalWasCommittedMeanwhile) {
  TemporaryFolder folder;
  JournalWriter journal(folder.path(), 20'000);
  const Position committed = journal.datagrams(1);
  journal.datagrams(100);
  std::filesystem::remove(folder.path() / journal::JournalName{0, committed.file}.to_string());
  const auto live = LiveJournal::open(folder.path(), 0, committed, {});
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().kind, ErrorKind::not_found);
}

TEST(LiveJournal, IsEmptyBeforeTheFirstAndAfterTheLastDatagram) {
  TemporaryFolder folder;
  auto live = LiveJournal::open(folder.path(), 0, {}, {});
  ASSERT_TRUE(live);
  EXPECT_TRUE((*live)->empty());
  Position end;
  {
    JournalWriter journal(folder.path());
    end = journal.datagrams(3);
  }
  live = LiveJournal::open(folder.path(), 0, end, {});
  ASSERT_TRUE(live);
  auto reader = (*live)->read();
  ASSERT_TRUE(reader);
  EXPECT_TRUE(bytes_of(**reader).empty());
  live = LiveJournal::open(folder.path(), 0, {end.file + 1, 0}, {});
  ASSERT_TRUE(live);
  EXPECT_TRUE((*live)->empty());
}

TEST(LiveJournal, LeavesOutWhatIsQuarantined) {
  TemporaryFolder folder;
  JournalWriter journal(folder.path());
  const Position from = journal.datagrams(2);
  const Position to = journal.datagrams(1);
  journal.datagrams(1);
  const auto live = LiveJournal::open(folder.path(), 0, {}, {{from, to.offset - from.offset}});
  ASSERT_TRUE(live);
  const auto reader = (*live)->read();
  ASSERT_TRUE(reader);
  const auto bytes = bytes_of(**reader);
  ASSERT_EQ(bytes.size(), 90u);
  EXPECT_EQ(bytes[59], 59u);
  EXPECT_EQ(bytes[60], 90u);
}

/// Of each flow what depends on more than its record.
std::vector<std::array<std::int64_t, 3>> derived(flow::Reader& reader) {
  std::vector<std::array<std::int64_t, 3>> flows;
  flow::FlowBatch batch;
  while (reader.read(batch).value_or(false))
    for (std::size_t row = 0; row < batch.rows(); ++row)
      flows.push_back({batch.values<std::int64_t>("first_time"_field)[row],
                       batch.values<std::int64_t>("last_time"_field)[row],
                       batch.values<std::uint32_t>("flow_sequence"_field)[row]});
  return flows;
}

TEST(LiveJournal, SaysTheSameOfAFlowWhateverCameBefore) {
  TemporaryFolder folder;
  JournalWriter journal(folder.path());
  const Position middle = journal.datagrams(5);
  journal.datagrams(5);
  const auto whole = LiveJournal::open(folder.path(), 0, {}, {});
  const auto rest = LiveJournal::open(folder.path(), 0, middle, {});
  ASSERT_TRUE(whole && rest);
  const auto from_start = (*whole)->read();
  const auto from_middle = (*rest)->read();
  ASSERT_TRUE(from_start && from_middle);
  auto all = derived(**from_start);
  ASSERT_EQ(all.size(), 300U);
  all.erase(all.begin(), all.begin() + 150);
  EXPECT_EQ(derived(**from_middle), all);
}

}  // namespace
}  // namespace flowspan::pipeline
