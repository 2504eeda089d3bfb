// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/account.hpp"

#include <limits>
#include <tuple>
#include <utility>

#include "store/rows.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

using flow::ExporterAccount;
using flow::WriterAccount;
using sqlite::Database;

// The columns of flow::account_columns and flow::writer_columns, in their order.
#define FLOWSPAN_ACCOUNT_COLUMNS                                                                            \
  "datagrams, announced, stored, unnumbered, repeated, network, kernel, ring, journal, down, quarantined, " \
  "undecodable, unclear, late, restarts, resets"
#define FLOWSPAN_ADD(X) #X " = " #X " + excluded." #X
#define FLOWSPAN_ADD_ACCOUNT \
  FLOWSPAN_ADD(datagrams) ", " FLOWSPAN_ADD(announced) ", " FLOWSPAN_ADD(stored) ", " FLOWSPAN_ADD(unnumbered)   \
  ", " FLOWSPAN_ADD(repeated) ", " FLOWSPAN_ADD(network) ", " FLOWSPAN_ADD(kernel) ", " FLOWSPAN_ADD(ring)       \
  ", " FLOWSPAN_ADD(journal) ", " FLOWSPAN_ADD(down) ", " FLOWSPAN_ADD(quarantined) ", "                         \
  FLOWSPAN_ADD(undecodable) ", " FLOWSPAN_ADD(unclear) ", " FLOWSPAN_ADD(late) ", " FLOWSPAN_ADD(restarts)       \
  ", " FLOWSPAN_ADD(resets)
#define FLOWSPAN_SUMS                                                                                        \
  "sum(datagrams), sum(announced), sum(stored), sum(unnumbered), sum(repeated), sum(network), sum(kernel), " \
  "sum(ring), sum(journal), sum(down), sum(quarantined), sum(undecodable), sum(unclear), sum(late), "        \
  "sum(restarts), sum(resets)"
#define FLOWSPAN_WRITER_COLUMNS "datagrams, kernel, ring, journal, quarantined, starts, placed"
#define FLOWSPAN_ADD_WRITER                                                                       \
  FLOWSPAN_ADD(datagrams)                                                                         \
  ", " FLOWSPAN_ADD(kernel) ", " FLOWSPAN_ADD(ring) ", " FLOWSPAN_ADD(journal) ", " FLOWSPAN_ADD( \
      quarantined) ", " FLOWSPAN_ADD(starts) ", " FLOWSPAN_ADD(placed)
#define FLOWSPAN_WRITER_SUMS \
  "sum(datagrams), sum(kernel), sum(ring), sum(journal), sum(quarantined), sum(starts), sum(placed)"
static_assert(flow::account_columns.size() == 16 && flow::writer_columns.size() == 7,
              "a column here, in migrations.cpp and in docs/formats/catalog.md");

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
    if (rows->second >= max_accounts_of_a_span) return flow::Ledger::others;
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
  auto row =
      db.query("INSERT INTO account (begins, span, import_id, exporter_hi, exporter_lo, " FLOWSPAN_ACCOUNT_COLUMNS
               ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD_ACCOUNT);
  row.all(begins, hour, import_id, place.hi, place.lo);
  for (const auto& column : flow::account_columns) row.bind(account.*column.value);
  return row.run();
}

