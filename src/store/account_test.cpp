// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/account.hpp"

#include <functional>

#include "store/account_sql.hpp"
#include "store/flows_for_test.hpp"
#include "store/import.hpp"
#include "store/retention.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

using testing::commit_flows;
using testing::start;
using testing::StoreTest;

const Ip router = Ip::v4(0xc0000201);

flow::Ledger ledger_at(Time when, std::int64_t flows, const Ip& ip = router) {
  flow::Ledger ledger;
  ledger.exporter(when, ip) = {.announced = flows, .stored = flows - 1, .network = 1};
  ledger.refuse(when, ip, "no_records");
  ledger.writer(when).kernel = 3;
  return ledger;
}

class AccountTest : public StoreTest {
 protected:
  Status add(const flow::Ledger& ledger, AccountOwner owner = {}) {
    return store().catalog().write([&](sqlite::Database& db) { return add_account(db, ledger, owner); });
  }
  /// A capture of the time `start`, of 10 announced flows.
  void import(
      const char* path, Time when, const std::function<void()>& before_commit = [] {}) {
    auto import = Import::begin(store(), {.path = path, .size = 1, .digest = path});
    ASSERT_TRUE(import);
    testing::TestFlows flows(10, 0);
    ASSERT_TRUE(import->add_segment(testing::test_fields(), flows));
    import->set_counts(1, {}, ledger_at(start, 10));
    before_commit();
    ASSERT_TRUE(import->commit(when));
  }
  AccountSnapshot taken(std::optional<Time> from = {}, std::optional<Time> to = {}) {
    auto snapshot = take_account(store(), from, to);
    EXPECT_TRUE(snapshot) << snapshot.error().text;
    return snapshot ? std::move(*snapshot) : AccountSnapshot();
  }
};

TEST_F(AccountTest, AddsUpByHourAndExporter) {
  ASSERT_TRUE(add(ledger_at(start + minute, 10)));
  ASSERT_TRUE(add(ledger_at(start + 2 * minute, 5), {.writer = 1}));
  ASSERT_TRUE(add(ledger_at(start + hour, 7)));
  ASSERT_TRUE(add(ledger_at(start, 100, Ip{1, 2})));
  const AccountSnapshot all = taken();
  ASSERT_EQ(all.exporters.size(), 3u);
  EXPECT_EQ(all.exporters[1].exporter, (Ip{1, 2}));
  EXPECT_EQ(all.exporters[0].exporter, router);
  EXPECT_EQ(all.exporters[0].begins, start);
  EXPECT_EQ(all.exporters[0].account.announced, 15);
  EXPECT_EQ(all.exporters[0].account.network, 2);
  EXPECT_EQ(all.exporters[0].refused.at("no_records"), 2);
  ASSERT_EQ(all.writers.size(), 2u);
  EXPECT_EQ(all.writers[0].account.kernel, 9);  // of both writers
  EXPECT_EQ(all.begins, start);
  EXPECT_EQ(taken(start + hour).exporters.size(), 1u);
  EXPECT_EQ(taken({}, start + hour).exporters.size(), 2u);
  EXPECT_EQ(taken(start + 30 * minute, start + 31 * minute).exporters.size(), 2u);
}

TEST_F(AccountTest, IsCommittedWithTheSegmentOrNotAtAll) {
  SegmentStore segments(store());
  const auto commit = [&](std::uint64_t from, std::uint64_t to) {
    testing::TestFlows flows(10, from);
    return segments.commit(testing::test_range(0, from, to, 10), flows,
                           [] { return flow::Learned("state", ledger_at(start, 10)); });
  };
  ASSERT_TRUE(commit(0, 100));
  EXPECT_EQ(taken().exporters.at(0).account.announced, 10);
  EXPECT_FALSE(commit(0, 100));  // committed before
  EXPECT_EQ(taken().exporters.at(0).account.announced, 10);
  ASSERT_TRUE(commit(100, 200));
  EXPECT_EQ(taken().exporters.at(0).account.announced, 20);
}

