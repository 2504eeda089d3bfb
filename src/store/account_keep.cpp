// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// How the loss ledger stays bounded: it goes with its flows, old hours become days, and days beyond their number are
// counted together.

#include <algorithm>

#include "store/account.hpp"
#include "store/account_sql.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

using sqlite::Database;

Status run_all(Database& db, std::span<const std::string_view> statements) {
  for (const std::string_view statement : statements)
    if (auto done = db.query(statement).run(); !done) return done;
  return {};
}

Status run_all(Database& db, std::span<const std::string_view> statements, Time time) {
  for (const std::string_view statement : statements)
    if (auto done = db.query(statement).bind(time).run(); !done) return done;
  return {};
}

/// Sums the days of the smallest exporters up to others', until there are no more than so many.
Status bound_days(Database& db, std::int64_t max_days) {
  const auto days = db.value(account_sql::count_days);
  if (!days) return fail(days.error());
  if (*days <= max_days) return {};
  if (auto made = db.query(account_sql::make_small).run(); !made) return made;
  if (auto chosen = db.query(account_sql::choose_small).bind(*days - max_days).run(); !chosen) return chosen;
  return run_all(db, account_sql::small_to_others);
}

}  // namespace

Status forget_collected_account(Database& db, Time until) { return run_all(db, account_sql::forget_collected, until); }

Status forget_imported_account(Database& db) { return run_all(db, account_sql::forget_imported); }

Status fold_account(Store& store, Time now, std::int64_t max_days) {
  const Time before = now - hours_kept - (now - hours_kept) % day;
  std::int64_t old = 0;
  auto read = store.catalog().read([&](Database& db) -> Status {
    auto row = db.query(account_sql::has_old_hours);
    row.bind(before);
    const auto found = row.step();
    if (!found) return fail(found.error());
    old = row.integer(0);
    return {};
  });
  if (!read || old == 0) return read;
  return store.catalog().write([&](Database& db) -> Status {
    if (auto folded = run_all(db, account_sql::hours_to_days, before); !folded) return folded;
    return bound_days(db, max_days);
  });
}

}  // namespace flowspan::store
