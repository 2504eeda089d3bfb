// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/account.hpp"

#include <limits>
#include <tuple>
#include <utility>

#include "store/account_sql.hpp"
#include "store/rows.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

using flow::ExporterAccount;
using flow::WriterAccount;
using sqlite::Database;

/// Where an exporter's row goes: its own, unless the hour has as many as it may have.
class Places {
 public:
  Places(Database& db, std::int64_t import_id) : db_(db), import_id_(import_id) {}

  Result<Ip> place(Time begins, const Ip& exporter) {
    auto [rows, is_new] = rows_.try_emplace(begins, 0);
    if (is_new) {
      auto count = db_.query("SELECT count(*) FROM account WHERE begins = ? AND span = ? AND import_id = ?");
      count.all(begins, hour, import_id_);
      const auto found = count.step();
      if (!found) return fail(found.error());
      rows->second = count.integer(0);
    }
    const auto there = known(begins, exporter);
    if (!there) return fail(there.error());
    if (*there) return exporter;
    if (rows->second >= max_accounts_of_an_hour) return flow::Ledger::others;
    ++rows->second;
    return exporter;
  }

 private:
  Result<bool> known(Time begins, const Ip& exporter) {
    auto row = db_.query(
        "SELECT 1 FROM account WHERE begins = ? AND span = ? AND import_id = ? AND exporter_hi = ? AND exporter_lo = "
        "?");
    row.all(begins, hour, import_id_, exporter.hi, exporter.lo);
    return row.step();
  }

  Database& db_;
  std::int64_t import_id_;
  std::map<Time, std::int64_t> rows_;
};

Status add_exporter(Database& db, std::int64_t import_id, Time begins, const Ip& place,
                    const ExporterAccount& account) {
  auto row = db.query(account_sql::add_exporter);
  row.all(begins, hour, import_id, place.hi, place.lo);
  for (const auto& column : flow::account_columns) row.bind(account.*column.value);
  return row.run();
}

Status add_refused(Database& db, std::int64_t import_id, Time begins, const Ip& place, const std::string& reason,
                   std::int64_t datagrams) {
  return db.query(account_sql::add_refused).all(begins, hour, import_id, place.hi, place.lo, reason, datagrams).run();
}

Status add_writer(Database& db, std::uint32_t writer, Time begins, const WriterAccount& account) {
  auto row = db.query(account_sql::add_writer);
  row.all(begins, hour, writer);
  for (const auto& column : flow::writer_columns) row.bind(account.*column.value);
  return row.run();
}

/// Calls f(row) for each row of the query, whose columns begin with begins and span.
template <typename F>
Status for_each_row(sqlite::Query query, const std::optional<Time>& from, const std::optional<Time>& to, F&& f) {
  query.all(from.value_or(std::numeric_limits<Time>::min()), to.value_or(std::numeric_limits<Time>::max()));
  while (true) {
    const auto more = query.step();
    if (!more) return fail(more.error());
    if (!*more) return {};
    f(query);
  }
}

using RowKey = std::tuple<Time, Duration, bool, Ip>;

RowKey key_of(const sqlite::Query& row) {
  return {row.integer(0), row.integer(1), row.integer(2) != 0, Ip{row.number(3), row.number(4)}};
}

Status read_exporters(Database& db, const std::optional<Time>& from, const std::optional<Time>& to,
                      AccountSnapshot& snapshot) {
  std::map<RowKey, AccountRow> rows;
  const auto row_of = [&](const sqlite::Query& row) -> AccountRow& {
    const RowKey key = key_of(row);
    AccountRow& found = rows[key];
    std::tie(found.begins, found.span, found.imported, found.exporter) = key;
    return found;
  };
  auto done = for_each_row(db.query(account_sql::read_exporters), from, to, [&](const sqlite::Query& row) {
    AccountRow& found = row_of(row);
    ExporterAccount account;
    int column = 5;
    for (const auto& named : flow::account_columns) account.*named.value = row.integer(column++);
    found.account += account;
  });
  if (done)
    done = for_each_row(db.query(account_sql::read_refused), from, to,
                        [&](const sqlite::Query& row) { row_of(row).refused[row.string(5)] += row.integer(6); });
  for (auto& [key, row] : rows) snapshot.exporters.push_back(std::move(row));
  return done;
}

Status read_writers(Database& db, const std::optional<Time>& from, const std::optional<Time>& to,
                    AccountSnapshot& snapshot) {
  return for_each_row(db.query(account_sql::read_writers), from, to, [&](const sqlite::Query& row) {
    WriterRow& found = snapshot.writers.emplace_back();
    found.begins = row.integer(0);
    found.span = row.integer(1);
    int column = 2;
    for (const auto& named : flow::writer_columns) found.account.*named.value = row.integer(column++);
  });
}

}  // namespace

Status add_account(Database& db, const flow::Ledger& ledger, const AccountOwner& owner) {
  Places places(db, owner.import_id);
  std::map<flow::Ledger::Key, Ip> chosen;
  for (const auto& [key, account] : ledger.exporters()) {
    const auto place = places.place(key.hour, key.exporter);
    if (!place) return fail(place.error());
    chosen[key] = *place;
    if (auto done = add_exporter(db, owner.import_id, key.hour, *place, account); !done) return done;
  }
  for (const auto& [key, datagrams] : ledger.refused()) {
    const Ip place = chosen.at(key.first);
    if (auto done = add_refused(db, owner.import_id, key.first.hour, place, key.second, datagrams); !done) return done;
  }
  if (owner.import_id != 0) return {};  // what a capture holds was received by another machine
  for (const auto& [begins, account] : ledger.writers())
    if (auto done = add_writer(db, owner.writer, begins, account); !done) return done;
  return {};
}

Result<AccountSnapshot> take_account(Store& store, const std::optional<Time>& from, const std::optional<Time>& to) {
  AccountSnapshot snapshot;
  auto read = store.catalog().read([&](Database& db) -> Status {
    if (auto done = read_exporters(db, from, to, snapshot); !done) return done;
    if (auto done = read_writers(db, from, to, snapshot); !done) return done;
    auto writers = select_writers(db);
    if (!writers) return fail(std::move(writers.error()));
    for (auto& writer : *writers)
      if (writer.active) snapshot.positions.push_back(std::move(writer));
    auto quarantined = select_quarantined(db);
    if (!quarantined) return fail(std::move(quarantined.error()));
    snapshot.quarantined = std::move(*quarantined);
    auto first = db.query("SELECT min(begins) FROM account");
    const auto found = first.step();
    if (!found) return fail(found.error());
    snapshot.begins = first.maybe_integer(0);
    return {};
  });
  if (!read) return fail(std::move(read.error()));
  return snapshot;
}

}  // namespace flowspan::store
