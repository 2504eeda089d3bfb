// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/database.hpp"

#include <fmt/format.h>

#include "engine/cells.hpp"
#include "engine/functions.hpp"
#include "engine/handles.hpp"

namespace flowspan::engine {
namespace {

Result<OwnedConfig> make_config(const Settings& settings) {
  OwnedConfig config;
  if (duckdb_create_config(config.out()) == DuckDBError) return fail("DuckDB has no memory for its configuration");
  std::vector<std::pair<const char*, std::string>> options{
      {"autoload_known_extensions", "false"},
      {"autoinstall_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"allow_persistent_secrets", "false"},
      {"enable_external_file_cache", "false"},
      {"preserve_insertion_order", settings.keep_order ? "true" : "false"},
      {"temp_directory", settings.temp_directory.string()},
  };
  if (settings.threads > 0) options.emplace_back("threads", fmt::to_string(settings.threads));
  if (settings.memory_limit > 0) options.emplace_back("memory_limit", fmt::format("{}B", settings.memory_limit));
  for (const auto& [name, value] : options)
    if (duckdb_set_config(config.get(), name, value.c_str()) == DuckDBError)
      return fail(fmt::format("DuckDB does not take the setting {} = '{}'", name, value));
  return config;
}

/// An exact number as DuckDB's DECIMAL or HUGEINT; what is neither stays text, which DuckDB casts.
duckdb_value decimal_value(const Decimal& decimal) {
  unsigned __int128 digits = 0;
  unsigned width = 0;
  unsigned scale = 0;
  bool point = false;
  std::string_view text = decimal.text;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9' && width < 38) {
      digits = digits * 10 + static_cast<unsigned>(c - '0');
      ++width;
      if (point) ++scale;
    } else {
      return duckdb_create_varchar_length(decimal.text.data(), decimal.text.size());
    }
  }
  if (negative) digits = -digits;
  const duckdb_hugeint number{static_cast<std::uint64_t>(digits), static_cast<std::int64_t>(digits >> 64)};
  if (scale == 0) return duckdb_create_hugeint(number);
  return duckdb_create_decimal({static_cast<std::uint8_t>(width), static_cast<std::uint8_t>(scale), number});
}

OwnedValue to_duckdb(const Value& value) {
  struct Make {
    duckdb_value operator()(std::monostate) const { return duckdb_create_null_value(); }
    duckdb_value operator()(bool b) const { return duckdb_create_bool(b); }
    duckdb_value operator()(std::int64_t n) const { return duckdb_create_int64(n); }
    duckdb_value operator()(std::uint64_t n) const { return duckdb_create_uint64(n); }
    duckdb_value operator()(double d) const { return duckdb_create_double(d); }
    duckdb_value operator()(const std::string& s) const { return duckdb_create_varchar_length(s.data(), s.size()); }
    duckdb_value operator()(const Timestamp& t) const {
      // Microseconds where they suffice: against nanoseconds DuckDB would cast the column, and prune nothing.
      if (t.time % microsecond != 0) return duckdb_create_timestamp_ns({t.time});
      return duckdb_create_timestamp({t.time / microsecond});
    }
    duckdb_value operator()(const Decimal& d) const { return decimal_value(d); }
  };
  return OwnedValue(std::visit(Make{}, value));
}

Status check_text(std::string_view sql) {
  if (sql.find('\0') != std::string_view::npos) return fail("the SQL holds a NUL character", ErrorKind::usage);
  return {};
}

}  // namespace

/// An answer that is being fetched.
struct ResultHandle {
  std::shared_ptr<ConnectionHandle> session;
  std::shared_ptr<ConnectionHandle> cast_session;  // made when first needed
  OwnedResult result;
  std::vector<Column> columns;
  std::vector<CellType> types;
  OwnedChunk chunk;
  OwnedChunk casts;
  std::vector<CellReader> readers;
  std::size_t size = 0;

  void describe() {
    for (idx_t i = 0; i < duckdb_column_count(result.get()); ++i) {
      const OwnedType type(duckdb_column_logical_type(result.get(), i));
      columns.push_back({duckdb_column_name(result.get(), i), type_name(type.get())});
      types.push_back(cell_type(type.get()));
    }
  }

  Status read_chunk() {
    readers.clear();
    std::vector<std::size_t> to_cast;
    for (std::size_t i = 0; i < types.size(); ++i) {
      readers.push_back(cell_reader(duckdb_data_chunk_get_vector(chunk.get(), i), types[i]));
      if (types[i].kind == CellType::Kind::cast || !readers[i].representable(size)) to_cast.push_back(i);
    }
    if (to_cast.empty()) return {};
    if (!cast_session) {
      auto opened = ConnectionHandle::open(session->database);
      if (!opened) return fail(opened.error());
      cast_session = *opened;
    }
    auto cast = cast_to_text(*cast_session, {chunk.get(), to_cast});
    if (!cast) return fail(cast.error());
    casts = std::move(*cast);
    for (std::size_t i = 0; i < to_cast.size(); ++i)
      readers[to_cast[i]] = cell_reader(duckdb_data_chunk_get_vector(casts.get(), i),
                                        {CellType::Kind::text, CellType::Kind::text, 0, 0, 1});
    return {};
  }
};

