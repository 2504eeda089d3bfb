// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/table.hpp"

namespace flowspan::engine {

struct Settings {
  unsigned threads = 0;            ///< 0: one per processor
  std::uint64_t memory_limit = 0;  ///< bytes; 0: DuckDB's own, 80 % of the memory
  /// Where questions larger than the memory limit spill; made when first needed. Empty: they fail instead.
  std::filesystem::path temp_directory;
  /// Rows without ORDER BY come in the order of their files; costs memory in large results.
  bool keep_order = true;
};

/// DuckDB's handles; only this folder knows what is inside.
struct DatabaseHandle;
struct ConnectionHandle;
struct ResultHandle;

/// The rows of an answer, chunk by chunk, computed while they are fetched. Movable; keeps its connection alive.
///
/// While it lives no other query may run on its connection: DuckDB would end this one, and next_chunk() says so.
class Rows {
 public:
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();

  const std::vector<Column>& columns() const;
  /// Fetches up to 2048 rows in place of the last; false at the end. Errors of the query, also "interrupted".
  Result<bool> next_chunk();
  /// Rows of this chunk.
  std::size_t size() const;
  /// A cell of this chunk.
  Value value(std::size_t column, std::size_t row) const;
  /// All rows that are left.
  Result<Table> all();

 private:
  friend class Connection;
  explicit Rows(std::unique_ptr<ResultHandle> handle);
  std::unique_ptr<ResultHandle> handle_;
};

/// A session in a Database. Queries on different connections run side by side; one connection belongs to one thread at
/// a time, except interrupt(). Movable; keeps its database alive.
class Connection {
 public:
  /// Runs one statement with `parameters` for $1, $2, …; its rows are computed as they are fetched.
  /// Wrong SQL is an Error of kind usage.
  Result<Rows> query(std::string_view sql, std::span<const Value> parameters = {});
  /// Runs one or more statements to their end.
  Status run(std::string_view sql);
  /// From any thread: the query that runs now, or is being fetched, ends with the error "interrupted".
  void interrupt();

 private:
  friend class Database;
  friend struct Internals;
  explicit Connection(std::shared_ptr<ConnectionHandle> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<ConnectionHandle> handle_;
};

/// DuckDB in memory, without files, network and extensions of its own, with the functions of functions.hpp.
/// Opening costs about 12 ms.
class Database {
 public:
  static Result<Database> open(const Settings& settings);

  /// A further session.
  Result<Connection> connect();

  /// On the database's own session: see Connection.
  Result<Rows> query(std::string_view sql, std::span<const Value> parameters = {}) {
    return session_.query(sql, parameters);
  }
  Status run(std::string_view sql) { return session_.run(sql); }
  void interrupt() { session_.interrupt(); }

 private:
  friend struct Internals;
  explicit Database(Connection session) : session_(std::move(session)) {}
  Connection session_;
};

}  // namespace flowspan::engine
