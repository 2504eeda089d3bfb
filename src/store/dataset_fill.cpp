// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/dataset_fill.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <span>
#include <type_traits>
#include <utility>

#include "base/fault.hpp"
#include "base/units.hpp"

namespace flowspan::store {
namespace {

// As long as SQLite's busy handler sleeps at most: another writer that waits gets in between two transactions.
constexpr Duration pause = 100 * millisecond;

// The gathered rows are this process' own: as they lie in memory.
static_assert(std::is_trivially_copyable_v<DatasetRow>);

/// The fact that tells how many flows of an import that is not yet complete are there.
std::string fact_of(const std::string& digest) { return "import " + digest; }

}  // namespace

Result<std::unique_ptr<DatasetFill>> DatasetFill::open(const std::filesystem::path& file, const std::string& store_id,
                                                       WorkFolder folder, std::uint64_t rows_at_once) {
  auto dataset = Dataset::open(file, Dataset::Access::write);
  if (!dataset) return fail(dataset.error());
  if (Status made = (*dataset)->make_tables(); !made) return fail(made.error());
  auto insert = DatasetInsert::prepare(**dataset);
  if (!insert) return fail(insert.error());
  std::unique_ptr<DatasetFill> fill(
      new DatasetFill(std::move(folder), std::move(*dataset), std::move(*insert), store_id, rows_at_once));
  auto gathered = open_file(fill->gathered_path_, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!gathered) return fail(gathered.error());
  fill->gathered_ = std::move(*gathered);
  return fill;
}

Result<bool> DatasetFill::has(const std::string& digest) {
  auto statement = dataset_->prepare("SELECT 1 FROM flowspan_imports WHERE digest = ?");
  if (!statement) return fail(statement.error());
  sqlite3_bind_text(statement->get(), 1, digest.c_str(), -1, SQLITE_STATIC);
  const auto remembered = dataset_->step(statement->get());
  if (!remembered || !*remembered) return remembered;
  const auto part = dataset_->fact(fact_of(digest).c_str());  // it was added once more, and that was not finished
  if (!part) return fail(part.error());
  return !*part;
}

Status DatasetFill::put(const flow::FlowBatch& flows) {
  rows_.clear();
  append_dataset_rows(flows, rows_);
  count_ += rows_.size();
  return write_all(gathered_.fd(), std::as_bytes(std::span(rows_)), gathered_path_);
}

Status DatasetFill::read_gathered(std::uint64_t from, std::uint64_t to) {
  rows_.resize(to - from);
  std::ifstream in(gathered_path_, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(from * sizeof(DatasetRow)));
  in.read(reinterpret_cast<char*>(rows_.data()), static_cast<std::streamsize>(rows_.size() * sizeof(DatasetRow)));
  if (!in) return fail("cannot read " + gathered_path_.string() + " again");
  return {};
}

Status DatasetFill::commit(const std::string& digest, const std::string& path, const std::function<bool()>& stop) {
  const auto before = added(digest);
  if (!before) return fail(before.error());
  for (std::uint64_t from = *before;;) {
    const std::uint64_t to = std::min(from + rows_at_once_, count_);
    if (Status done = add(from, to, digest, path); !done) return done;
    if (to == count_) return {};
    from = to;
    if (stop())
      return fail("stopped: the dataset " + dataset_->file().string() + " has " + count_text(from) + " of the " +
                  count_text(count_) + " flows of " + path + ", the store has them all; read it again for the rest");
    sqlite3_sleep(static_cast<int>(pause / millisecond));
  }
}

Result<std::uint64_t> DatasetFill::added(const std::string& digest) {
  const auto text = dataset_->fact(fact_of(digest).c_str());
  if (!text) return fail(text.error());
  if (!*text) return 0;
  std::uint64_t flows = 0;
  std::uint64_t all = 0;
  const char* const end = (*text)->data() + (*text)->size();
  const char* const rest = std::from_chars((*text)->data(), end, flows).ptr;
  if (rest != end) std::from_chars(rest + 1, end, all);
  if (all == count_ && flows < all) return flows;
  return fail("the dataset " + dataset_->file().string() + " has " + count_text(flows) + " of " + count_text(all) +
              " flows of this file, of which this flowspan reads " + count_text(count_) +
              ": go on with the version that began, or with a new dataset");
}

Status DatasetFill::add(std::uint64_t from, std::uint64_t to, const std::string& digest, const std::string& path) {
  if (Status read = read_gathered(from, to); !read) return read;
  if (Status begun = dataset_->exec("BEGIN IMMEDIATE"); !begun) return begun;
  Status status = write(from, to, digest, path);
  if (status) status = fault_point("sqlite.before_commit");
  if (status) status = dataset_->exec("COMMIT");
  if (status) return fault_point("sqlite.after_commit");
  (void)dataset_->exec("ROLLBACK");  // SQLite may have done so itself
  return status;
}

Status DatasetFill::write(std::uint64_t from, std::uint64_t to, const std::string& digest, const std::string& path) {
  const auto there = added(digest);
  if (!there) return fail(there.error());
  if (*there != from)
    return fail("the dataset " + dataset_->file().string() + " was cleared, or given the same file, while flows of " +
                path + " were added: read it again");
  if (Status claimed = claim(); !claimed) return claimed;
  if (Status inserted = insert_.add(rows_); !inserted) return inserted;
  return to == count_ ? remember(digest, path)
                      : dataset_->set_fact(fact_of(digest).c_str(), std::to_string(to) + "/" + std::to_string(count_));
}

/// A dataset without an owner is ours from now on; flows that are there already are somebody else's for ever.
Status DatasetFill::claim() {
  const auto owner = dataset_->fact("store");
  if (!owner) return fail(owner.error());
  if (*owner) return {};
  const auto rows = dataset_->number("SELECT EXISTS (SELECT 1 FROM Flow)");
  if (!rows) return fail(rows.error());
  if (*rows != 0)
    if (Status marked = dataset_->set_fact("foreign", "1"); !marked) return marked;
  return dataset_->set_fact("store", store_id_);
}

Status DatasetFill::remember(const std::string& digest, const std::string& path) {
  auto statement = dataset_->prepare("INSERT OR REPLACE INTO flowspan_imports (digest, path, flows) VALUES (?, ?, ?)");
  if (!statement) return fail(statement.error());
  sqlite3_bind_text(statement->get(), 1, digest.c_str(), -1, SQLITE_STATIC);
  sqlite3_bind_text(statement->get(), 2, path.c_str(), -1, SQLITE_STATIC);
  sqlite3_bind_int64(statement->get(), 3, static_cast<std::int64_t>(count_));
  const auto done = dataset_->step(statement->get());
  if (!done) return fail(done.error());
  return dataset_->clear_fact(fact_of(digest).c_str());
}

}  // namespace flowspan::store
