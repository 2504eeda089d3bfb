// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/configuration.hpp"
#include "app/run_counters.hpp"
#include "flow/reader.hpp"
#include "store/dataset_fill.hpp"
#include "store/import.hpp"
#include "store/store.hpp"

namespace flowspan::app {

/// What became of one file.
struct ReadCounters {
  RunCounters run;
  std::vector<std::string> warnings;
  std::string nothing;  ///< why nothing was imported
};

/// Where the flows of one file go: into the store, into a dataset (--sqlite), each only if it has not got them yet.
class ReadTarget {
 public:
  /// Refuses a file that all of them have, unless source.again.
  static Result<ReadTarget> begin(store::Store& store, const Configuration& configuration, store::ImportSource source);

  Status add_segment(const flow::FieldSet& fields, flow::Reader& flows);
  Status commit(std::uint64_t datagrams, const store::Loss& loss, flow::Ledger ledger = {});
  /// Nothing when the store had the file before, and only the dataset is filled.
  const std::optional<store::Import>& import() const { return import_; }

 private:
  std::string path_;
  std::string digest_;
  std::optional<store::Import> import_;
  std::unique_ptr<store::DatasetFill> fill_;
};

/// The file as the store remembers it. `digest` is that of its content.
store::ImportSource import_source(const std::filesystem::path& path, std::string digest, bool again);
/// Where a segment of an import ends.
std::uint64_t rows_per_segment(const Configuration& configuration);

/// A dataset that GDP or flowspan wrote.
Result<ReadCounters> read_dataset(store::Store& store, const Configuration& configuration,
                                  const std::filesystem::path& path, bool again);

}  // namespace flowspan::app
