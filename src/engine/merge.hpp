// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "engine/database.hpp"
#include "engine/parquet_out.hpp"

namespace flowspan::engine {

struct MergeOptions {
  /// SQL columns to sort by, e.g. "dst_lo, src_lo, first_time"; empty: the inputs' rows in the inputs' order.
  std::string order;
  std::uint32_t row_group_size = 122'880;
  std::vector<std::pair<std::string, std::string>> metadata;  ///< beside flowspan_format
};

/// Writes the flows of `inputs` (segments with any columns) as one file with the columns `fields`, small rather than
/// fast (zstd). `fields` must hold every column that some input has, else that column is lost. Memory is bounded by the
/// database's limit; open it with threads = 1. The file is neither synced nor renamed; after an error there is none.
Result<ParquetFile> merge_parquet(Database& database, std::span<const std::filesystem::path> inputs,
                                  const flow::FieldSet& fields, const std::filesystem::path& output,
                                  const MergeOptions& options = {});

}  // namespace flowspan::engine
