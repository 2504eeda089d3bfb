// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "flow/fields.hpp"

namespace flowspan::flow {

/// Flows as columns: the one form in which decoders hand flows on.
///
/// A decoder adds rows for the records of a datagram, then puts the fields of just these rows, each as a whole column;
/// what it does not put has the field's absent value. Fields that are not wanted are neither computed nor kept.
class FlowBatch {
 public:
  /// As many rows as one DuckDB vector: a reader fills a batch up to about this many.
  static constexpr std::size_t target_rows = 2048;

  explicit FlowBatch(FieldSet wanted = FieldSet{}.set()) : wanted_(wanted) {}

  /// Forgets the rows and keeps the memory. The new wishes hold from now on.
  void clear();
  void clear(FieldSet wanted);

  bool wants(FieldIndex field) const { return wanted_[field]; }
  const FieldSet& wanted() const { return wanted_; }
  std::size_t rows() const { return rows_; }

  /// Adds rows; every put until the next call is for these.
  void add_rows(std::size_t count);
  /// How many rows the last add_rows added.
  std::size_t new_rows() const { return rows_ - first_new_; }

  /// Room for the field's values of the new rows, all of which must be written; T is as wide as the field's type.
  /// Only for wanted fields of fixed width.
  template <typename T>
  T* put(FieldIndex field) {
    return reinterpret_cast<T*>(extend(field, new_rows()));
  }
  /// The same value in all new rows (times as their count, doubles by bit_cast). The absent value costs nothing.
  /// Ignored when the field is not wanted.
  void put_all(FieldIndex field, std::uint64_t bits);
  /// NULL in all new rows. Ignored when the field is not wanted.
  void put_null(FieldIndex field);
  /// NULL in one of the new rows, after put() of the column.
  void set_null(FieldIndex field, std::size_t new_row);
  /// Text in one of the new rows; rows that are left out have none. Ignored when the field is not wanted.
  void put_text(FieldIndex field, std::size_t new_row, std::string_view text);

  /// Completes every column to rows(); to be called before reading.
  void seal();

  /// Whether the field was put for any row; if not, all rows have its absent value.
  bool present(FieldIndex field) const { return columns_[field].used; }
  /// rows() values; only if present.
  template <typename T>
  const T* values(FieldIndex field) const {
    return reinterpret_cast<const T*>(columns_[field].bytes.get());
  }
  const std::byte* data(FieldIndex field) const { return columns_[field].bytes.get(); }
  /// Bit per row, 1 = not NULL, lowest bit first; nullptr when no row is NULL.
  const std::uint64_t* validity(FieldIndex field) const {
    return columns_[field].valid.empty() ? nullptr : columns_[field].valid.data();
  }
  bool is_null(FieldIndex field, std::size_t row) const;
  /// Texts of all rows; only if present. An empty text of a NULL row means nothing.
  const std::vector<std::string>& texts(FieldIndex field) const { return columns_[field].texts; }

  /// The fields for which some row differs from the absent value: a segment of these rows needs these columns.
  FieldSet needed() const;

 private:
  struct Column {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t capacity = 0;  // in rows
    std::size_t written = 0;   // rows
    bool used = false;
    std::vector<std::uint64_t> valid;  // empty: all valid
    std::vector<std::string> texts;
  };

  std::byte* extend(FieldIndex field, std::size_t count);
  void fill_absent(FieldIndex field, std::size_t until);
  void fill(FieldIndex field, std::size_t from, std::size_t until, std::uint64_t bits);
  void mark(FieldIndex field, std::size_t from, std::size_t until, bool is_valid);

  FieldSet wanted_;
  std::size_t rows_ = 0;
  std::size_t first_new_ = 0;
  std::array<Column, field_count> columns_;
};

}  // namespace flowspan::flow
