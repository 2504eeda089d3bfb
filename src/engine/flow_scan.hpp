// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "engine/database.hpp"
#include "flow/reader.hpp"

namespace flowspan::engine {

/// Opens the flows of one writer from the beginning; only the wanted fields need to be in its batches.
/// Called from any of DuckDB's threads, several at once.
using ReaderFactory = std::function<Result<std::unique_ptr<flow::Reader>>(const flow::FieldSet& wanted)>;

/// Gives `database` the table function live_flows(): the flows of all factories with a column for every field, named and
/// typed as read_parquet_sql gives them. Each scan opens each factory once; as many run side by side as there are threads.
/// An error of a reader is the query's error. Once per Database.
///
/// And live_flows_in_order(): the same with two columns more, `reader` UINTEGER, the number of the factory, and `reader_row`
/// UBIGINT, the number of the row within it, both from 0.
Status register_live_flows(Database& database, std::vector<ReaderFactory> factories);

}  // namespace flowspan::engine
