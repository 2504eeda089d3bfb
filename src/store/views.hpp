// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flow/fields.hpp"
#include "store/exporter_settings.hpp"

namespace flowspan::store {

struct ViewOptions {
  std::vector<ExporterSettings> exporters = {};
  bool raw = false;  ///< `bytes` and `packets` as exported
  /// false: no row of the relation has a sampling_rate (no segment has the column), so nothing is computed for it.
  bool sampling_said = true;
};

/// The columns that the view has beside those of fields.hpp, with their SQL types.
struct ViewColumn {
  std::string_view name;
  std::string_view type;
  std::string_view help;
};
std::span<const ViewColumn> view_columns();

/// "SELECT … FROM (relation)": the view `flows` over a relation that has all columns of fields.hpp, e.g.
/// relation_sql(…). Needs the functions of engine/functions.hpp.
std::string flows_sql(std::string_view relation, const ViewOptions& options);

/// The committed files and, if `live`, the journal after them: read_parquet(…) UNION ALL BY NAME live_flows(). Columns
/// that are not `present` in any file are constants, which cost a question nothing.
std::string relation_sql(std::span<const std::filesystem::path> files, bool live,
                         const flow::FieldSet& present = flow::FieldSet{}.set());

/// Where the files and the readers of live_flows() stand in the order of the flows: of two flows received in the same
/// microsecond the one of the lower place came first, and within a place the one of the lower row.
struct Places {
  std::vector<std::uint32_t> files;
  std::vector<std::uint32_t> live;
};
/// relation_sql() with two columns more: `place` and `place_row`. There must be a file or a reader.
std::string placed_relation_sql(std::span<const std::filesystem::path> files, const Places& places,
                                const flow::FieldSet& present = flow::FieldSet{}.set());

/// The same view as statements for any DuckDB from 1.0 on, without flowspan: macros for the texts of addresses, the
/// files in a list. What `flowspan store views` prints.
std::string portable_views(std::span<const std::filesystem::path> files, const ViewOptions& options);

}  // namespace flowspan::store
