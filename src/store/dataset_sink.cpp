// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/dataset_sink.hpp"

#include <sqlite3.h>

#include <utility>

#include "base/fault.hpp"
#include "base/units.hpp"

namespace flowspan::store {
namespace {

// A second's worth at 250,000 flows/s; more only makes the transaction longer, and the memory larger.
constexpr std::uint64_t most_rows = 250'000;
constexpr Duration patience = 250 * millisecond;

}  // namespace

Result<std::unique_ptr<DatasetSink>> DatasetSink::open(const std::filesystem::path& file, const std::string& store_id,
                                                       bool keep) {
  auto dataset = Dataset::open(file, Dataset::Access::write);
  if (!dataset) return fail(dataset.error());
  const auto foreign = (*dataset)->has_foreign_flows();
  if (!foreign) return fail(foreign.error());
  if (*foreign && !keep)
    return fail(file.string() +
                " holds flows that flowspan did not write: name another file, or say --sqlite-keep to add to them "
                "(`flowspan read` imports them into a store)");
  auto lock = LockFile::acquire(file.string() + ".lock", "fill the dataset " + file.string());
  if (!lock) return fail(lock.error());
  if (Status made = (*dataset)->make_tables(); !made) return fail(made.error());
  auto insert = DatasetInsert::prepare(**dataset);
  if (!insert) return fail(insert.error());
  return std::unique_ptr<DatasetSink>(
      new DatasetSink(std::move(*lock), std::move(*dataset), std::move(*insert), store_id, keep));
}

flow::FlowSink::Pace DatasetSink::pace() const { return {most_rows, second}; }

Result<bool> DatasetSink::begin_run(bool recovers) {
  const auto owner = dataset_->fact("store");
  if (!owner) return fail(owner.error());
  const auto open = dataset_->fact("run");
  if (!open) return fail(open.error());
  const bool same_store = *owner == store_id_;
  const bool goes_on = same_store && (recovers || *open == "open");
  const auto rows_before = dataset_->number("SELECT EXISTS (SELECT 1 FROM Flow)");
  if (!rows_before) return fail(rows_before.error());
  const bool fresh = !keep_ && !goes_on;
  const bool clears = fresh && *rows_before != 0;
  if (clears)
    if (Status cleared = dataset_->clear(); !cleared) return fail(cleared.error());
  if (Status begun = dataset_->exec("BEGIN IMMEDIATE"); !begun) return fail(begun.error());
  Status status;
  // What another store's writers were called means nothing here, nor where they stood, once their rows are gone.
  if (!same_store || fresh) status = dataset_->exec("DELETE FROM flowspan_writers");
  // Somebody's flows are never cleared without a word, however often we have added to them.
  if (status && !*owner && *rows_before != 0) status = dataset_->set_fact("foreign", "1");
  if (status) status = dataset_->set_fact("store", store_id_);
  if (status) status = dataset_->set_fact("run", "open");
  if (status) status = dataset_->exec("COMMIT");
  // From now on it is the outlet that tries again, and that must hear meanwhile that it is to end.
  dataset_->set_patience(patience);
  if (status) return clears;
  (void)dataset_->exec("ROLLBACK");
  return fail(status.error());
}

Status DatasetSink::end_run() { return dataset_->set_fact("run", "ended"); }

Result<std::optional<flow::Mark>> DatasetSink::mark(std::uint32_t writer) {
  auto statement = dataset_->prepare("SELECT file, \"offset\", state FROM flowspan_writers WHERE writer = ?");
  if (!statement) return fail(statement.error());
  sqlite3_bind_int64(statement->get(), 1, writer);
  const auto found = dataset_->step(statement->get());
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  flow::Mark mark;
  mark.writer = writer;
  mark.position.file = static_cast<std::uint32_t>(sqlite3_column_int64(statement->get(), 0));
  mark.position.offset = static_cast<std::uint64_t>(sqlite3_column_int64(statement->get(), 1));
  if (const void* state = sqlite3_column_blob(statement->get(), 2); state != nullptr)
    mark.state.assign(static_cast<const char*>(state),
                      static_cast<std::size_t>(sqlite3_column_bytes(statement->get(), 2)));
  return std::optional(std::move(mark));
}

Status DatasetSink::commit(std::span<const flow::Mark> marks) {
  if (Status begun = dataset_->exec("BEGIN IMMEDIATE"); !begun) return begun;
  Status status = write(marks);
  if (status) status = fault_point("sqlite.before_commit");
  if (status) status = dataset_->exec("COMMIT");
  if (!status) {
    (void)dataset_->exec("ROLLBACK");  // SQLite may have done so itself
    return status;
  }
  rows_.clear();
  ++commits_;
  return fault_point("sqlite.after_commit");
}

Status DatasetSink::write(std::span<const flow::Mark> marks) {
  if (Status added = insert_.add(rows_); !added) return added;
  auto statement = dataset_->prepare(
      "INSERT OR REPLACE INTO flowspan_writers (writer, file, \"offset\", state) VALUES (?, ?, ?, ?)");
  if (!statement) return fail(statement.error());
  for (const flow::Mark& mark : marks) {
    sqlite3_bind_int64(statement->get(), 1, mark.writer);
    sqlite3_bind_int64(statement->get(), 2, mark.position.file);
    sqlite3_bind_int64(statement->get(), 3, static_cast<std::int64_t>(mark.position.offset));
    sqlite3_bind_blob64(statement->get(), 4, mark.state.data(), mark.state.size(), SQLITE_STATIC);
    const auto done = dataset_->step(statement->get());
    sqlite3_reset(statement->get());
    if (!done) return fail(done.error());
  }
  return {};
}

}  // namespace flowspan::store
