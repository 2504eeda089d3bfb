// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/store.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "base/fault.hpp"
#include "store/files.hpp"
#include "store/rows.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

using sqlite::Database;

constexpr const char* catalog_name = "catalog.sqlite3";
constexpr const char* reserve_name = "reserve";
/// On a small disk the reserve is smaller.
constexpr std::uint64_t smallest_part = 64;

/// The pid that LockFile puts at the end of its message.
std::string holder_of(const std::string& text) {
  const auto at = text.rfind("process ");
  return at == std::string::npos ? "process (unknown pid)" : text.substr(at);
}

Status make_folders(const std::filesystem::path& path) {
  for (const char* name : {"", "segments", "journal", "quarantine", "tmp"}) {
    const auto folder = *name != '\0' ? path / name : path;
    std::error_code ignored;
    if (std::filesystem::exists(folder, ignored) && !std::filesystem::is_directory(folder, ignored))
      return fail(folder.string() + " is a file: a store is a folder (choose another --store)", ErrorKind::usage);
    if (auto made = make_folder(path, folder); !made) return made;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path, Mode mode) {
  // "a/b/" is the folder b: without the slash its parent is the folder it stands in.
  const auto folder = path.has_filename() ? path : path.parent_path();
  std::unique_ptr<Store> store(new Store(folder, mode));
  if (mode == Mode::create)
    if (auto made = make_folders(folder); !made) return fail(std::move(made.error()));
  auto catalog = Catalog::open(folder / catalog_name, mode);
  if (!catalog && catalog.error().kind == ErrorKind::no_space && mode != Mode::read && store->release_reserve())
    catalog = Catalog::open(folder / catalog_name, mode);
  if (!catalog) return fail(std::move(catalog.error()));
  store->catalog_ = std::move(*catalog);
  auto read = store->catalog_->read([&](Database& db) -> Status {
    auto row = db.query("SELECT value FROM meta WHERE key = 'store_id'");
    const auto found = row.step();
    if (!found) return fail(found.error());
    if (*found) store->id_ = row.string(0);
    return {};
  });
  if (!read) return fail(std::move(read.error()));
  return store;
}

Result<LockFile> Store::lock_collector() {
  auto lock = LockFile::acquire(path_ / "collector.lock", "collect into " + path_.string());
  if (!lock && lock.error().kind == ErrorKind::busy)
    return fail("another flowspan (" + holder_of(lock.error().text) + ") collects into " + path_.string() +
                    ": stop it or use another --store",
                ErrorKind::busy);
  return lock;
}

Result<LockFile> Store::lock_compaction() {
  auto lock = LockFile::acquire(path_ / "compaction.lock", "compact " + path_.string());
  if (!lock && lock.error().kind == ErrorKind::busy)
    return fail("another flowspan (" + holder_of(lock.error().text) + ") compacts " + path_.string() +
                    ": wait until it is done (a collector compacts in the background)",
                ErrorKind::busy);
  return lock;
}

Result<bool> Store::make_reserve(std::uint64_t bytes) {
  const auto file = path_ / reserve_name;
  const auto space = disk_space(path_);
  if (!space) return fail(space.error());
  bytes = std::min(bytes, space->total / smallest_part);
  std::error_code failed;
  if (const auto size = std::filesystem::file_size(file, failed); !failed && size >= bytes) return true;
  if (space->free < 2 * bytes) return false;
  if (auto made = allocate_file(file, bytes); !made) {
    if (made.error().kind == ErrorKind::no_space) return false;
    return fail(std::move(made.error()));
  }
  return true;
}

bool Store::release_reserve() { return remove_file(path_ / reserve_name).value_or(false); }

Result<std::vector<WriterState>> Store::writers() {
  std::vector<WriterState> all;
  auto read = catalog_->read([&](Database& db) -> Status {
    auto rows = select_writers(db);
    if (!rows) return fail(std::move(rows.error()));
    all = std::move(*rows);
    return {};
  });
  if (!read) return fail(std::move(read.error()));
  return all;
}

Status Store::set_writers(const std::vector<WriterState>& writers) {
  return catalog_->write([&](Database& db) -> Status {
    if (auto done = db.query("UPDATE writers SET active = 0, attempts = 0, state = x''").run(); !done) return done;
    for (const auto& writer : writers) {
      auto done =
          db.query(
                "INSERT INTO writers (writer, file, \"offset\", state) VALUES (?, ?, ?, ?) ON CONFLICT (writer) "
                "DO UPDATE SET file = excluded.file, \"offset\" = excluded.\"offset\", state = excluded.state, "
                "active = 1")
              .all(writer.writer, writer.position.file, writer.position.offset, sqlite::Blob{writer.state})
              .run();
      if (!done) return done;
    }
    return {};
  });
}

Result<std::uint32_t> Store::begin_recovery(std::uint32_t writer) {
  std::uint32_t attempts = 0;
  auto done = catalog_->write([&](Database& db) -> Status {
    auto row = db.query(
        "INSERT INTO writers (writer, file, \"offset\", state, attempts) VALUES (?, 0, 0, x'', 1) ON CONFLICT (writer) "
        "DO UPDATE SET attempts = attempts + 1 RETURNING attempts");
    row.bind(writer);
    const auto found = row.step();
    if (!found) return fail(found.error());
    attempts = static_cast<std::uint32_t>(row.integer(0));
    return row.run();
  });
  if (!done) return fail(std::move(done.error()));
  return attempts;
}

Status Store::end_recovery(std::uint32_t writer) {
  return catalog_->write(
      [&](Database& db) { return db.query("UPDATE writers SET attempts = 0 WHERE writer = ?").bind(writer).run(); });
}

Status Store::quarantine(const Quarantined& q) {
  return catalog_->write([&](Database& db) {
    return db
        .query(
            "INSERT INTO quarantined (writer, file, \"offset\", length, exporter, reason, path, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .all(q.writer, q.position.file, q.position.offset, q.length, q.exporter, q.reason, q.file, q.at)
        .run();
  });
}

Result<std::vector<Quarantined>> Store::quarantined() {
  std::vector<Quarantined> all;
  auto read = catalog_->read([&](Database& db) -> Status {
    auto rows = select_quarantined(db);
    if (!rows) return fail(std::move(rows.error()));
    all = std::move(*rows);
    return {};
  });
  if (!read) return fail(std::move(read.error()));
  return all;
}

Result<std::uint64_t> Store::unlink_retired(Time now, Duration delay) {
  std::vector<std::string> names;
  auto read = catalog_->read([&](Database& db) -> Status {
    auto row = db.query("SELECT name FROM retired WHERE retired_at <= ?");
    row.bind(now - delay);
    while (true) {
      const auto more = row.step();
      if (!more) return fail(more.error());
      if (!*more) return {};
      names.push_back(row.string(0));
    }
  });
  if (!read) return fail(std::move(read.error()));
  std::uint64_t count = 0;
  for (const auto& name : names) {
    if (auto point = fault_point("unlink.before"); !point) return fail(std::move(point.error()));
    const auto removed = remove_file(path_ / name);
    if (!removed) return fail(removed.error());
    count += *removed ? 1 : 0;
    if (auto point = fault_point("unlink.after"); !point) return fail(std::move(point.error()));
  }
  if (names.empty()) return 0;
  // Last, so that a file whose removal a crash took back is still known as retired.
  auto done = catalog_->write([&](Database& db) -> Status {
    for (const auto& name : names)
      if (auto gone = db.query("DELETE FROM retired WHERE name = ?").bind(name).run(); !gone) return gone;
    return {};
  });
  if (!done) return fail(std::move(done.error()));
  return count;
}

Status Store::set_note(const std::string& key, const std::string& value) {
  return catalog_->write([&](Database& db) {
    return db.query("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)").bind("note." + key).bind(value).run();
  });
}

Result<std::optional<std::string>> Store::note(const std::string& key) {
  std::optional<std::string> value;
  auto read = catalog_->read([&](Database& db) -> Status {
    auto row = db.query("SELECT value FROM meta WHERE key = ?");
    row.bind("note." + key);
    const auto found = row.step();
    if (!found) return fail(found.error());
    if (*found) value = row.string(0);
    return {};
  });
  if (!read) return fail(std::move(read.error()));
  return value;
}

}  // namespace flowspan::store
