// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/copy_sql.hpp"

#include <fmt/format.h>

#include "engine/scan_sql.hpp"

namespace flowspan::engine {

std::string copy_to_parquet(std::string_view select, const flow::FieldSet& columns, const std::filesystem::path& file,
                            const ParquetOptions& options) {
  std::string ids;
  for (flow::FieldIndex i = 0; i < flow::field_count; ++i)
    if (columns[i])
      ids += fmt::format("{}{}: {}", ids.empty() ? "" : ", ", sql_identifier(flow::fields[i].name),
                         flow::fields[i].number);
  std::string pairs = "flowspan_format: '1'";
  for (const auto& [key, value] : options.metadata)
    pairs += fmt::format(", {}: {}", sql_identifier(key), sql_literal(value));
  return fmt::format(
      "COPY ({}) TO {} (FORMAT parquet, USE_TMP_FILE false, COMPRESSION {}, PARQUET_VERSION {}, DICTIONARY_SIZE_LIMIT "
      "{}, "
      "ROW_GROUP_SIZE {}, WRITE_BLOOM_FILTER false, FIELD_IDS {{{}}}, KV_METADATA {{{}}})",
      select, sql_literal(file.native()), options.compression, options.parquet_version, options.dictionary_size_limit,
      options.row_group_size, ids, pairs);
}

}  // namespace flowspan::engine