Result<std::shared_ptr<ConnectionHandle>> ConnectionHandle::open(std::shared_ptr<DatabaseHandle> database) {
  auto handle = std::make_shared<ConnectionHandle>(std::move(database));
  if (duckdb_connect(handle->database->database, &handle->connection) == DuckDBError)
    return fail("DuckDB opens no further session");
  return handle;
}

Status ConnectionHandle::run(std::string_view sql) {
  if (auto ok = check_text(sql); !ok) return ok;
  OwnedResult result;
  if (duckdb_query(connection, std::string(sql).c_str(), result.get()) == DuckDBError)
    return fail(failure(duckdb_result_error(result.get())));
  return {};
}

Rows::Rows(std::unique_ptr<ResultHandle> handle) : handle_(std::move(handle)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

const std::vector<Column>& Rows::columns() const { return handle_->columns; }
std::size_t Rows::size() const { return handle_->size; }

Value Rows::value(std::size_t column, std::size_t row) const { return handle_->readers[column].value(row); }

Result<bool> Rows::next_chunk() {
  handle_->size = 0;
  handle_->casts.reset();
  handle_->chunk = OwnedChunk(duckdb_fetch_chunk(*handle_->result.get()));
  if (!handle_->chunk) {
    const char* error = duckdb_result_error(handle_->result.get());
    if (error != nullptr && *error != '\0') return fail(handle_->session->failure(error));
    return false;
  }
  handle_->size = duckdb_data_chunk_get_size(handle_->chunk.get());
  if (handle_->size == 0) return false;
  if (auto read = handle_->read_chunk(); !read) return fail(read.error());
  return true;
}

Result<Table> Rows::all() {
  Table table{columns(), {}};
  for (;;) {
    const auto more = next_chunk();
    if (!more) return fail(more.error());
    if (!*more) return table;
    for (std::size_t row = 0; row < size(); ++row) {
      auto& cells = table.rows.emplace_back();
      cells.reserve(table.columns.size());
      for (std::size_t column = 0; column < table.columns.size(); ++column) cells.push_back(value(column, row));
    }
  }
}

Result<Rows> Connection::query(std::string_view sql, std::span<const Value> parameters) {
  if (auto ok = check_text(sql); !ok) return fail(ok.error());
  OwnedStatement statement;
  if (duckdb_prepare(handle_->connection, std::string(sql).c_str(), statement.out()) == DuckDBError)
    return fail(handle_->failure(duckdb_prepare_error(statement.get())));
  if (duckdb_nparams(statement.get()) != parameters.size())
    return fail(
        fmt::format("the SQL has {} parameters, {} were given", duckdb_nparams(statement.get()), parameters.size()),
        ErrorKind::usage);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const OwnedValue value = to_duckdb(parameters[i]);
    if (duckdb_bind_value(statement.get(), i + 1, value.get()) == DuckDBError)
      return fail(handle_->failure(duckdb_prepare_error(statement.get())));
  }
  auto rows = std::make_unique<ResultHandle>();
  rows->session = handle_;
  if (duckdb_execute_prepared_streaming(statement.get(), rows->result.get()) == DuckDBError)
    return fail(handle_->failure(duckdb_result_error(rows->result.get())));
  rows->describe();
  return Rows(std::move(rows));
}

Status Connection::run(std::string_view sql) { return handle_->run(sql); }

void Connection::interrupt() { duckdb_interrupt(handle_->connection); }

Result<Database> Database::open(const Settings& settings) {
  const auto config = make_config(settings);
  if (!config) return fail(config.error());
  auto handle = std::make_shared<DatabaseHandle>();
  char* error = nullptr;
  if (duckdb_open_ext(nullptr, &handle->database, config->get(), &error) == DuckDBError) {
    const Error why = error_from_text(error == nullptr ? "DuckDB does not open" : error);
    duckdb_free(error);
    return fail(why);
  }
  auto session = ConnectionHandle::open(std::move(handle));
  if (!session) return fail(session.error());
  ConnectionHandle& connection = **session;
  if (auto set = connection.run("SET GLOBAL TimeZone = 'UTC'"); !set) return fail(set.error());
  if (auto done = register_cast(connection); !done) return fail(done.error());
  if (auto done = register_functions(connection); !done) return fail(done.error());
  return Database(Connection(std::move(*session)));
}

Result<Connection> Database::connect() {
  auto session = ConnectionHandle::open(session_.handle_->database);
  if (!session) return fail(session.error());
  return Connection(std::move(*session));
}

}  // namespace flowspan::engine
