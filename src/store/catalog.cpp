// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/catalog.hpp"

#include <fcntl.h>

#include <chrono>
#include <random>
#include <system_error>
#include <thread>

#include "base/file.hpp"
#include "base/time.hpp"
#include "store/migrations.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

using sqlite::Database;

constexpr int attempts_to_change_mode = 500;

std::string store_name(const std::filesystem::path& file) { return file.parent_path().string(); }

/// 128 random bits as text: tells two stores apart, wherever they are copied to.
std::string new_id() {
  std::random_device random;
  std::string id;
  constexpr std::string_view digits = "0123456789abcdef";
  for (int i = 0; i < 32; ++i) id += digits[random() & 15];
  return id;
}

Status fill_meta(Database& db) {
  auto add = [&](std::string_view key, const auto& value) {
    return db.query("INSERT INTO meta (key, value) VALUES (?, ?)").bind(key).bind(value).run();
  };
  if (auto done = add("store_id", new_id()); !done) return done;
  if (auto done = add("created", now()); !done) return done;
  return add("created_by", "flowspan " FLOWSPAN_VERSION);
}

/// The catalog's format; 0 when it is empty.
Result<std::int64_t> format_of(Database& db, const std::filesystem::path& file) {
  // First: who sees another process' tables sees its numbers, which came with them.
  const auto tables = db.value("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables;
  if (*tables == 0) return 0;
  const auto application = db.value("PRAGMA application_id");
  if (!application) return application;
  const auto version = db.value("PRAGMA user_version");
  if (!version) return version;
  if (*application != Catalog::application_id)
    return fail(file.string() + " is not flowspan's: another program wrote it (choose another --store)");
  if (*version > Catalog::format)
    return fail(store_name(file) + " was written by a newer flowspan (format " + std::to_string(*version) +
                    "; this one reads up to " + std::to_string(Catalog::format) +
                    "): use that flowspan, or another --store",
                ErrorKind::newer_format);
  return version;
}

/// Begins, runs, and commits or rolls back.
Status transaction(Database& db, const char* begin, const Catalog::Work& work) {
  if (auto begun = db.query(begin).run(); !begun) return begun;
  auto done = work(db);
  if (done) done = db.query("COMMIT").run();
  if (!done) (void)db.query("ROLLBACK").run();  // fails where SQLite has rolled back itself
  return done;
}

/// SQLite does not wait when it changes to WAL while another process does: "busy" comes at once.
Status exec_when_free(Database& db, const std::string& sql) {
  for (int attempt = 1;; ++attempt) {
    auto done = db.exec(sql);
    if (done || done.error().kind != ErrorKind::busy || attempt == attempts_to_change_mode) return done;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Status prepare_writer(Database& db, const std::filesystem::path& file) {
  // temp_store: no file of SQLite's own beside the catalog; checkpoint at 4 MiB of log.
  auto set = exec_when_free(db,
                            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
                            "PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 1000; "
                            "PRAGMA journal_size_limit = 16777216");
  if (!set) return set;
  const auto format = format_of(db, file);
  if (!format) return fail(format.error());
  if (*format == Catalog::format) return {};
  return transaction(db, "BEGIN IMMEDIATE", [&](Database& inside) -> Status {
    const auto before = format_of(inside, file);  // another process may have been quicker
    if (!before) return fail(before.error());
    if (*before == Catalog::format) return {};
    if (auto done = migrate(inside, *before); !done) return done;
    return *before == 0 ? fill_meta(inside) : Status{};
  });
}

/// A reader that may not write beside the catalog, of which nobody has a log open, can only read it as a file that does
/// not change.
bool cannot_share(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::exists(file.string() + "-wal", ignored)) return false;
  return !open_file(file.string() + "-shm", O_RDWR) && !open_file(file, O_RDWR);
}

Result<std::unique_ptr<Database>> open_reader(const std::filesystem::path& file, bool alone) {
  auto db = Database::open(file, alone ? Database::Access::immutable : Database::Access::read);
  if (!db) return db;
  if (auto set = (*db)->exec("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY"); !set) return fail(set.error());
  return db;
}

Status migrate_file(const std::filesystem::path& file) {
  auto writer = Database::open(file, Database::Access::write);
  if (!writer) return fail(std::move(writer.error()));
  return prepare_writer(**writer, file);
}

/// Why there is no catalog to open.
Error why_none(const std::filesystem::path& file) {
  const auto folder = file.parent_path();
  const auto name = store_name(file);
  std::error_code code;
  const auto status = std::filesystem::status(folder, code);
  const std::string hint = " (check --store; `flowspan collect` or `read` makes one)";
  if (status.type() == std::filesystem::file_type::not_found)
    return {"there is no folder " + name + hint, ErrorKind::not_found};
  if (status.type() != std::filesystem::file_type::none && status.type() != std::filesystem::file_type::directory)
    return {name + " is a file: a flowspan store is a folder (check --store)", ErrorKind::usage};
  (void)std::filesystem::exists(file, code);
  if (code == std::errc::permission_denied)
    return {"cannot look into the store " + name +
                ": Permission denied (its files belong to whom collects; join that " +
                "user's group, or ask as that user)",
            ErrorKind::failed};
  return {name + " is no flowspan store: it has no " + file.filename().string() + hint, ErrorKind::not_found};
}

}  // namespace

Catalog::Catalog(std::filesystem::path file, Mode mode) : file_(std::move(file)), mode_(mode) {}
Catalog::~Catalog() = default;

Result<std::unique_ptr<Catalog>> Catalog::open(const std::filesystem::path& file, Mode mode) {
  std::error_code ignored;
  const bool is_there = std::filesystem::exists(file, ignored);
  if (!is_there && mode != Mode::create) return fail(why_none(file));
  std::unique_ptr<Catalog> catalog(new Catalog(file, mode));
  if (mode != Mode::read) {
    if (!is_there) {  // so that it has our mode, which SQLite gives its log too
      auto made = open_file(file, O_RDWR | O_CREAT, 0640);
      if (!made) return fail(std::move(made.error()));
    }
    auto writer = Database::open(file, Database::Access::write);
    if (!writer) return fail(std::move(writer.error()));
    if (auto ready = prepare_writer(**writer, file); !ready) return fail(std::move(ready.error()));
    catalog->writer_ = std::move(*writer);
  }
  catalog->alone_ = mode == Mode::read && cannot_share(file);
  auto reader = open_reader(file, catalog->alone_);
  if (!reader) return fail(std::move(reader.error()));
  auto format = format_of(**reader, file);
  if (format && *format < Catalog::format) {
    // A question is often the first that a newer version is asked: it takes the catalog along, if it may.
    if (const auto migrated = migrate_file(file); !migrated)
      return fail(store_name(file) + " has the older format " + std::to_string(*format) +
                  ": run `flowspan store info` once as a user who may write it (" + migrated.error().text + ")");
    catalog->alone_ = cannot_share(file);
    reader = open_reader(file, catalog->alone_);
    if (!reader) return fail(std::move(reader.error()));
    format = format_of(**reader, file);
  }
  if (!format) return fail(format.error());
  catalog->reader_ = std::move(*reader);
  return catalog;
}

Status Catalog::write(const Work& work) {
  if (writer_ == nullptr) return fail("the catalog " + file_.string() + " was opened for reading only");
  const std::lock_guard lock(writing_);
  return transaction(*writer_, "BEGIN IMMEDIATE", work);
}

Status Catalog::read(const Work& work) {
  const std::lock_guard lock(reading_);
  if (alone_) {  // somebody may have begun to write since
    alone_ = cannot_share(file_);
    auto reader = open_reader(file_, alone_);
    if (!reader) return fail(std::move(reader.error()));
    reader_ = std::move(*reader);
  }
  return transaction(*reader_, "BEGIN", work);
}

}  // namespace flowspan::store
