// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/tally.hpp"

#include <gtest/gtest.h>

#include "pipeline/decode_reader.hpp"
#include "pipeline/live.hpp"
#include "pipeline/recovery.hpp"
#include "support/journal_fixture.hpp"

namespace flowspan::pipeline {
namespace {

using test::JournalWriter;
using test::RememberingSink;
using test::TemporaryFolder;

/// A journal in which things go wrong, written block by block.
class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    journal::AppendOptions options;
    options.directory = folder.path();
    options.interfaces = {"udp test"};
    appender = std::move(*journal::Appender::open(options));
  }
  void append(Bytes block) { ASSERT_TRUE(appender->append(block)); }
  void datagram(std::uint32_t exporter, std::uint32_t sequence, std::uint64_t kernel_drops = 0) {
    const std::vector<test::NetflowRecord> records(30);
    const test::ByteVector payload = test::netflow_v5({.sequence = sequence}, records);
    const Datagram made = test::received(payload, Ip::v4(exporter), when += second);
    std::vector<std::byte> block(journal::packet_block_size(made, kernel_drops));
    journal::write_packet_block(block.data(), made, 0, kernel_drops);
    append(block);
  }
  void mark(journal::MarkKind kind, std::uint64_t datagrams = 0) {
    std::vector<std::byte> block(journal::mark_block_size);
    journal::write_mark_block(block.data(), kind, datagrams, when);
    append(block);
  }
  void ring_loss(std::uint64_t datagrams) {
    std::vector<std::byte> block(journal::loss_block_size);
    journal::write_loss_block(block.data(), {when, when, datagrams, 0}, 0);
    append(block);
  }
  /// Commits what is there, in ranges of so many flows; the sum of their ledgers.
  flow::ExporterAccount commit(std::uint64_t rows) {
    RememberingSink sink;
    WriterStart start;
    RecoveryOptions options;
    options.journal_directory = folder.path();
    options.rotate_rows = rows;
    EXPECT_TRUE(recover(options, start, sink));
    flow::ExporterAccount sum;
    for (const flow::Ledger& ledger : sink.ledgers) {
      sum += ledger.exporters_total();
      writer += ledger.writers_total();
      for (const auto& [key, account] : ledger.exporters()) by_hour[key.hour] += account;
    }
    return sum;
  }

  TemporaryFolder folder;
  std::unique_ptr<journal::Appender> appender;
  Time when = 1'700'000'000 * second;
  flow::WriterAccount writer;
  std::map<Time, flow::ExporterAccount> by_hour;
};

