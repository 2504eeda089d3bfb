// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/dataset.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

namespace flowspan::store {
namespace {

constexpr int busy_milliseconds = 10'000;
constexpr std::string_view magic{"SQLite format 3\0", 16};

constexpr std::array<std::string_view, 11> columns{"ID",           "SYS_UPTIME", "UNIXS",    "FIRST",
                                                   "LAST",         "IP_SOURCE",  "IP_DEST",  "PROTO",
                                                   "SOURCE_PROTO", "DEST_PROTO", "timestamp"};

// ID is the row number: the order of arrival. GDP's names, with types that SQLite then keeps compact.
constexpr const char* make_flow =
    "CREATE TABLE Flow (ID INTEGER PRIMARY KEY, SYS_UPTIME INTEGER, UNIXS INTEGER, FIRST INTEGER, LAST INTEGER, "
    "IP_SOURCE TEXT, IP_DEST TEXT, PROTO INTEGER, SOURCE_PROTO INTEGER, DEST_PROTO INTEGER, timestamp REAL)";
constexpr const char* make_own =
    "CREATE TABLE IF NOT EXISTS flowspan_facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS flowspan_writers (writer INTEGER PRIMARY KEY, file INTEGER, \"offset\" INTEGER, "
    "state BLOB);"
    "CREATE TABLE IF NOT EXISTS flowspan_imports (digest TEXT PRIMARY KEY, path TEXT, flows INTEGER) WITHOUT ROWID;";

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

bool is_sqlite_file(const std::filesystem::path& file) {
  std::array<char, magic.size()> start{};
  std::ifstream in(file, std::ios::binary);
  return in.read(start.data(), start.size()) && std::string_view(start.data(), start.size()) == magic;
}

void Dataset::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Error Dataset::error(int code) const {
  const int primary = code & 0xff;
  const int os_error = db_ != nullptr ? sqlite3_system_errno(db_) : 0;
  const std::string name = "the dataset " + file_.string();
  const std::string words = db_ != nullptr ? sqlite3_errmsg(db_) : sqlite3_errstr(code);
  const bool io = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  if (primary == SQLITE_FULL || (io && (os_error == ENOSPC || os_error == EDQUOT)))
    return {name + " cannot grow: the disk is full (free some space there)", ErrorKind::no_space};
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {name + " is locked by another program: see who with `fuser " + file_.string() + "`", ErrorKind::busy};
    case SQLITE_NOTADB: return {file_.string() + " is no SQLite database: name another file with --sqlite"};
    case SQLITE_CORRUPT: return {name + " is damaged: " + words + " (move it away; the store has all its flows)"};
    case SQLITE_CANTOPEN:
      return {"cannot open " + name + ": " + words + " (check that its folder is there and its mode)"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {"cannot write " + name + ": " + words + " (check the owner and mode of it and its folder)"};
    default: return {name + " refused a statement: " + words};
  }
}

Result<std::unique_ptr<Dataset>> Dataset::open(const std::filesystem::path& file, Access access) {
  std::error_code code;
  const auto size = std::filesystem::file_size(file, code);
  if (!code && size > 0 && !is_sqlite_file(file))
    return fail(file.string() + " is no SQLite database: name another file, or move it away");
  sqlite3* db = nullptr;
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const int opened = sqlite3_open_v2(file.string().c_str(), &db, flags, nullptr);
  std::unique_ptr<Dataset> dataset(new Dataset(db, file));
  if (opened != SQLITE_OK) return fail(dataset->error(opened));
  sqlite3_busy_timeout(db, busy_milliseconds);
  if (Status right = dataset->check_layout(access); !right) return fail(right.error());
  return dataset;
}

Dataset::~Dataset() { sqlite3_close_v2(db_); }

Status Dataset::check_layout(Access access) {
  auto info = prepare("SELECT name FROM pragma_table_info('Flow')");
  if (!info) return fail(info.error());
  std::vector<std::string> found;
  for (;;) {
    const auto more = step(info->get());
    if (!more) return fail(more.error());
    if (!*more) break;
    found.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(info->get(), 0)));
  }
  info->reset();
  // A view may never end.
  const auto tables =
      number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'Flow' COLLATE NOCASE");
  if (!tables) return fail(tables.error());
  if (*tables == 0) found.clear();
  const auto objects = number("SELECT count(*) FROM sqlite_master");
  if (!objects) return fail(objects.error());
  if (found.empty() && *objects == 0 && access == Access::write) return {};
  if (found.empty())
    return fail(file_.string() + " is a database of something else: it has no table Flow; name another file");
  const bool same = found.size() == columns.size() && std::all_of(columns.begin(), columns.end(), [&](auto column) {
                      return std::any_of(found.begin(), found.end(),
                                         [&](const std::string& name) { return same_word(name, column); });
                    });
  if (!same)
    return fail("the table Flow of " + file_.string() +
                " has other columns than a dataset (docs/formats/dataset.md): name another file");
  return {};
}

