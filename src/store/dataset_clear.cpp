// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include <utility>

#include "base/log.hpp"
#include "store/dataset.hpp"

namespace flowspan::store {
namespace {

// Whether nothing is lost when another takes its place: no table of somebody else, and no text encoding that a connection
// can not change.
constexpr const char* can_be_replaced =
    "SELECT (SELECT encoding FROM pragma_encoding) = 'UTF-8' AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE type = "
    "'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND "
    "lower(name) NOT IN ('flow', 'flowspan_facts', 'flowspan_writers', 'flowspan_imports'))";
// The user's own indexes, triggers and views among them.
constexpr const char* what_it_is_made_of =
    "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
    "ORDER BY type <> 'table', rowid";

}  // namespace

Status Dataset::clear() {
  const auto replaceable = number(can_be_replaced);
  if (!replaceable) return fail(replaceable.error());
  if (*replaceable != 0)
    if (const auto twin = empty_twin()) return replace_with(**twin);
  log::info("clearing the dataset " + file_.string() +
            " row by row, because it is not made as flowspan makes one: this may take a while");
  return delete_rows();
}

/// A database in memory that is made as this one is, and holds nothing.
Result<std::unique_ptr<Dataset>> Dataset::empty_twin() {
  const auto page_size = number("PRAGMA page_size");
  if (!page_size) return fail(page_size.error());
  sqlite3* db = nullptr;
  const int opened = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Dataset> twin(new Dataset(db, file_));
  if (opened != SQLITE_OK) return fail(twin->error(opened));
  if (Status set = twin->exec(("PRAGMA page_size = " + std::to_string(*page_size)).c_str()); !set)
    return fail(set.error());
  auto made_of = prepare(what_it_is_made_of);
  if (!made_of) return fail(made_of.error());
  for (;;) {
    const auto more = step(made_of->get());
    if (!more) return fail(more.error());
    if (!*more) return twin;
    const auto* sql = reinterpret_cast<const char*>(sqlite3_column_text(made_of->get(), 0));
    if (Status made = twin->exec(sql); !made) return fail(made.error());
  }
}

/// In one transaction of a few pages, however large this one is: a reader sees all of the one or all of the other, and
/// the next checkpoint gives the space back.
Status Dataset::replace_with(const Dataset& other) {
  sqlite3_backup* copy = sqlite3_backup_init(db_, "main", other.db_, "main");
  if (copy == nullptr) return fail(error(sqlite3_extended_errcode(db_)));
  const int stepped = sqlite3_backup_step(copy, -1);
  const int finished = sqlite3_backup_finish(copy);
  if (const int code = stepped == SQLITE_DONE ? finished : stepped; code != SQLITE_OK) return fail(error(code));
  return {};
}

Status Dataset::delete_rows() {
  // Debian's SQLite would overwrite every row with zeros, and write all of them to the log.
  if (Status set = exec("PRAGMA secure_delete = OFF"); !set) return set;
  if (Status begun = exec("BEGIN IMMEDIATE"); !begun) return begun;
  Status done =
      exec("DELETE FROM Flow; DELETE FROM flowspan_writers; DELETE FROM flowspan_imports; DELETE FROM flowspan_facts");
  if (done) done = exec("COMMIT");
  if (!done) (void)exec("ROLLBACK");
  return done;
}

}  // namespace flowspan::store
