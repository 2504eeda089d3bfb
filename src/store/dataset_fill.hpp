// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "flow/reader.hpp"
#include "store/dataset.hpp"
#include "store/dataset_insert.hpp"

namespace flowspan::store {

/// The flows of one imported file, added to a dataset in one transaction. Without commit() nothing is added.
class DatasetFill {
 public:
  static Result<std::unique_ptr<DatasetFill>> open(const std::filesystem::path& file, const std::string& store_id);

  /// A file of this content was added before.
  Result<bool> has(const std::string& digest);
  Status begin();
  Status put(const flow::FlowBatch& flows);
  /// Remembers the content by its digest.
  Status commit(const std::string& digest, const std::string& path);

 private:
  DatasetFill(std::unique_ptr<Dataset> dataset, DatasetInsert insert, std::string store_id)
      : dataset_(std::move(dataset)), insert_(std::move(insert)), store_id_(std::move(store_id)) {}

  std::unique_ptr<Dataset> dataset_;
  DatasetInsert insert_;
  std::string store_id_;
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
