// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace flowspan::store {

/// The content of the file is an SQLite database, whatever its name.
bool is_sqlite_file(const std::filesystem::path& file);

/// dataset.sqlite3: GDP's table `Flow`, and flowspan's own tables beside it (docs/formats/dataset.md). A connection; one
/// thread at a time.
class Dataset {
 public:
  enum class Access { read, write };
  /// Refuses what is no SQLite database, and a database that is no dataset, in one sentence. For writing, a file may be
  /// empty or not be there. Nothing is changed: see make_tables().
  static Result<std::unique_ptr<Dataset>> open(const std::filesystem::path& file, Access access);
  ~Dataset();
  Dataset(const Dataset&) = delete;
  Dataset& operator=(const Dataset&) = delete;

  const std::filesystem::path& file() const { return file_; }
  /// It has flows that flowspan did not write.
  Result<bool> has_foreign_flows();
  /// Makes the tables that it lacks; from then on it is flowspan's to fill.
  Status make_tables();
  /// Empties it of flows, marks and imports. At once, however many they are and whoever reads; only where somebody has put
  /// a table of their own beside them it takes a while, and says so in the log.
  Status clear();
  /// How long to wait for another writer; ten seconds at first.
  void set_patience(Duration at_most);
  Status exec(const char* sql);
  /// A statement of its own; the error names the file.
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;
  Result<Statement> prepare(const char* sql);
  /// One step: true for a row. The statement is left as it is.
  Result<bool> step(sqlite3_stmt* statement);
  /// The number that a query answers with, 0 without a row.
  Result<std::int64_t> number(const char* sql);

  /// flowspan's facts about the dataset (docs/formats/dataset.md).
  Result<std::optional<std::string>> fact(const char* name);
  Status set_fact(const char* name, const std::string& value);
  Status clear_fact(const char* name);

 private:
  Dataset(sqlite3* db, std::filesystem::path file) : db_(db), file_(std::move(file)) {}
  Status check_layout(Access access);
  Result<bool> has_table(const char* name);
  Result<std::unique_ptr<Dataset>> empty_twin();
  Status replace_with(const Dataset& other);
  Status delete_rows();
  Error error(int code) const;

  sqlite3* db_;
  std::filesystem::path file_;
};

}  // namespace flowspan::store
