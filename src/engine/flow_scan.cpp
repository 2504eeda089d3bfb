// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/flow_scan.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <string>
#include <utility>

#include "engine/batch_columns.hpp"
#include "engine/handles.hpp"

namespace flowspan::engine {
namespace {

template <typename T>
void delete_as(void* object) {
  delete static_cast<T*>(object);
}

/// What live_flows() reads, as long as the database lives.
struct LiveFlows {
  std::vector<ReaderFactory> factories;
  DatabaseHandle& database;
};

/// Columns of live_flows_in_order() after the fields, and one that nobody reads.
constexpr std::size_t reader_column = flow::field_count;
constexpr std::size_t reader_row_column = flow::field_count + 1;
constexpr std::size_t no_column = flow::field_count + 2;

/// One scan: which fields the query wants, and which factory comes next.
struct Scan {
  flow::FieldSet wanted;
  std::vector<std::size_t> columns;  ///< of the output: fields, or one of the three above
  std::atomic<std::size_t> next{0};
};

/// One thread's part in a scan.
struct Part {
  explicit Part(const flow::FieldSet& wanted) : batch(wanted) {}
  std::unique_ptr<flow::Reader> reader;
  flow::FlowBatch batch;
  std::size_t taken = 0;            ///< rows of the batch that DuckDB has
  std::size_t number = 0;           ///< of the reader
  std::uint64_t rows_in_front = 0;  ///< of the batch: rows of the reader
};

void bind(duckdb_bind_info info) {
  for (const flow::Field& field : flow::fields) {
    const OwnedType type(duckdb_create_logical_type(read_column_type(field.type)));
    duckdb_bind_add_result_column(info, std::string(field.name).c_str(), type.get());
  }
}

void bind_in_order(duckdb_bind_info info) {
  bind(info);
  for (const auto& [name, kind] : {std::pair{"reader", DUCKDB_TYPE_UINTEGER}, {"reader_row", DUCKDB_TYPE_UBIGINT}}) {
    const OwnedType type(duckdb_create_logical_type(kind));
    duckdb_bind_add_result_column(info, name, type.get());
  }
}

void init(duckdb_init_info info) {
  const auto& live = *static_cast<LiveFlows*>(duckdb_init_get_extra_info(info));
  auto scan = std::make_unique<Scan>();
  for (idx_t i = 0; i < duckdb_init_get_column_count(info); ++i) {
    // A count of rows may ask for a column that is none.
    const std::size_t column = std::min<std::size_t>(duckdb_init_get_column_index(info, i), no_column);
    scan->columns.push_back(column);
    if (column < flow::field_count) scan->wanted.set(column);
  }
  duckdb_init_set_max_threads(info, std::max<std::size_t>(live.factories.size(), 1));
  duckdb_init_set_init_data(info, scan.release(), delete_as<Scan>);
}

void init_part(duckdb_init_info info) {
  // The scan's own data is not at hand here; the first call of emit gives the batch its wishes.
  duckdb_init_set_init_data(info, new Part(flow::FieldSet{}), delete_as<Part>);
}

/// Makes the part's batch hold rows that DuckDB has not yet; false when all factories are read.
Result<bool> next_rows(const LiveFlows& live, Scan& scan, Part& part) {
  while (part.taken == part.batch.rows()) {
    part.taken = 0;
    part.rows_in_front += part.batch.rows();
    if (!part.reader) {
      const std::size_t mine = scan.next.fetch_add(1, std::memory_order_relaxed);
      if (mine >= live.factories.size()) return false;
      auto reader = live.factories[mine](scan.wanted);
      if (!reader) return fail(reader.error());
      part.reader = std::move(*reader);
      part.batch.clear(scan.wanted);
      part.number = mine;
      part.rows_in_front = 0;
    }
    const auto more = part.reader->read(part.batch);
    if (!more) return fail(more.error());
    if (!*more) {
      part.batch.clear();
      part.reader.reset();
    }
  }
  return true;
}

void put_place(const Part& part, const Slice& slice, std::size_t column, duckdb_vector vector) {
  void* const data = duckdb_vector_get_data(vector);
  if (column == reader_column) std::fill_n(static_cast<std::uint32_t*>(data), slice.count, part.number);
  if (column == reader_row_column) {
    auto* const rows = static_cast<std::uint64_t*>(data);
    std::iota(rows, rows + slice.count, part.rows_in_front + slice.from);
  }
}

void emit(duckdb_function_info info, duckdb_data_chunk output) {
  const auto& live = *static_cast<LiveFlows*>(duckdb_function_get_extra_info(info));
  auto& scan = *static_cast<Scan*>(duckdb_function_get_init_data(info));
  auto& part = *static_cast<Part*>(duckdb_function_get_local_init_data(info));
  const auto more = next_rows(live, scan, part);
  if (!more) {
    live.database.remember(more.error());
    return duckdb_function_set_error(info, more.error().text.c_str());
  }
  if (!*more) return duckdb_data_chunk_set_size(output, 0);
  const Slice slice{part.batch, part.taken, std::min<std::size_t>(duckdb_vector_size(), part.batch.rows() - part.taken),
                    0};
  for (std::size_t i = 0; i < scan.columns.size(); ++i) {
    if (scan.columns[i] < flow::field_count)
      copy_read_column(slice, scan.columns[i], duckdb_data_chunk_get_vector(output, i));
    else
      put_place(part, slice, scan.columns[i], duckdb_data_chunk_get_vector(output, i));
  }
  part.taken += slice.count;
  duckdb_data_chunk_set_size(output, slice.count);
}

Status register_function(ConnectionHandle& session, const char* name, duckdb_table_function_bind_t bind_columns,
                         std::vector<ReaderFactory> factories) {
  const OwnedTableFunction function(duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), name);
  duckdb_table_function_set_extra_info(function.get(), new LiveFlows{std::move(factories), *session.database},
                                       delete_as<LiveFlows>);
  duckdb_table_function_set_bind(function.get(), bind_columns);
  duckdb_table_function_set_init(function.get(), init);
  duckdb_table_function_set_local_init(function.get(), init_part);
  duckdb_table_function_set_function(function.get(), emit);
  duckdb_table_function_supports_projection_pushdown(function.get(), true);
  if (duckdb_register_table_function(session.connection, function.get()) == DuckDBError)
    return fail(std::string("DuckDB does not take the function ") + name);
  return {};
}

}  // namespace

Status register_live_flows(Database& database, std::vector<ReaderFactory> factories) {
  ConnectionHandle& session = Internals::session(database);
  auto status = register_function(session, "live_flows_in_order", bind_in_order, factories);
  if (!status) return status;
  return register_function(session, "live_flows", bind, std::move(factories));
}

}  // namespace flowspan::engine
