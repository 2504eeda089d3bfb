// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/import.hpp"

#include <utility>

#include "base/fault.hpp"
#include "store/account.hpp"
#include "store/files.hpp"
#include "store/rows.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

constexpr std::size_t max_path_kept = 4096;

}  // namespace

Import::Import(Store& store, ImportSource source, WorkFolder folder, engine::ParquetWriter writer)
    : store_(&store), source_(std::move(source)), folder_(std::move(folder)), writer_(std::move(writer)) {}

Status Import::check_digest(sqlite::Database& db) const {
  if (source_.again) return {};
  auto row = db.query("SELECT id, imported_at FROM imports WHERE digest = ? ORDER BY id DESC LIMIT 1");
  row.bind(source_.digest);
  const auto found = row.step();
  if (!found) return fail(found.error());
  if (!*found) return {};
  return fail(source_.path + " was imported on " + time_text(row.integer(1) / second * second) + " (import " +
                  std::to_string(row.integer(0)) + "): use --again to have its flows twice",
              ErrorKind::usage);
}

Result<Import> Import::begin(Store& store, ImportSource source) {
  if (source.path.size() > max_path_kept) source.path.resize(max_path_kept);
  auto folder = WorkFolder::make(store.temporary_folder(), "import");
  if (!folder) return fail(std::move(folder.error()));
  auto writer = engine::ParquetWriter::open();
  if (!writer) return fail(std::move(writer.error()));
  Import import(store, std::move(source), std::move(*folder), std::move(*writer));
  auto checked = store.catalog().read([&](sqlite::Database& db) { return import.check_digest(db); });
  if (!checked) return fail(std::move(checked.error()));
  return import;
}

Status Import::add_segment(const flow::FieldSet& fields, flow::Reader& flows) {
  auto columns = fields;
  columns.set(flow::find_field("received_time"));
  Part part;
  part.file = folder_.path() / (std::to_string(parts_.size() + 1) + ".parquet.part");
  if (auto point = fault_point("import.before_write"); !point) return point;
  auto written = writer_.write(flows, columns, part.file, {.metadata = {{"flowspan_store", store_->id()}}});
  if (!written) return fail(std::move(written.error()));
  set_stats(part.segment, *written);
  if (part.segment.rows == 0) return {};
  if (auto synced = finish_file(part.file); !synced) return synced;
  if (auto point = fault_point("import.after_fsync"); !point) return point;
  part.segment.fields = columns;
  part.segment.sequence = parts_.size() + 1;
  rows_ += part.segment.rows;
  file_bytes_ += part.segment.file_bytes;
  parts_.push_back(std::move(part));
  return {};
}

void Import::set_counts(std::uint64_t datagrams, const Loss& loss, flow::Ledger ledger) {
  datagrams_ = datagrams;
  loss_ = loss;
  ledger_ = std::move(ledger);
}

Result<std::int64_t> Import::publish(std::int64_t id, Time now) {
  auto done = store_->catalog().write([&](sqlite::Database& db) -> Status {
    if (auto checked = check_digest(db); !checked) return checked;  // another import may have been quicker
    auto row = db.query(
                     "INSERT INTO imports (id, path, size, digest, modified, imported_at, datagrams, flows) "
                     "VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
                   .all(id, source_.path, source_.size, source_.digest, source_.modified, now, datagrams_, rows_)
                   .run();
    if (!row) return row;
    for (auto& part : parts_)
      if (auto added = insert_segment(db, part.segment); !added) return added;
    if (auto added = add_account(db, ledger_, {.import_id = id}); !added) return added;
    return fault_point("import.before_commit");
  });
  if (!done) return fail(std::move(done.error()));
  return id;
}

Result<std::int64_t> Import::commit(Time now) {
  // A number of its own, never given twice, so that the names are free.
  std::int64_t id = 0;
  auto numbered = store_->catalog().write([&](sqlite::Database& db) -> Status {
    auto row = db.query(
        "INSERT INTO meta (key, value) VALUES ('last_import', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1 "
        "RETURNING value");
    const auto found = row.step();
    if (!found) return fail(found.error());
    id = row.integer(0);
    return row.run();
  });
  if (!numbered) return fail(std::move(numbered.error()));

  Status moved;
  std::vector<std::filesystem::path> files;
  for (auto& part : parts_) {
    Segment& segment = part.segment;
    segment.name = segment_prefix(segment.received.min.value_or(0)) + "i" + std::to_string(id) + "-" +
                   std::to_string(segment.sequence) + ".parquet";
    segment.import_id = id;
    segment.committed_at = now;
    const auto file = store_->path() / segment.name;
    moved = make_folder(store_->path(), file.parent_path());
    if (moved) moved = move_file(part.file, file);
    if (moved) files.push_back(file);
    if (moved) moved = fault_point("import.after_rename");
    if (!moved) break;
  }
  if (!parts_.empty()) {
    parts_.front().segment.datagrams = datagrams_;
    parts_.front().segment.loss = loss_;
  }
  if (!moved) {
    for (const auto& file : files) (void)remove_file(file);
    return fail(std::move(moved.error()));
  }
  // When the transaction fails in its last step nobody can say whether it is on the disk, so the files stay for the sweep.
  auto done = publish(id, now);
  if (done)
    if (auto point = fault_point("import.after_commit"); !point) return fail(std::move(point.error()));
  return done;
}

std::uint64_t Import::raw_bytes() const {
  std::uint64_t sum = 0;
  for (const Part& part : parts_) sum += part.segment.raw_bytes;
  return sum;
}

std::uint64_t Import::raw_packets() const {
  std::uint64_t sum = 0;
  for (const Part& part : parts_) sum += part.segment.raw_packets;
  return sum;
}

}  // namespace flowspan::store