TEST_F(AccountTest, OldHoursBecomeDaysOnceAndStaySums) {
  const Time now = start + 60 * day;
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(add(ledger_at(start + i * hour, 10)));
  ASSERT_TRUE(add(ledger_at(now - day, 1)));
  ASSERT_TRUE(fold_account(store(), now));
  ASSERT_TRUE(add(ledger_at(start, 10)));  // a doubt of long ago
  ASSERT_TRUE(fold_account(store(), now));
  const AccountSnapshot all = taken();
  ASSERT_EQ(all.exporters.size(), 3u);
  EXPECT_EQ(all.exporters[0].begins, start);
  EXPECT_EQ(all.exporters[0].span, day);
  EXPECT_EQ(all.exporters[0].account.announced, 250);
  EXPECT_EQ(all.exporters[0].refused.at("no_records"), 25);
  EXPECT_EQ(all.exporters[1].account.announced, 60);
  EXPECT_EQ(all.exporters[2].span, hour);
  ASSERT_EQ(all.writers.size(), 3u);
  EXPECT_EQ(all.writers[0].account.kernel, 75);
}

TEST_F(AccountTest, GoesWithTheFlowsItIsOf) {
  SegmentStore segments(store());
  ASSERT_TRUE(commit_flows(segments, store(), 0, 100, 0, start, second));
  ASSERT_TRUE(commit_flows(segments, store(), 0, 100, 1000, start + 5 * hour, second));
  ASSERT_TRUE(add(ledger_at(start - hour, 1)));
  ASSERT_TRUE(add(ledger_at(start, 1)));  // this hour goes on after the oldest segment's last flow
  ASSERT_TRUE(add(ledger_at(start + 5 * hour, 1)));
  import("old.pcap", start);
  import("new.pcap", start + 5 * hour);
  RetentionRules rules;
  rules.keep = hour;
  ASSERT_TRUE(apply_retention(store(), rules, start + 5 * hour + 10 * minute));
  const AccountSnapshot all = taken();
  ASSERT_EQ(all.exporters.size(), 3u);
  EXPECT_EQ(all.exporters[0].begins, start);
  EXPECT_FALSE(all.exporters[0].imported);
  EXPECT_EQ(all.exporters[1].begins, start);
  EXPECT_TRUE(all.exporters[1].imported);
  EXPECT_EQ(all.exporters[1].account.announced, 10);  // of one of the two
  EXPECT_EQ(all.exporters[2].begins, start + 5 * hour);
}

