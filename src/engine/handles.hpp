// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// DuckDB's handles as objects. Only for the .cpp files of this folder: nothing else sees duckdb.h.

#include <duckdb.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "engine/database.hpp"

namespace flowspan::engine {

/// Owns one of DuckDB's handles.
template <typename T, void (*destroy)(T*)>
class Owned {
 public:
  Owned() = default;
  explicit Owned(T handle) : handle_(handle) {}
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, T{})) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { reset(); }

  T get() const { return handle_; }
  /// For functions that fill in a handle; frees what was there.
  T* out() {
    reset();
    return &handle_;
  }
  void reset() {
    if (handle_) destroy(&handle_);
    handle_ = T{};
  }
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  T handle_{};
};

using OwnedConfig = Owned<duckdb_config, duckdb_destroy_config>;
using OwnedStatement = Owned<duckdb_prepared_statement, duckdb_destroy_prepare>;
using OwnedChunk = Owned<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using OwnedType = Owned<duckdb_logical_type, duckdb_destroy_logical_type>;
using OwnedValue = Owned<duckdb_value, duckdb_destroy_value>;
using OwnedTableFunction = Owned<duckdb_table_function, duckdb_destroy_table_function>;
using OwnedScalarFunction = Owned<duckdb_scalar_function, duckdb_destroy_scalar_function>;

/// A duckdb_result, which is a struct and not a handle.
class OwnedResult {
 public:
  OwnedResult() = default;
  OwnedResult(const OwnedResult&) = delete;
  OwnedResult& operator=(const OwnedResult&) = delete;
  ~OwnedResult() { duckdb_destroy_result(&result_); }
  duckdb_result* get() { return &result_; }

 private:
  duckdb_result result_{};
};

/// Chunks whose cells are being cast to text: see cells.hpp. Locked, because each Rows does it on a session of its own.
class CastSources {
 public:
  struct Source {
    duckdb_data_chunk chunk = nullptr;
    std::vector<std::size_t> columns;
  };
  std::uint64_t add(Source source);
  std::optional<Source> find(std::uint64_t token);
  void remove(std::uint64_t token);

 private:
  std::mutex mutex_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Source> sources_;
};

struct DatabaseHandle {
  DatabaseHandle() = default;
  DatabaseHandle(const DatabaseHandle&) = delete;
  DatabaseHandle& operator=(const DatabaseHandle&) = delete;
  ~DatabaseHandle() { duckdb_close(&database); }

  /// Keeps an Error that goes through DuckDB as text only, so that failure() gives it back whole.
  void remember(const Error& error);
  /// What a failed call's text means: one sentence, and its kind.
  Error failure(std::string_view duckdb_text);

  duckdb_database database = nullptr;
  CastSources casts;

 private:
  std::mutex mutex_;
  std::optional<Error> passed_through_;
};

struct ConnectionHandle {
  explicit ConnectionHandle(std::shared_ptr<DatabaseHandle> of) : database(std::move(of)) {}
  ConnectionHandle(const ConnectionHandle&) = delete;
  ConnectionHandle& operator=(const ConnectionHandle&) = delete;
  ~ConnectionHandle() { duckdb_disconnect(&connection); }

  static Result<std::shared_ptr<ConnectionHandle>> open(std::shared_ptr<DatabaseHandle> database);
  Status run(std::string_view sql);
  Error failure(std::string_view duckdb_text) { return database->failure(duckdb_text); }

  std::shared_ptr<DatabaseHandle> database;
  duckdb_connection connection = nullptr;
};

/// How the rest of the folder gets at a Database's handles.
struct Internals {
  static ConnectionHandle& session(Database& database) { return *database.session_.handle_; }
};

/// DuckDB's error text as one sentence without its category, its picture of the query and its line breaks; candidates
/// stay. The category and the text tell the kind.
Error error_from_text(std::string_view duckdb_text);

}  // namespace flowspan::engine
