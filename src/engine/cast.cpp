// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
// The names of DuckDB's types, and cells cast to text by DuckDB itself: a table function hands a fetched chunk back to it
// under "SELECT CAST(… AS VARCHAR)" on a session of its own.

#include <fmt/format.h>

#include "engine/cells.hpp"
#include "engine/scan_sql.hpp"

namespace flowspan::engine {
namespace {

/// Text that DuckDB allocated.
std::string taken(char* text) {
  std::string copy = text == nullptr ? "" : text;
  duckdb_free(text);
  return copy;
}

std::string scalar_name(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT: return "TINYINT";
    case DUCKDB_TYPE_SMALLINT: return "SMALLINT";
    case DUCKDB_TYPE_INTEGER: return "INTEGER";
    case DUCKDB_TYPE_BIGINT: return "BIGINT";
    case DUCKDB_TYPE_UTINYINT: return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT: return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER: return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT: return "UBIGINT";
    case DUCKDB_TYPE_HUGEINT: return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT: return "UHUGEINT";
    case DUCKDB_TYPE_FLOAT: return "FLOAT";
    case DUCKDB_TYPE_DOUBLE: return "DOUBLE";
    case DUCKDB_TYPE_VARCHAR: return "VARCHAR";
    case DUCKDB_TYPE_BLOB: return "BLOB";
    case DUCKDB_TYPE_BIT: return "BIT";
    case DUCKDB_TYPE_UUID: return "UUID";
    case DUCKDB_TYPE_BIGNUM: return "BIGNUM";
    case DUCKDB_TYPE_DATE: return "DATE";
    case DUCKDB_TYPE_TIME: return "TIME";
    case DUCKDB_TYPE_TIME_NS: return "TIME_NS";
    case DUCKDB_TYPE_TIME_TZ: return "TIME WITH TIME ZONE";
    case DUCKDB_TYPE_TIMESTAMP: return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_S: return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS: return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS: return "TIMESTAMP_NS";
    case DUCKDB_TYPE_TIMESTAMP_TZ: return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_INTERVAL: return "INTERVAL";
    case DUCKDB_TYPE_ENUM: return "ENUM";
    case DUCKDB_TYPE_SQLNULL: return "NULL";
    default: return "UNKNOWN";
  }
}

std::string member(std::string name, duckdb_logical_type type) { return sql_identifier(name) + " " + type_name(type); }

std::string struct_name(duckdb_logical_type type) {
  std::string text = "STRUCT(";
  for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
    const OwnedType child(duckdb_struct_type_child_type(type, i));
    text += (i > 0 ? ", " : "") + member(taken(duckdb_struct_type_child_name(type, i)), child.get());
  }
  return text + ")";
}

std::string union_name(duckdb_logical_type type) {
  std::string text = "UNION(";
  for (idx_t i = 0; i < duckdb_union_type_member_count(type); ++i) {
    const OwnedType child(duckdb_union_type_member_type(type, i));
    text += (i > 0 ? ", " : "") + member(taken(duckdb_union_type_member_name(type, i)), child.get());
  }
  return text + ")";
}

/// What flowspan_cast emits: columns of a chunk that lives in another result, once.
struct Cast {
  CastSources::Source source;
  bool done = false;
};

void cast_bind(duckdb_bind_info info) {
  auto& sources = *static_cast<CastSources*>(duckdb_bind_get_extra_info(info));
  const OwnedValue token(duckdb_bind_get_parameter(info, 0));
  const auto source = sources.find(duckdb_get_uint64(token.get()));
  if (!source) {
    duckdb_bind_set_error(info, "flowspan_cast is for flowspan's own use");
    return;
  }
  for (const std::size_t column : source->columns) {
    const OwnedType type(duckdb_vector_get_column_type(duckdb_data_chunk_get_vector(source->chunk, column)));
    duckdb_bind_add_result_column(info, fmt::format("c{}", column).c_str(), type.get());
  }
  duckdb_bind_set_bind_data(info, new Cast{*source, false}, [](void* data) { delete static_cast<Cast*>(data); });
}

