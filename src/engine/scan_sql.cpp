// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/scan_sql.hpp"

#include <fmt/format.h>

namespace flowspan::engine {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote) result += quote;
    result += c;
  }
  return result += quote;
}

/// A path that DuckDB's glob matches only with itself.
std::string escape_pattern(std::string_view path) {
  std::string result;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[')
      (result += '[') += c, result += ']';
    else
      result += c;
  }
  return result;
}

std::string empty_table(const flow::FieldSet& fields) {
  std::string columns;
  for (flow::FieldIndex i = 0; i < flow::field_count; ++i)
    if (fields[i])
      columns += fmt::format("{}CAST(NULL AS {}) AS {}", columns.empty() ? "" : ", ",
                             sql_read_type(flow::fields[i].type), sql_identifier(flow::fields[i].name));
  return fmt::format("(SELECT {} WHERE false)", columns);
}

}  // namespace

std::string sql_literal(std::string_view text) { return quoted(text, '\''); }
std::string sql_identifier(std::string_view name) { return quoted(name, '"'); }

std::string_view sql_type(flow::Type type) {
  switch (type) {
    case flow::Type::u8: return "UTINYINT";
    case flow::Type::u16: return "USMALLINT";
    case flow::Type::u32: return "UINTEGER";
    case flow::Type::u64: return "UBIGINT";
    case flow::Type::i64: return "BIGINT";
    case flow::Type::f64: return "DOUBLE";
    case flow::Type::time_ms: return "TIMESTAMP_MS";
    case flow::Type::time_us: return "TIMESTAMP";
    case flow::Type::time_ns: return "TIMESTAMP_NS";
    case flow::Type::text: return "VARCHAR";
  }
  return "VARCHAR";
}

std::string_view sql_read_type(flow::Type type) {
  return sql_type(type == flow::Type::time_ms ? flow::Type::time_us : type);
}

std::string sql_absent(const flow::Field& field) {
  return field.absent == flow::null ? "NULL" : fmt::to_string(field.absent);
}

std::string sql_files(std::span<const std::filesystem::path> files) {
  std::string sql = "[";
  for (const auto& file : files) {
    if (&file != files.data()) sql += ", ";
    sql += sql_literal(escape_pattern(file.native()));
  }
  return sql + "]";
}

std::string read_parquet_sql(std::span<const std::filesystem::path> files, const flow::FieldSet& fields) {
  if (files.empty()) return empty_table(fields);
  std::string sql = "read_parquet(" + sql_files(files) + ", schema = MAP {";
  bool first = true;
  for (flow::FieldIndex i = 0; i < flow::field_count; ++i) {
    if (!fields[i]) continue;
    const flow::Field& field = flow::fields[i];
    // All defaults as text, or DuckDB finds no common type for the map's values.
    sql += fmt::format("{}{}: {{name: {}, type: '{}', default_value: {}}}", first ? "" : ", ", field.number,
                       sql_literal(field.name), sql_read_type(field.type),
                       field.absent == flow::null ? "NULL::VARCHAR" : sql_literal(sql_absent(field)));
    first = false;
  }
  return sql + "})";
}

}  // namespace flowspan::engine
