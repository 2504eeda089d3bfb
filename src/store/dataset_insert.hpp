// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "store/dataset.hpp"
#include "store/dataset_rows.hpp"

namespace flowspan::store {

/// Adds rows to a dataset, within the caller's transaction.
class DatasetInsert {
 public:
  /// The dataset outlives it.
  static Result<DatasetInsert> prepare(Dataset& dataset);
  Status add(std::span<const DatasetRow> rows);

 private:
  DatasetInsert(Dataset& dataset, Dataset::Statement statement)
      : dataset_(&dataset), statement_(std::move(statement)) {}
  Dataset* dataset_;
  Dataset::Statement statement_;
};

}  // namespace flowspan::store
