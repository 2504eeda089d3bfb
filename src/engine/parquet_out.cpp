// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/parquet_out.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "engine/batch_columns.hpp"
#include "engine/copy_sql.hpp"
#include "engine/handles.hpp"
#include "engine/scan_sql.hpp"
#include "engine/stats.hpp"

namespace flowspan::engine {

/// One file that is being written. The table function reads it through the writer's State.
struct Writing {
  flow::Reader& reader;
  std::vector<flow::FieldIndex> columns;
  flow::FlowBatch batch;
  std::size_t taken = 0;  ///< rows of the batch that DuckDB has
  bool at_end = false;
  StatsGatherer stats;
  std::optional<Error> error;  ///< the reader's

  Writing(flow::Reader& from, const flow::FieldSet& fields) : reader(from), batch(fields) {
    for (flow::FieldIndex i = 0; i < flow::field_count; ++i)
      if (fields[i]) columns.push_back(i);
  }

  /// The next batch; false at the end and after an error.
  bool read() {
    const auto more = reader.read(batch);
    taken = 0;
    if (!more) error = more.error();
    at_end = !more || !*more;
    if (at_end) return false;
    stats.add(batch);
    return true;
  }
};

struct ParquetWriter::State {
  explicit State(Database opened) : database(std::move(opened)) {}
  Database database;
  Writing* writing = nullptr;

  static State& of(void* extra_info) { return *static_cast<State*>(extra_info); }
  static void bind(duckdb_bind_info info);
  static void init(duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); }
  static void emit(duckdb_function_info info, duckdb_data_chunk output);
  Status register_source();
};

void ParquetWriter::State::bind(duckdb_bind_info info) {
  const Writing* writing = of(duckdb_bind_get_extra_info(info)).writing;
  if (writing == nullptr) return duckdb_bind_set_error(info, "nothing is being written");
  for (const flow::FieldIndex field : writing->columns) {
    const OwnedType type(duckdb_create_logical_type(column_type(flow::fields[field].type)));
    duckdb_bind_add_result_column(info, std::string(flow::fields[field].name).c_str(), type.get());
  }
}

/// Fills whole chunks, whatever the size of the reader's batches: what DuckDB does once a chunk is not cheap.
void ParquetWriter::State::emit(duckdb_function_info info, duckdb_data_chunk output) {
  Writing& writing = *of(duckdb_function_get_extra_info(info)).writing;
  const std::size_t room = duckdb_vector_size();
  std::size_t filled = 0;
  while (filled < room && !writing.at_end) {
    if (writing.taken == writing.batch.rows() && !writing.read()) break;
    const Slice slice{writing.batch, writing.taken, std::min(room - filled, writing.batch.rows() - writing.taken),
                      filled};
    for (std::size_t i = 0; i < writing.columns.size(); ++i)
      copy_column(slice, writing.columns[i], duckdb_data_chunk_get_vector(output, i));
    writing.taken += slice.count;
    filled += slice.count;
  }
  if (writing.error) return duckdb_function_set_error(info, writing.error->text.c_str());
  duckdb_data_chunk_set_size(output, filled);
}

Status ParquetWriter::State::register_source() {
  const OwnedTableFunction function(duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), "flowspan_batches");
  duckdb_table_function_set_extra_info(function.get(), this, nullptr);
  duckdb_table_function_set_bind(function.get(), bind);
  duckdb_table_function_set_init(function.get(), init);
  duckdb_table_function_set_function(function.get(), emit);
  if (duckdb_register_table_function(Internals::session(database).connection, function.get()) == DuckDBError)
    return fail("DuckDB does not take the function flowspan_batches");
  return {};
}

ParquetWriter::ParquetWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ParquetWriter::ParquetWriter(ParquetWriter&&) noexcept = default;
ParquetWriter& ParquetWriter::operator=(ParquetWriter&&) noexcept = default;
ParquetWriter::~ParquetWriter() = default;

Result<ParquetWriter> ParquetWriter::open() {
  // One thread: with more, a COPY that waits for flows may keep another core busy with polling.
  Settings settings;
  settings.threads = 1;
  auto database = Database::open(settings);
  if (!database) return fail(database.error());
  auto state = std::make_unique<State>(std::move(*database));
  if (auto done = state->register_source(); !done) return fail(done.error());
  return ParquetWriter(std::move(state));
}

Result<ParquetFile> ParquetWriter::write(flow::Reader& flows, const flow::FieldSet& columns,
                                         const std::filesystem::path& file, const ParquetOptions& options) {
  if (columns.none()) return fail("a segment needs at least one column");
  std::error_code ignored;
  std::filesystem::remove(file, ignored);  // else DuckDB writes beside it and renames
  Writing writing(flows, columns);
  state_->writing = &writing;
  const auto done = state_->database.run(copy_to_parquet("FROM flowspan_batches()", columns, file, options));
  state_->writing = nullptr;
  if (!done || writing.stats.stats().rows == 0) std::filesystem::remove(file, ignored);
  if (writing.error) return fail(*writing.error);
  if (!done)
    return fail(Error{fmt::format("cannot write {}: {}", file.native(), done.error().text), done.error().kind});
  ParquetFile result{file, 0, writing.stats.stats()};
  if (result.stats.rows == 0) return result;
  std::error_code error;
  result.file_bytes = std::filesystem::file_size(file, error);
  if (error) return fail(system_error("cannot find " + file.native(), error.value()));
  return result;
}

}  // namespace flowspan::engine