void cast_init(duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); }

void cast_emit(duckdb_function_info info, duckdb_data_chunk output) {
  auto& cast = *static_cast<Cast*>(duckdb_function_get_bind_data(info));
  if (cast.done) return duckdb_data_chunk_set_size(output, 0);
  cast.done = true;
  for (std::size_t i = 0; i < cast.source.columns.size(); ++i)
    duckdb_vector_reference_vector(duckdb_data_chunk_get_vector(output, i),
                                   duckdb_data_chunk_get_vector(cast.source.chunk, cast.source.columns[i]));
  duckdb_data_chunk_set_size(output, duckdb_data_chunk_get_size(cast.source.chunk));
}

}  // namespace

std::string type_name(duckdb_logical_type type) {
  if (char* alias = duckdb_logical_type_get_alias(type); alias != nullptr) return taken(alias);
  switch (const duckdb_type id = duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_DECIMAL:
      return fmt::format("DECIMAL({},{})", duckdb_decimal_width(type), duckdb_decimal_scale(type));
    case DUCKDB_TYPE_LIST: return type_name(OwnedType(duckdb_list_type_child_type(type)).get()) + "[]";
    case DUCKDB_TYPE_ARRAY:
      return fmt::format("{}[{}]", type_name(OwnedType(duckdb_array_type_child_type(type)).get()),
                         duckdb_array_type_array_size(type));
    case DUCKDB_TYPE_MAP:
      return fmt::format("MAP({}, {})", type_name(OwnedType(duckdb_map_type_key_type(type)).get()),
                         type_name(OwnedType(duckdb_map_type_value_type(type)).get()));
    case DUCKDB_TYPE_STRUCT: return struct_name(type);
    case DUCKDB_TYPE_UNION: return union_name(type);
    default: return scalar_name(id);
  }
}

std::uint64_t CastSources::add(Source source) {
  const std::lock_guard lock(mutex_);
  sources_.emplace(next_, std::move(source));
  return next_++;
}

std::optional<CastSources::Source> CastSources::find(std::uint64_t token) {
  const std::lock_guard lock(mutex_);
  const auto found = sources_.find(token);
  if (found == sources_.end()) return std::nullopt;
  return found->second;
}

void CastSources::remove(std::uint64_t token) {
  const std::lock_guard lock(mutex_);
  sources_.erase(token);
}

Status register_cast(ConnectionHandle& connection) {
  const OwnedTableFunction function(duckdb_create_table_function());
  const OwnedType token(duckdb_create_logical_type(DUCKDB_TYPE_UBIGINT));
  duckdb_table_function_set_name(function.get(), "flowspan_cast");
  duckdb_table_function_add_parameter(function.get(), token.get());
  duckdb_table_function_set_extra_info(function.get(), &connection.database->casts, nullptr);
  duckdb_table_function_set_bind(function.get(), cast_bind);
  duckdb_table_function_set_init(function.get(), cast_init);
  duckdb_table_function_set_function(function.get(), cast_emit);
  if (duckdb_register_table_function(connection.connection, function.get()) == DuckDBError)
    return fail("DuckDB does not take the function flowspan_cast");
  return {};
}

Result<OwnedChunk> cast_to_text(ConnectionHandle& session, CastSources::Source source) {
  std::string list;
  for (const std::size_t column : source.columns)
    list += fmt::format("{}CAST(c{} AS VARCHAR)", list.empty() ? "" : ", ", column);
  CastSources& sources = session.database->casts;
  const std::uint64_t token = sources.add(std::move(source));
  OwnedResult result;
  const auto state = duckdb_query(
      session.connection, fmt::format("SELECT {} FROM flowspan_cast({}::UBIGINT)", list, token).c_str(), result.get());
  sources.remove(token);
  if (state == DuckDBError) return fail(session.failure(duckdb_result_error(result.get())));
  OwnedChunk chunk(duckdb_fetch_chunk(*result.get()));
  if (!chunk) return fail("DuckDB cast a chunk of rows to nothing");
  return chunk;
}

}  // namespace flowspan::engine
