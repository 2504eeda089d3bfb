// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/info.hpp"

#include <system_error>

#include "store/journal_files.hpp"
#include "store/rows.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

using sqlite::Database;

Status read_meta(Database& db, StoreInfo& info) {
  auto row = db.query("SELECT key, value FROM meta ORDER BY key");
  constexpr std::string_view note = "note.";
  while (true) {
    const auto more = row.step();
    if (!more) return fail(more.error());
    if (!*more) return {};
    const auto key = row.string(0);
    if (key == "store_id") info.id = row.string(1);
    if (key == "created") info.created = row.integer(1);
    if (key == "created_by") info.created_by = row.string(1);
    if (key.starts_with(note)) info.notes.emplace_back(key.substr(note.size()), row.string(1));
  }
}

Status read_sums(Database& db, StoreInfo& info) {
  auto row = db.query(
      "SELECT coalesce(sum(datagrams), 0), min(received_min), max(received_max), min(first_min), max(first_max), "
      "min(last_min), max(last_max), total(raw_bytes), total(raw_packets), " FLOWSPAN_LOSS_SUMS " FROM segments");
  const auto found = row.step();
  if (!found) return fail(found.error());
  info.datagrams = row.number(0);
  info.received = {row.maybe_integer(1), row.maybe_integer(2)};
  info.first = {row.maybe_integer(3), row.maybe_integer(4)};
  info.last = {row.maybe_integer(5), row.maybe_integer(6)};
  info.raw_bytes = row.number(7);
  info.raw_packets = row.number(8);
  add_losses(row, 9, info.loss);
  auto lost = db.query("SELECT coalesce(sum(datagrams), 0), " FLOWSPAN_LOSS_SUMS " FROM losses");
  const auto more = lost.step();
  if (!more) return fail(more.error());
  info.datagrams += lost.number(0);
  add_losses(lost, 1, info.loss);
  info.loss.settle();
  return {};
}

Status read_levels(Database& db, StoreInfo& info) {
  auto row = db.query("SELECT level, count(*), sum(\"rows\"), sum(file_bytes) FROM segments GROUP BY level");
  while (true) {
    const auto more = row.step();
    if (!more) return fail(more.error());
    if (!*more) return {};
    info.by_level[static_cast<std::uint32_t>(row.integer(0))] = {row.number(1), row.number(2), row.number(3)};
  }
}

Status read_retired(Database& db, StoreInfo& info) {
  auto row = db.query("SELECT count(*), coalesce(sum(bytes), 0) FROM retired");
  const auto found = row.step();
  if (!found) return fail(found.error());
  info.retired_files = row.number(0);
  info.retired_bytes = row.number(1);
  return {};
}

template <typename T>
Status take(Result<T> from, T& to) {
  if (!from) return fail(std::move(from.error()));
  to = std::move(*from);
  return {};
}

}  // namespace

double StoreInfo::bytes_per_flow() const {
  return totals.rows == 0 ? 0 : static_cast<double>(totals.file_bytes) / static_cast<double>(totals.rows);
}

Result<StoreInfo> store_info(Store& store) {
  StoreInfo info;
  auto read = store.catalog().read([&](Database& db) -> Status {
    auto done = read_meta(db, info);
    if (done) done = read_sums(db, info);
    if (done) done = read_levels(db, info);
    if (done) done = read_retired(db, info);
    if (done) done = take(select_totals(db), info.totals);
    if (done) done = take(select_imports(db), info.imports);
    if (done) done = take(select_writers(db), info.writers);
    if (done) done = take(select_quarantined(db), info.quarantined);
    const auto format = db.value("PRAGMA user_version");
    if (format) info.format = static_cast<int>(*format);
    return done;
  });
  if (!read) return fail(std::move(read.error()));
  const auto journal = list_journal(store.journal_folder());
  for (const auto& file : journal) {
    ++info.journal_files;
    info.journal_bytes += file.bytes;
  }
  for (const auto& writer : info.writers)
    if (writer.active) info.journal_backlog_bytes += bytes_after(journal, writer.writer, writer.position);
  std::error_code ignored;
  info.reserve = std::filesystem::exists(store.path() / "reserve", ignored);
  const auto space = disk_space(store.path());
  if (!space) return fail(space.error());
  info.disk = *space;
  return info;
}

Result<Totals> store_totals(Store& store) {
  Totals totals;
  const auto read = store.catalog().read([&](Database& db) { return take(select_totals(db), totals); });
  if (!read) return fail(read.error());
  return totals;
}

}  // namespace flowspan::store
