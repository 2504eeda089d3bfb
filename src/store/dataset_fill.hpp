// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "flow/reader.hpp"
#include "store/dataset.hpp"
#include "store/dataset_insert.hpp"
#include "store/work_folder.hpp"

namespace flowspan::store {

/// The flows of one imported file, added to a dataset that a collector may be filling meanwhile. They are gathered in a
/// file of their own, and only commit() adds them: in short transactions, each of which remembers how many of the file's
/// flows are there. After a crash the same file, read again, goes on behind them, so that none is there twice.
class DatasetFill {
 public:
  /// Others wait no longer than one transaction of so many takes.
  static constexpr std::uint64_t usual_rows_at_once = 100'000;

  /// `folder` is where the flows are gathered.
  static Result<std::unique_ptr<DatasetFill>> open(const std::filesystem::path& file, const std::string& store_id,
                                                   WorkFolder folder, std::uint64_t rows_at_once = usual_rows_at_once);

  /// All flows of a file of this content were added before.
  Result<bool> has(const std::string& digest);
  Status put(const flow::FlowBatch& flows);
  /// Adds what was put, and remembers the content by its digest. Stops between two transactions when `stop` says true.
  Status commit(const std::string& digest, const std::string& path, const std::function<bool()>& stop);

 private:
  DatasetFill(WorkFolder folder, std::unique_ptr<Dataset> dataset, DatasetInsert insert, std::string store_id,
              std::uint64_t rows_at_once)
      : folder_(std::move(folder)),
        gathered_path_(folder_.path() / "rows"),
        dataset_(std::move(dataset)),
        insert_(std::move(insert)),
        store_id_(std::move(store_id)),
        rows_at_once_(rows_at_once) {}
  Status read_gathered(std::uint64_t from, std::uint64_t to);
  Result<std::uint64_t> added(const std::string& digest);
  Status add(std::uint64_t from, std::uint64_t to, const std::string& digest, const std::string& path);
  Status write(std::uint64_t from, std::uint64_t to, const std::string& digest, const std::string& path);
  Status claim();
  Status remember(const std::string& digest, const std::string& path);

  WorkFolder folder_;
  std::filesystem::path gathered_path_;
  FileDescriptor gathered_;
  std::unique_ptr<Dataset> dataset_;
  DatasetInsert insert_;
  std::string store_id_;
  std::uint64_t rows_at_once_;
  std::vector<DatasetRow> rows_;
  std::uint64_t count_ = 0;
};

/// Passes on the flows of another reader and puts them into a dataset as well. Both outlive it.
class FillingReader final : public flow::Reader {
 public:
  FillingReader(flow::Reader& flows, DatasetFill& fill) : flows_(flows), fill_(fill) {}
  Result<bool> read(flow::FlowBatch& batch) override {
    const Result<bool> more = flows_.read(batch);
    if (!more || !*more) return more;
    if (const Status put = fill_.put(batch); !put) return fail(put.error());
    return true;
  }

 private:
  flow::Reader& flows_;
  DatasetFill& fill_;
};

}  // namespace flowspan::store