Result<bool> Dataset::has_table(const char* name) {
  auto statement = prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE");
  if (!statement) return fail(statement.error());
  sqlite3_bind_text(statement->get(), 1, name, -1, SQLITE_STATIC);
  return step(statement->get());
}

Result<bool> Dataset::has_foreign_flows() {
  const auto made = has_table("Flow");
  if (!made || !*made) return made;
  const auto rows = number("SELECT EXISTS (SELECT 1 FROM Flow)");
  if (!rows) return fail(rows.error());
  if (*rows == 0) return false;
  const auto ours = has_table("flowspan_facts");
  if (!ours) return ours;
  if (!*ours) return true;
  const auto foreign = number(
      "SELECT NOT EXISTS (SELECT 1 FROM flowspan_facts WHERE name = 'store') OR "
      "EXISTS (SELECT 1 FROM flowspan_facts WHERE name = 'foreign')");
  if (!foreign) return fail(foreign.error());
  return *foreign != 0;
}

Status Dataset::make_tables() {
  const auto exists = has_table("Flow");
  if (!exists) return fail(exists.error());
  // Readers see whole commits and never wait, nor do they hold up the writer.
  if (Status wal = exec("PRAGMA journal_mode = WAL"); !wal) return wal;
  if (Status sync = exec("PRAGMA synchronous = FULL"); !sync) return sync;
  if (Status begun = exec("BEGIN IMMEDIATE"); !begun) return begun;
  Status made = !*exists ? exec(make_flow) : Status{};
  if (made) made = exec(make_own);
  if (made) made = exec("COMMIT");
  if (!made) (void)exec("ROLLBACK");
  return made;
}

void Dataset::set_patience(Duration at_most) { sqlite3_busy_timeout(db_, static_cast<int>(at_most / millisecond)); }

Status Dataset::exec(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(error(code));
  return {};
}

Result<Dataset::Statement> Dataset::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr);
  if (code != SQLITE_OK) return fail(error(code));
  return Statement(statement);
}

Result<bool> Dataset::step(sqlite3_stmt* statement) {
  const int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(error(code));
}

Result<std::int64_t> Dataset::number(const char* sql) {
  auto statement = prepare(sql);
  if (!statement) return fail(statement.error());
  const auto found = step(statement->get());
  if (!found) return fail(found.error());
  return *found ? sqlite3_column_int64(statement->get(), 0) : 0;
}

Result<std::optional<std::string>> Dataset::fact(const char* name) {
  auto statement = prepare("SELECT value FROM flowspan_facts WHERE name = ?");
  if (!statement) return fail(statement.error());
  sqlite3_bind_text(statement->get(), 1, name, -1, SQLITE_STATIC);
  const auto found = step(statement->get());
  if (!found) return fail(found.error());
  const auto* text = *found ? sqlite3_column_text(statement->get(), 0) : nullptr;
  if (text == nullptr) return std::nullopt;
  return std::optional(std::string(reinterpret_cast<const char*>(text)));
}

Status Dataset::set_fact(const char* name, const std::string& value) {
  auto statement = prepare("INSERT OR REPLACE INTO flowspan_facts (name, value) VALUES (?, ?)");
  if (!statement) return fail(statement.error());
  sqlite3_bind_text(statement->get(), 1, name, -1, SQLITE_STATIC);
  sqlite3_bind_text(statement->get(), 2, value.c_str(), -1, SQLITE_STATIC);
  const auto done = step(statement->get());
  if (!done) return fail(done.error());
  return {};
}

Status Dataset::clear_fact(const char* name) {
  auto statement = prepare("DELETE FROM flowspan_facts WHERE name = ?");
  if (!statement) return fail(statement.error());
  sqlite3_bind_text(statement->get(), 1, name, -1, SQLITE_STATIC);
  const auto done = step(statement->get());
  if (!done) return fail(done.error());
  return {};
}

}  // namespace flowspan::store
