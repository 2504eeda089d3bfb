// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "flow/fields.hpp"

namespace flowspan::engine {

/// 'text' as an SQL string literal.
std::string sql_literal(std::string_view text);
/// "name" as an SQL identifier.
std::string sql_identifier(std::string_view name);
/// The SQL type of a field's column in a segment: u16 is USMALLINT, time_ms TIMESTAMP_MS, text VARCHAR.
std::string_view sql_type(flow::Type type);
/// The SQL type the field has in questions, from segments and live: as sql_type, but TIMESTAMP for time_ms too, for
/// DuckDB compares a TIMESTAMP_MS with a constant only after casting the column, and then prunes nothing.
std::string_view sql_read_type(flow::Type type);
/// The field's absent value as an SQL expression: "NULL", "4", "281470681743360".
std::string sql_absent(const flow::Field& field);

/// "['…', '…']": these files as DuckDB's functions take them, never as patterns.
std::string sql_files(std::span<const std::filesystem::path> files);

/// "read_parquet([…], schema = MAP {…})": the segments as one table with the columns `fields`, in the order of
/// fields.hpp, whatever columns each file has; what a file lacks has the field's absent value. Paths are taken as they
/// are, never as patterns. Files are not opened to bind it. With no path: an empty table of the same columns.
std::string read_parquet_sql(std::span<const std::filesystem::path> files,
                             const flow::FieldSet& fields = flow::FieldSet{}.set());

}  // namespace flowspan::engine