TEST_F(LedgerTest, TellsEachDropByItsPlaceWhateverTheRanges) {
  for (const std::uint64_t rows : {1u, 60u, 100'000u}) {
    TemporaryFolder fresh;
    SetUp();
    datagram(1, 0);
    datagram(2, 0);
    datagram(1, 60, 1);  // kernel
    ring_loss(2);
    datagram(1, 150);  // ring
    mark(journal::MarkKind::dropped, 1);
    datagram(1, 210);  // journal
    datagram(1, 270);  // network
    mark(journal::MarkKind::started);
    datagram(1, 600);  // down
    const Result<std::unique_ptr<LiveJournal>> live = LiveJournal::open(folder.path(), 0, {}, {});
    ASSERT_TRUE(live);
    const auto waiting = (*live)->ledger("");
    ASSERT_TRUE(waiting);
    writer = {};
    const flow::ExporterAccount sum = commit(rows);
    EXPECT_EQ(sum, waiting->exporters_total()) << "in ranges of " << rows;
    EXPECT_EQ(writer, waiting->writers_total());
    EXPECT_EQ(sum.announced, 630 + 30);
    EXPECT_EQ(sum.stored, 7 * 30);
    EXPECT_EQ(sum.kernel, 30);
    EXPECT_EQ(sum.ring, 60);
    EXPECT_EQ(sum.journal, 30);
    EXPECT_EQ(sum.network, 30);
    EXPECT_EQ(sum.down, 300);
    EXPECT_EQ(sum.difference(), 0);
    EXPECT_EQ(writer.kernel, 1);
    EXPECT_EQ(writer.ring, 2);
    EXPECT_EQ(writer.journal, 1);
    EXPECT_EQ(writer.starts, 1);
    EXPECT_EQ(writer.placed, 4);
  }
}

TEST_F(LedgerTest, EachHourBalancesByItself) {
  when = 1'700'002'800 * second - 3 * second;  // 23:00:00 UTC is near
  datagram(1, 0);
  datagram(1, 60);   // 30 are missing at 22:59:59
  datagram(1, 90);   // 23:00:00
  datagram(1, 30);   // late, in the next hour
  datagram(1, 180);  // 60 are missing
  const flow::ExporterAccount sum = commit(100'000);
  EXPECT_EQ(sum.difference(), 0);
  ASSERT_EQ(by_hour.size(), 2u);
  const auto& [before, after] = std::pair(by_hour.begin()->second, by_hour.rbegin()->second);
  EXPECT_EQ(before.announced, 60);
  EXPECT_EQ(before.stored, 60);
  EXPECT_EQ(before.network, 0);
  EXPECT_EQ(after.announced, 150);
  EXPECT_EQ(after.stored, 90);
  EXPECT_EQ(after.network, 60);
  EXPECT_EQ(after.late, 30);
}

TEST_F(LedgerTest, AQuarantinedDatagramIsNoLossOnTheWay) {
  datagram(1, 0);
  const Position before = appender->position();
  datagram(1, 30);
  const Position after = appender->position();
  datagram(1, 60);
  const auto live = LiveJournal::open(folder.path(), 0, {}, {{before, after.offset - before.offset}});
  ASSERT_TRUE(live);
  const auto ledger = (*live)->ledger("");
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->exporters_total().quarantined, 30);
  EXPECT_EQ(ledger->exporters_total().difference(), 0);
  EXPECT_EQ(ledger->writers_total().quarantined, 1);
}

TEST(Ledger, CountsExportersBeyondItsBoundTogether) {
  flow::Ledger ledger;
  for (std::uint32_t i = 0; i < flow::Ledger::max_rows + 10; ++i) ++ledger.exporter(0, Ip::v4(i)).stored;
  EXPECT_EQ(ledger.exporters().size(), flow::Ledger::max_rows + 1);
  EXPECT_EQ(ledger.exporter(0, flow::Ledger::others).stored, 10);
  EXPECT_EQ(ledger.exporters_total().stored, static_cast<std::int64_t>(flow::Ledger::max_rows) + 10);
}

TEST(Ledger, HoursBeginOnTheHourAlsoBefore1970) {
  EXPECT_EQ(flow::hour_of(hour + 1), hour);
  EXPECT_EQ(flow::hour_of(-1), -hour);
  EXPECT_EQ(flow::hour_of(-hour), -hour);
}

TEST_F(LedgerTest, WhoWantsNoneHasNone) {
  datagram(1, 0);
  ring_loss(2);
  datagram(1, 90);
  for (const bool wanted : {true, false}) {
    auto journal = journal::Follower::open(folder.path(), 0, {});
    exporter::Exporters exporters;
    SkippingReader datagrams(**journal, {});
    Tally tally;
    DecodeReader flows(datagrams, exporters, wanted ? &tally : nullptr);
    flow::FlowBatch batch;
    ASSERT_TRUE(flows.read(batch).value_or(false));
    EXPECT_EQ(batch.rows(), 60u);
    EXPECT_EQ(tally.ledger().empty(), !wanted);
    EXPECT_EQ(flows.missing().dropped_datagrams, wanted ? 2 : 0);
    EXPECT_EQ(exporters.drops().mark(), wanted ? 1u : 0u) << "drops cost nothing where nobody asks for them";
    EXPECT_EQ(exporters.totals().lost_flows, 60u) << "what the exporter's numbers tell is known all the same";
  }
}

}  // namespace
}  // namespace flowspan::pipeline
