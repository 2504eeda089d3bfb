// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/dataset_fill.hpp"

#include <sqlite3.h>

#include <utility>

#include "base/fault.hpp"

namespace flowspan::store {

Result<std::unique_ptr<DatasetFill>> DatasetFill::open(const std::filesystem::path& file, const std::string& store_id) {
  auto dataset = Dataset::open(file, Dataset::Access::write);
  if (!dataset) return fail(dataset.error());
  if (Status made = (*dataset)->make_tables(); !made) return fail(made.error());
  auto insert = DatasetInsert::prepare(**dataset);
  if (!insert) return fail(insert.error());
  return std::unique_ptr<DatasetFill>(new DatasetFill(std::move(*dataset), std::move(*insert), store_id));
}

Result<bool> DatasetFill::has(const std::string& digest) {
  auto statement = dataset_->prepare("SELECT 1 FROM flowspan_imports WHERE digest = ?");
  if (!statement) return fail(statement.error());
  sqlite3_bind_text(statement->get(), 1, digest.c_str(), -1, SQLITE_STATIC);
  return dataset_->step(statement->get());
}

Status DatasetFill::begin() {
  if (Status begun = dataset_->exec("BEGIN IMMEDIATE"); !begun) return begun;
  const auto owner = dataset_->fact("store");
  if (!owner) return fail(owner.error());
  const auto rows = dataset_->number("SELECT EXISTS (SELECT 1 FROM Flow)");
  if (!rows) return fail(rows.error());
  return *owner || *rows == 0 ? Status{} : dataset_->set_fact("foreign", "1");
}

Status DatasetFill::put(const flow::FlowBatch& flows) {
  rows_.clear();
  append_dataset_rows(flows, rows_);
  count_ += rows_.size();
  return insert_.add(rows_);
}

Status DatasetFill::commit(const std::string& digest, const std::string& path) {
  auto statement = dataset_->prepare("INSERT OR REPLACE INTO flowspan_imports (digest, path, flows) VALUES (?, ?, ?)");
  if (!statement) return fail(statement.error());
  sqlite3_bind_text(statement->get(), 1, digest.c_str(), -1, SQLITE_STATIC);
  sqlite3_bind_text(statement->get(), 2, path.c_str(), -1, SQLITE_STATIC);
  sqlite3_bind_int64(statement->get(), 3, static_cast<std::int64_t>(count_));
  const auto done = dataset_->step(statement->get());
  if (!done) return fail(done.error());
  statement->reset();
  const auto owner = dataset_->fact("store");
  if (!owner) return fail(owner.error());
  if (!*owner)
    if (Status named = dataset_->set_fact("store", store_id_); !named) return named;
  if (Status point = fault_point("sqlite.before_commit"); !point) return point;
  if (Status committed = dataset_->exec("COMMIT"); !committed) return committed;
  return fault_point("sqlite.after_commit");
}

}  // namespace flowspan::store
