// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "flow/sink.hpp"
#include "store/dataset.hpp"
#include "store/dataset_insert.hpp"

namespace flowspan::store {

/// A dataset that follows a collector. How far it has come stands in the dataset itself, in the transaction of the rows,
/// so that a crash neither loses nor doubles one.
class DatasetSink final : public flow::FlowSink {
 public:
  /// Makes the file if it is not there. Refuses a file that is no dataset, one that another collector fills, and, but
  /// with `keep`, one with flows that flowspan did not write.
  static Result<std::unique_ptr<DatasetSink>> open(const std::filesystem::path& file, const std::string& store_id,
                                                   bool keep);

  /// Clears the dataset of what an earlier run left, unless that run crashed (then it goes on), or `keep` was asked.
  /// `recovers`: the store had something to recover, so the last run did not end well, whatever the dataset says.
  /// True when there were flows to clear.
  Result<bool> begin_run(bool recovers);
  /// It has all flows of this run: the next one is a fresh start.
  Status end_run();

  flow::FieldSet wanted() const override { return dataset_fields(); }
  Pace pace() const override;
  bool keeps_marks() const override { return true; }
  Result<std::optional<flow::Mark>> mark(std::uint32_t writer) override;
  void put(const flow::FlowBatch& flows) override { append_dataset_rows(flows, rows_); }
  Status commit(std::span<const flow::Mark> marks) override;
  std::uint64_t progress() const override { return commits_; }
  bool ended() const override { return false; }

 private:
  DatasetSink(LockFile lock, std::unique_ptr<Dataset> dataset, DatasetInsert insert, std::string store_id, bool keep)
      : lock_(std::move(lock)),
        dataset_(std::move(dataset)),
        insert_(std::move(insert)),
        store_id_(std::move(store_id)),
        keep_(keep) {}
  Status write(std::span<const flow::Mark> marks);

  LockFile lock_;
  std::unique_ptr<Dataset> dataset_;
  DatasetInsert insert_;
  std::string store_id_;
  bool keep_;
  std::vector<DatasetRow> rows_;
  std::uint64_t commits_ = 0;
};

}  // namespace flowspan::store
