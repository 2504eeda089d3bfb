// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace flowspan::store::sqlite {

/// A state or another BLOB.
struct Blob {
  std::string_view bytes;
};

/// One run of a prepared statement. Values are bound in order; the first error is kept and told by step().
class Query {
 public:
  Query(sqlite3* db, sqlite3_stmt* statement, const std::filesystem::path& file, Status prepared);
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  template <typename T>
  requires std::integral<T> || std::is_enum_v<T> Query& bind(T value) {
    return bind_int(static_cast<std::int64_t>(value));
  }
  Query& bind(std::string_view text);
  Query& bind(const std::string& text) { return bind(std::string_view(text)); }
  Query& bind(const char* text) { return bind(std::string_view(text)); }
  Query& bind(Blob blob);
  Query& bind(std::nullptr_t);
  template <typename T>
  Query& bind(const std::optional<T>& value) {
    return value ? bind(*value) : bind(nullptr);
  }
  template <typename... T>
  Query& all(const T&... values) {
    (bind(values), ...);
    return *this;
  }

  /// The next row; false at the end.
  Result<bool> step();
  /// For statements without rows.
  Status run();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  std::optional<std::int64_t> maybe_integer(int column) const;
  /// Text or BLOB; valid until the next step.
  std::string_view text(int column) const;
  std::string string(int column) const { return std::string(text(column)); }

 private:
  Query& bind_int(std::int64_t value);
  void keep(int code);

  sqlite3* db_;
  sqlite3_stmt* statement_;
  const std::filesystem::path* file_;
  int next_ = 1;
  Status status_;
};

/// A connection. Statements are prepared once and kept. One thread at a time. Unsigned 64-bit numbers are kept as the
/// signed number of the same bits.
class Database {
 public:
  enum class Access { read, write, immutable };
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// `sql` is one statement and must live for ever (a literal).
  Query query(std::string_view sql);
  /// Any number of statements without rows.
  Status exec(const std::string& sql);
  /// The first column of the first row of a query, 0 without one.
  Result<std::int64_t> value(std::string_view sql);
  std::int64_t last_id() const;
  std::int64_t changes() const;

 private:
  Database(sqlite3* db, std::filesystem::path file) : db_(db), file_(std::move(file)) {}
  sqlite3* db_;
  std::filesystem::path file_;
  std::unordered_map<std::string_view, sqlite3_stmt*> statements_;
};

}  // namespace flowspan::store::sqlite
