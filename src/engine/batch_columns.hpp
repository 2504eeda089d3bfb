// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Columns of a FlowBatch into DuckDB's vectors. Only for the .cpp files of this folder.

#include <duckdb.h>

#include <cstddef>

#include "flow/batch.hpp"

namespace flowspan::engine {

/// Rows [from, from + count) of a sealed batch, to be put into rows [at, at + count) of a chunk of DuckDB's.
struct Slice {
  const flow::FlowBatch& batch;
  std::size_t from;
  std::size_t count;
  std::size_t at;
};

/// As the field lies in a segment: width for width, NULLs, the absent value where the batch has no such column.
void copy_column(const Slice& slice, flow::FieldIndex field, duckdb_vector vector);
/// As the field reads in questions (sql_read_type): the same, but milliseconds become microseconds.
void copy_read_column(const Slice& slice, flow::FieldIndex field, duckdb_vector vector);

/// DuckDB's type for a column of segments, and for one of questions.
duckdb_type column_type(flow::Type type);
duckdb_type read_column_type(flow::Type type);

}  // namespace flowspan::engine