Status add_refused(Database& db, std::int64_t import_id, Time begins, const Ip& place, const std::string& reason,
                   std::int64_t datagrams) {
  return db
      .query(
          "INSERT INTO account_refused (begins, span, import_id, exporter_hi, exporter_lo, reason, datagrams) "
          "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD(datagrams))
      .all(begins, hour, import_id, place.hi, place.lo, reason, datagrams)
      .run();
}

Status add_writer(Database& db, std::uint32_t writer, Time begins, const WriterAccount& account) {
  auto row = db.query("INSERT INTO account_writers (begins, span, writer, " FLOWSPAN_WRITER_COLUMNS
                      ") VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD_WRITER);
  row.all(begins, hour, writer);
  for (const auto& column : flow::writer_columns) row.bind(account.*column.value);
  return row.run();
}

Status fold(Database& db, Time before) {
  // begins is never negative but in captures of before 1970, whose days are off by one at worst.
  constexpr std::string_view exporters =
      "INSERT INTO account (begins, span, import_id, exporter_hi, exporter_lo, " FLOWSPAN_ACCOUNT_COLUMNS
      ") SELECT begins - begins % 86400000000000, 86400000000000, import_id, exporter_hi, exporter_lo, " FLOWSPAN_SUMS
      " FROM account WHERE span = 3600000000000 AND begins < ? GROUP BY 1, 3, 4, 5 "
      "ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD_ACCOUNT;
  constexpr std::string_view refused =
      "INSERT INTO account_refused (begins, span, import_id, exporter_hi, exporter_lo, reason, datagrams) "
      "SELECT begins - begins % 86400000000000, 86400000000000, import_id, exporter_hi, exporter_lo, reason, "
      "sum(datagrams) FROM account_refused WHERE span = 3600000000000 AND begins < ? GROUP BY 1, 3, 4, 5, 6 "
      "ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD(datagrams);
  constexpr std::string_view writers =
      "INSERT INTO account_writers (begins, span, writer, " FLOWSPAN_WRITER_COLUMNS
      ") SELECT begins - begins % 86400000000000, 86400000000000, writer, " FLOWSPAN_WRITER_SUMS
      " FROM account_writers WHERE span = 3600000000000 AND begins < ? GROUP BY 1, 3 "
      "ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD_WRITER;
  for (const std::string_view statement :
       {exporters, std::string_view("DELETE FROM account WHERE span = 3600000000000 AND begins < ?"), refused,
        std::string_view("DELETE FROM account_refused WHERE span = 3600000000000 AND begins < ?"), writers,
        std::string_view("DELETE FROM account_writers WHERE span = 3600000000000 AND begins < ?")})
    if (auto done = db.query(statement).bind(before).run(); !done) return done;
  return {};
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
  auto done =
      for_each_row(db.query("SELECT begins, span, import_id, exporter_hi, exporter_lo, " FLOWSPAN_ACCOUNT_COLUMNS
                            " FROM account WHERE begins + span > ? AND begins < ?"),
                   from, to, [&](const sqlite::Query& row) {
                     AccountRow& found = row_of(row);
                     ExporterAccount account;
                     int column = 5;
                     for (const auto& named : flow::account_columns) account.*named.value = row.integer(column++);
                     found.account += account;
                   });
  if (done)
    done =
        for_each_row(db.query("SELECT begins, span, import_id, exporter_hi, exporter_lo, reason, datagrams FROM "
                              "account_refused WHERE begins + span > ? AND begins < ?"),
                     from, to, [&](const sqlite::Query& row) { row_of(row).refused[row.string(5)] += row.integer(6); });
  for (auto& [key, row] : rows) snapshot.exporters.push_back(std::move(row));
  return done;
}

Status read_writers(Database& db, const std::optional<Time>& from, const std::optional<Time>& to,
                    AccountSnapshot& snapshot) {
  return for_each_row(
      db.query("SELECT begins, span, " FLOWSPAN_WRITER_SUMS
               " FROM account_writers WHERE begins + span > ? AND begins < ? GROUP BY 1, 2 ORDER BY 1, 2"),
      from, to, [&](const sqlite::Query& row) {
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

Status forget_account(Database& db, const std::optional<Time>& collected_until) {
  for (const std::string_view statement :
       {"DELETE FROM account WHERE import_id <> 0 AND import_id NOT IN (SELECT id FROM imports)",
        "DELETE FROM account_refused WHERE import_id <> 0 AND import_id NOT IN (SELECT id FROM imports)"})
    if (auto done = db.query(statement).run(); !done) return done;
  if (!collected_until) return {};
  for (const std::string_view statement : {"DELETE FROM account WHERE import_id = 0 AND begins + span <= ?",
                                           "DELETE FROM account_refused WHERE import_id = 0 AND begins + span <= ?",
                                           "DELETE FROM account_writers WHERE begins + span <= ?"})
    if (auto done = db.query(statement).bind(*collected_until).run(); !done) return done;
  return {};
}

Status fold_account(Store& store, Time now) {
  const Time before = now - hours_kept - (now - hours_kept) % day;
  std::int64_t old = 0;
  auto read = store.catalog().read([&](Database& db) -> Status {
    auto row = db.query(
        "SELECT EXISTS (SELECT 1 FROM account WHERE span = 3600000000000 AND begins < ?1) OR "
        "EXISTS (SELECT 1 FROM account_writers WHERE span = 3600000000000 AND begins < ?1)");
    row.bind(before);
    const auto found = row.step();
    if (!found) return fail(found.error());
    old = row.integer(0);
    return {};
  });
  if (!read || old == 0) return read;
  return store.catalog().write([&](Database& db) { return fold(db, before); });
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