// Days of which each exporter has sent this many flows, and lost one.
const std::map<std::uint32_t, std::int64_t> senders{{1, 1'000}, {2, 10}, {3, 100}};

TEST_F(AccountTest, DaysBeyondTheirNumberAreOthers) {
  const Time now = start + 60 * day;
  flow::ExporterAccount sum;
  for (int i = 0; i < 4; ++i) {
    for (const auto& [address, flows] : senders) {
      const auto ledger = ledger_at(start + i * day, flows + 1, Ip::v4(address));
      sum += ledger.exporters_total();
      ASSERT_TRUE(add(ledger));
      ASSERT_TRUE(add(ledger));
      sum += ledger.exporters_total();
    }
  }
  import("a.pcap", start);
  sum += {.announced = 10, .stored = 9, .network = 1};
  ASSERT_TRUE(fold_account(store(), now, 7));
  AccountSnapshot all = taken();
  flow::ExporterAccount found;
  std::map<std::string, std::vector<std::int64_t>> stored;
  std::int64_t refused = 0;
  for (const AccountRow& row : all.exporters) {
    EXPECT_EQ(row.span, day);
    EXPECT_EQ(row.account.difference(), 0);
    found += row.account;
    refused += row.refused.at("no_records");
    stored[(row.imported ? "import " : "") + row.exporter.to_string()].push_back(row.account.stored);
  }
  EXPECT_EQ(found, sum);
  EXPECT_EQ(refused, 4 * 3 * 2 + 1);
  // 13 rows, of which six go: the import's only one and the four of the exporter with the fewest flows, then the oldest
  // of the next one.
  const std::map<std::string, std::vector<std::int64_t>> expected{{"0.0.0.1", {2'000, 2'000, 2'000, 2'000}},
                                                                  {"0.0.0.3", {200, 200, 200}},
                                                                  {"::", {220, 20, 20, 20}},
                                                                  {"import ::", {9}}};
  EXPECT_EQ(stored, expected);
  ASSERT_TRUE(add(ledger_at(start + day, 2, Ip::v4(2))));  // a doubt of long ago
  ASSERT_TRUE(fold_account(store(), now, 7));
  all = taken();
  EXPECT_EQ(all.exporters.size(), 12u);
  EXPECT_EQ(all.exporters[3].exporter, flow::Ledger::others);
  EXPECT_EQ(all.exporters[3].account.stored, 21);
}

TEST_F(AccountTest, YearsOfManyExportersStayBounded) {
  constexpr std::int64_t most = 50;
  for (int i = 0; i < 40; ++i) {
    flow::Ledger ledger;
    for (std::uint32_t j = 0; j < 20; ++j) ledger.exporter(start + i * day, Ip::v4(j)) = {.announced = j, .stored = j};
    ASSERT_TRUE(add(ledger));
    ASSERT_TRUE(fold_account(store(), start + (i + 40) * day, most));
    std::int64_t rows = 0;
    for (const AccountRow& row : taken().exporters) rows += row.exporter == flow::Ledger::others ? 0 : 1;
    ASSERT_LE(rows, most + 20);  // the newest day's hours are no day yet
  }
  std::int64_t largest = 0;
  for (const AccountRow& row : taken().exporters) largest += row.exporter == Ip::v4(19) ? 1 : 0;
  EXPECT_EQ(largest, 40);  // who sends most keeps all its days
}

// Every few seconds, with the catalog locked: so none reads the whole ledger.
TEST_F(AccountTest, WhatRunsOftenFindsItsRowsByTheirKeys) {
  std::vector<std::string_view> often{account_sql::read_exporters, account_sql::read_refused, account_sql::read_writers,
                                      account_sql::has_old_hours};
  for (const auto statement : account_sql::forget_collected) often.push_back(statement);
  for (const auto statement : account_sql::hours_to_days) often.push_back(statement);
  static std::vector<std::string> kept;  // statements live for ever
  for (const auto statement : often) kept.push_back("EXPLAIN QUERY PLAN " + std::string(statement));
  ASSERT_TRUE(store().catalog().write([&](sqlite::Database& db) -> Status {
    for (const std::string& statement : kept) {
      auto row = db.query(statement);
      std::string plan;
      while (row.step().value_or(false)) plan += row.string(3) + "\n";
      EXPECT_EQ(plan.find("SCAN account"), std::string::npos) << statement << "\n" << plan;
      EXPECT_NE(plan.find("SEARCH account"), std::string::npos) << statement << "\n" << plan;
    }
    return {};
  }));
}

TEST_F(AccountTest, AnHourHasABoundedNumberOfRows) {
  flow::Ledger full;
  for (std::uint32_t i = 0; i < flow::Ledger::max_rows; ++i) full.exporter(start, Ip::v4(i)).stored = 1;
  ASSERT_TRUE(add(full));
  flow::Ledger more;
  more.exporter(start, Ip::v4(7)).stored = 5;             // has a row
  more.exporter(start, Ip::v4(0xff00'0001)).stored = 11;  // has none
  more.refuse(start, Ip::v4(0xff00'0002), "empty");       // nor has this
  more.exporter(start + hour, Ip::v4(0xff00'0001)).stored = 1;
  ASSERT_TRUE(add(more));
  std::size_t others = 0;
  for (const AccountRow& row : taken().exporters) {
    if (row.exporter == Ip::v4(7)) {
      EXPECT_EQ(row.account.stored, 6);
    }
    if (row.exporter != flow::Ledger::others) continue;
    ++others;
    EXPECT_EQ(row.begins, start);
    EXPECT_EQ(row.account.stored, 11);
    EXPECT_EQ(row.refused.at("empty"), 1);
  }
  EXPECT_EQ(others, 1u);
}

TEST_F(AccountTest, OfAnImportComesWithIt) {
  this->import("a.pcap", start, [&] { EXPECT_TRUE(taken().exporters.empty()); });
  const AccountSnapshot all = taken();
  ASSERT_EQ(all.exporters.size(), 1u);
  EXPECT_TRUE(all.exporters[0].imported);
  EXPECT_TRUE(all.writers.empty());  // another machine received it
}

}  // namespace
}  // namespace flowspan::store
