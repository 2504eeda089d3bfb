// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <string>
#include <utility>

namespace flowspan::store::sqlite {
namespace {

constexpr int busy_milliseconds = 20'000;  // a migration or an import of many segments is the longest transaction

/// The failure in words that say what to do.
Error error_of(sqlite3* db, int code, const std::filesystem::path& file) {
  const int primary = code & 0xff;
  const int os_error = db != nullptr ? sqlite3_system_errno(db) : 0;
  const std::string name = file.string();
  const std::string words = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  const bool io = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  if (primary == SQLITE_FULL || (io && (os_error == ENOSPC || os_error == EDQUOT)))
    return {"cannot write the catalog " + name + ": the disk is full (free some space there)", ErrorKind::no_space};
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {"the catalog " + name + " is held by another program for a long time: see who with `fuser " + name + "`",
              ErrorKind::busy};
    case SQLITE_CANTOPEN:
      return {"cannot open the catalog " + name + ": " + words +
                  " (check that the store is there and the owner and mode of its folder)",
              os_error == ENOENT ? ErrorKind::not_found : ErrorKind::failed};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {"cannot write the catalog " + name + ": " + words + " (check the owner and mode of it and its folder)"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {"the catalog " + name + " is damaged: " + words +
              " (stop the collector, keep a copy, and run `sqlite3 catalog.sqlite3 .recover`; the segments are whole "
              "Parquet files)"};
    case SQLITE_IOERR: return {"cannot read or write the catalog " + name + ": " + words + " (check the disk: dmesg)"};
    default: return {"the catalog " + name + " refused a statement: " + words + " (try `flowspan store verify`)"};
  }
}

}  // namespace

Query::Query(sqlite3* db, sqlite3_stmt* statement, const std::filesystem::path& file, Status prepared)
    : db_(db), statement_(statement), file_(&file), status_(std::move(prepared)) {}

Query::Query(Query&& other) noexcept
    : db_(other.db_),
      statement_(std::exchange(other.statement_, nullptr)),
      file_(other.file_),
      next_(other.next_),
      status_(std::move(other.status_)) {}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::keep(int code) {
  ++next_;
  if (code != SQLITE_OK && status_) status_ = fail(error_of(db_, code, *file_));
}

Query& Query::bind_int(std::int64_t value) {
  if (status_) keep(sqlite3_bind_int64(statement_, next_, value));
  return *this;
}

Query& Query::bind(std::string_view text) {
  const char* data = text.data() != nullptr ? text.data() : "";
  if (status_) keep(sqlite3_bind_text64(statement_, next_, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Query& Query::bind(Blob blob) {
  const char* data = blob.bytes.data() != nullptr ? blob.bytes.data() : "";
  if (status_) keep(sqlite3_bind_blob64(statement_, next_, data, blob.bytes.size(), SQLITE_TRANSIENT));
  return *this;
}

Query& Query::bind(std::nullptr_t) {
  if (status_) keep(sqlite3_bind_null(statement_, next_));
  return *this;
}

Result<bool> Query::step() {
  if (!status_) return fail(status_.error());
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(error_of(db_, code, *file_));
}

Status Query::run() {
  while (true) {
    const auto more = step();
    if (!more) return fail(more.error());
    if (!*more) return {};
  }
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::optional<std::int64_t> Query::maybe_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::string_view Query::text(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, Access access) {
  // As a URI only where an option needs it: the path is then escaped.
  std::string name = file.string();
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= access == Access::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  if (access == Access::immutable) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string uri = "file:";
    for (const char c : std::filesystem::absolute(file).string()) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '%' || c == '?' || c == '#' || byte >= 0x80) {
        uri += '%';
        uri += digits[byte >> 4];
        uri += digits[byte & 15];
      } else {
        uri += c;
      }
    }
    name = uri + "?immutable=1";
    flags |= SQLITE_OPEN_URI;
  }
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &db, flags, nullptr);
  if (code != SQLITE_OK) {
    const Error error = error_of(db, code, file);
    sqlite3_close_v2(db);
    return fail(error);
  }
  sqlite3_busy_timeout(db, busy_milliseconds);
  return std::unique_ptr<Database>(new Database(db, file));
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

Query Database::query(std::string_view sql) {
  if (const auto known = statements_.find(sql); known != statements_.end()) return {db_, known->second, file_, {}};
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return {db_, nullptr, file_, fail(error_of(db_, code, file_))};
  statements_.emplace(sql, statement);
  return {db_, statement, file_, {}};
}

Status Database::exec(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(error_of(db_, code, file_));
  return {};
}

Result<std::int64_t> Database::value(std::string_view sql) {
  auto row = query(sql);
  const auto found = row.step();
  if (!found) return fail(found.error());
  return *found ? row.integer(0) : 0;
}

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(db_); }
std::int64_t Database::changes() const { return sqlite3_changes64(db_); }

}  // namespace flowspan::store::sqlite
