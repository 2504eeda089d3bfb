// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/flow_scan.hpp"

#include <algorithm>
#include <atomic>
#include <string>

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

/// One scan: which fields the query wants, and which factory comes next.
struct Scan {
  flow::FieldSet wanted;
  std::vector<flow::FieldIndex> columns;  ///< of the output; field_count: a column that nobody reads
  std::atomic<std::size_t> next{0};
};

/// One thread's part in a scan.
struct Part {
  explicit Part(const flow::FieldSet& wanted) : batch(wanted) {}
  std::unique_ptr<flow::Reader> reader;
  flow::FlowBatch batch;
  std::size_t taken = 0;  ///< rows of the batch that DuckDB has
};

void bind(duckdb_bind_info info) {
  for (const flow::Field& field : flow::fields) {
    const OwnedType type(duckdb_create_logical_type(read_column_type(field.type)));
    duckdb_bind_add_result_column(info, std::string(field.name).c_str(), type.get());
  }
}

void init(duckdb_init_info info) {
  const auto& live = *static_cast<LiveFlows*>(duckdb_init_get_extra_info(info));
  auto scan = std::make_unique<Scan>();
  for (idx_t i = 0; i < duckdb_init_get_column_count(info); ++i) {
    // A count of rows may ask for a column that is none.
    const std::size_t field = std::min<std::size_t>(duckdb_init_get_column_index(info, i), flow::field_count);
    scan->columns.push_back(field);
    if (field < flow::field_count) scan->wanted.set(field);
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
    if (!part.reader) {
      const std::size_t mine = scan.next.fetch_add(1, std::memory_order_relaxed);
      if (mine >= live.factories.size()) return false;
      auto reader = live.factories[mine](scan.wanted);
      if (!reader) return fail(reader.error());
      part.reader = std::move(*reader);
      part.batch.clear(scan.wanted);
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
  for (std::size_t i = 0; i < scan.columns.size(); ++i)
    if (scan.columns[i] < flow::field_count)
      copy_read_column(slice, scan.columns[i], duckdb_data_chunk_get_vector(output, i));
  part.taken += slice.count;
  duckdb_data_chunk_set_size(output, slice.count);
}

}  // namespace

Status register_live_flows(Database& database, std::vector<ReaderFactory> factories) {
  ConnectionHandle& session = Internals::session(database);
  const OwnedTableFunction function(duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), "live_flows");
  duckdb_table_function_set_extra_info(function.get(), new LiveFlows{std::move(factories), *session.database},
                                       delete_as<LiveFlows>);
  duckdb_table_function_set_bind(function.get(), bind);
  duckdb_table_function_set_init(function.get(), init);
  duckdb_table_function_set_local_init(function.get(), init_part);
  duckdb_table_function_set_function(function.get(), emit);
  duckdb_table_function_supports_projection_pushdown(function.get(), true);
  if (duckdb_register_table_function(session.connection, function.get()) == DuckDBError)
    return fail("DuckDB does not take the function live_flows");
  return {};
}

}  // namespace flowspan::engine
