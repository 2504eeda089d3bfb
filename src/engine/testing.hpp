// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the tests of this folder share.

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/ip.hpp"
#include "engine/database.hpp"
#include "engine/parquet_out.hpp"
#include "flow/reader.hpp"

namespace flowspan::engine::testing {

/// The value, or the end of the test with the error.
template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().text);
  return std::move(*result);
}
inline void must(const Status& status) {
  if (!status) throw std::runtime_error(status.error().text);
}

inline Table ask(Database& database, std::string_view sql, std::span<const Value> parameters = {}) {
  auto rows = must(database.query(sql, parameters));
  return must(rows.all());
}

/// The only cell of an answer.
inline Value one(Database& database, std::string_view sql, std::span<const Value> parameters = {}) {
  const Table table = ask(database, sql, parameters);
  if (table.rows.size() != 1) throw std::runtime_error("not one row: " + std::string(sql));
  return table.rows.at(0).at(0);
}
inline std::string text(Database& database, std::string_view sql) { return to_text(one(database, sql)); }
inline std::uint64_t number(Database& database, std::string_view sql) {
  return std::stoull(to_text(one(database, sql)));
}

inline Database open_database(unsigned threads = 1) {
  Settings settings;
  settings.threads = threads;
  settings.memory_limit = std::uint64_t{512} << 20;
  return must(Database::open(settings));
}

/// A folder of its own, gone with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "flowspan-engine-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Made-up flows: `fill` puts the fields of rows [first, first + count) after they were added to the batch.
class MadeUpFlows : public flow::Reader {
 public:
  using Fill = std::function<void(flow::FlowBatch& batch, std::size_t first, std::size_t count)>;

  MadeUpFlows(std::size_t rows, std::size_t per_batch, Fill fill)
      : rows_(rows), per_batch_(per_batch), fill_(std::move(fill)) {}

  /// After so many rows the reader fails.
  MadeUpFlows& fail_after(std::size_t rows, Error error) {
    fail_after_ = rows;
    error_ = std::move(error);
    return *this;
  }

  Result<bool> read(flow::FlowBatch& batch) override {
    batch.clear();
    if (fail_after_ && done_ >= *fail_after_) return fail(error_);
    if (done_ == rows_) return false;
    const std::size_t count = std::min(per_batch_, rows_ - done_);
    batch.add_rows(count);
    fill_(batch, done_, count);
    batch.seal();
    done_ += count;
    return true;
  }

 private:
  std::size_t rows_;
  std::size_t per_batch_;
  Fill fill_;
  std::size_t done_ = 0;
  std::optional<std::size_t> fail_after_;
  Error error_;
};

/// A number that depends on row and field only, to be found again.
inline std::uint64_t mixed(std::size_t row, flow::FieldIndex field) {
  std::uint64_t x = (row + 1) * 0x9e3779b97f4a7c15 ^ (field + 1) * 0xd6e8feb86659fd93;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  return x ^ x >> 29;
}

inline flow::FieldSet columns(std::initializer_list<std::string_view> names) {
  flow::FieldSet set;
  for (const auto name : names) set.set(flow::find_field(name));
  return set;
}

/// Puts `value(row)` as field of the new rows, if wanted.
template <typename T, typename F>
void put(flow::FlowBatch& batch, std::string_view name, std::size_t first, std::size_t count, F value) {
  const flow::FieldIndex field = flow::find_field(name);
  if (!batch.wants(field)) return;
  T* values = batch.put<T>(field);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<T>(value(first + i));
}

/// Times, addresses and counters that follow from the row's number: row r was received r microseconds after 1970.
inline void plain_flows(flow::FlowBatch& batch, std::size_t first, std::size_t count) {
  put<std::int64_t>(batch, "received_time", first, count, [](std::size_t row) { return row; });
  put<std::uint64_t>(batch, "src_lo", first, count,
                     [](std::size_t row) { return Ip::v4(0x0a000000 + static_cast<std::uint32_t>(row)).lo; });
  put<std::uint64_t>(batch, "bytes", first, count, [](std::size_t row) { return 100 + row; });
  put<std::uint64_t>(batch, "packets", first, count, [](std::size_t) { return 2; });
  put<std::int64_t>(batch, "first_time", first, count, [](std::size_t row) { return 1000 + row; });
  put<std::int64_t>(batch, "last_time", first, count, [](std::size_t row) { return 5000 + row; });
}

inline flow::FieldSet plain_columns() {
  return columns({"received_time", "src_lo", "bytes", "packets", "first_time", "last_time"});
}

}  // namespace flowspan::engine::testing
