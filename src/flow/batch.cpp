// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "flow/batch.hpp"

#include <algorithm>
#include <cstring>

namespace flowspan::flow {
namespace {

template <typename T>
bool differs(const std::byte* data, std::size_t rows, std::int64_t absent) {
  const auto* values = reinterpret_cast<const T*>(data);
  const auto usual = static_cast<T>(absent);
  // No early exit: the loop over a few thousand values becomes vector instructions.
  T difference = 0;
  for (std::size_t row = 0; row < rows; ++row) difference = static_cast<T>(difference | (values[row] ^ usual));
  return difference != 0;
}

bool any_differs(const std::byte* data, std::size_t rows, std::size_t bytes, std::int64_t absent) {
  switch (bytes) {
    case 1: return differs<std::uint8_t>(data, rows, absent);
    case 2: return differs<std::uint16_t>(data, rows, absent);
    case 4: return differs<std::uint32_t>(data, rows, absent);
    default: return differs<std::uint64_t>(data, rows, absent);
  }
}

template <typename T>
void fill_values(std::byte* data, std::size_t from, std::size_t until, std::uint64_t bits) {
  auto* values = reinterpret_cast<T*>(data);
  std::fill(values + from, values + until, static_cast<T>(bits));
}

}  // namespace

void FlowBatch::clear() {
  rows_ = 0;
  first_new_ = 0;
  for (Column& column : columns_) {
    if (!column.used) continue;
    column.used = false;
    column.written = 0;
    column.valid.clear();
    column.texts.clear();
  }
}

void FlowBatch::clear(FieldSet wanted) {
  clear();
  wanted_ = wanted;
}

void FlowBatch::add_rows(std::size_t count) {
  first_new_ = rows_;
  rows_ += count;
}

void FlowBatch::fill(FieldIndex field, std::size_t from, std::size_t until, std::uint64_t bits) {
  std::byte* data = columns_[field].bytes.get();
  switch (width(fields[field].type)) {
    case 1: return fill_values<std::uint8_t>(data, from, until, bits);
    case 2: return fill_values<std::uint16_t>(data, from, until, bits);
    case 4: return fill_values<std::uint32_t>(data, from, until, bits);
    default: return fill_values<std::uint64_t>(data, from, until, bits);
  }
}

void FlowBatch::mark(FieldIndex field, std::size_t from, std::size_t until, bool is_valid) {
  Column& column = columns_[field];
  if (column.valid.empty() && is_valid) return;
  const std::size_t words = (std::max(until, column.written) + 63) / 64;
  if (column.valid.size() < words) column.valid.resize(words, ~std::uint64_t{0});
  for (std::size_t row = from; row < until; ++row) {
    const std::uint64_t bit = std::uint64_t{1} << (row % 64);
    if (is_valid)
      column.valid[row / 64] |= bit;
    else
      column.valid[row / 64] &= ~bit;
  }
}

std::byte* FlowBatch::extend(FieldIndex field, std::size_t count) {
  Column& column = columns_[field];
  column.used = true;
  const std::size_t bytes = width(fields[field].type);
  if (column.capacity < rows_) {
    const std::size_t capacity = std::max(rows_ + rows_ / 2, target_rows * 2);
    std::unique_ptr<std::byte[]> larger(new std::byte[capacity * bytes]);
    if (column.written > 0) std::memcpy(larger.get(), column.bytes.get(), column.written * bytes);
    column.bytes = std::move(larger);
    column.capacity = capacity;
  }
  if (column.written < first_new_) fill_absent(field, first_new_);
  column.written = first_new_ + count;
  mark(field, first_new_, column.written, true);
  return column.bytes.get() + first_new_ * bytes;
}

void FlowBatch::fill_absent(FieldIndex field, std::size_t until) {
  Column& column = columns_[field];
  const std::int64_t absent = fields[field].absent;
  const std::size_t from = column.written;
  if (fields[field].type == Type::text) {
    column.texts.resize(until);
  } else {
    fill(field, from, until, absent == null ? 0 : static_cast<std::uint64_t>(absent));
  }
  column.written = until;
  if (absent == null)
    mark(field, from, until, false);
  else
    mark(field, from, until, true);
}

void FlowBatch::put_all(FieldIndex field, std::uint64_t bits) {
  if (!wants(field) || new_rows() == 0) return;
  const std::int64_t absent = fields[field].absent;
  if (!present(field) && absent != null && static_cast<std::uint64_t>(absent) == bits) return;
  extend(field, new_rows());
  fill(field, first_new_, rows_, bits);
}

void FlowBatch::put_null(FieldIndex field) {
  if (!wants(field) || new_rows() == 0) return;
  if (!present(field) && fields[field].absent == null) return;
  extend(field, new_rows());
  fill(field, first_new_, rows_, 0);
  mark(field, first_new_, rows_, false);
}

void FlowBatch::set_null(FieldIndex field, std::size_t new_row) {
  mark(field, first_new_ + new_row, first_new_ + new_row + 1, false);
}

void FlowBatch::put_text(FieldIndex field, std::size_t new_row, std::string_view text) {
  if (!wants(field)) return;
  Column& column = columns_[field];
  column.used = true;
  const std::size_t row = first_new_ + new_row;
  if (column.written < row) fill_absent(field, row);
  if (column.written < row + 1) {
    column.texts.resize(row + 1);
    column.written = row + 1;
  }
  column.texts[row] = text;
  mark(field, row, row + 1, true);
}

void FlowBatch::seal() {
  for (FieldIndex field = 0; field < field_count; ++field) {
    Column& column = columns_[field];
    if (!column.used || column.written >= rows_) continue;
    if (fields[field].type != Type::text && column.capacity < rows_) {
      const std::size_t bytes = width(fields[field].type);
      std::unique_ptr<std::byte[]> larger(new std::byte[rows_ * bytes]);
      std::memcpy(larger.get(), column.bytes.get(), column.written * bytes);
      column.bytes = std::move(larger);
      column.capacity = rows_;
    }
    fill_absent(field, rows_);
  }
}

bool FlowBatch::is_null(FieldIndex field, std::size_t row) const {
  const Column& column = columns_[field];
  if (!column.used) return fields[field].absent == null;
  if (column.valid.empty() || row / 64 >= column.valid.size()) return false;
  return (column.valid[row / 64] >> (row % 64) & 1) == 0;
}

FieldSet FlowBatch::needed() const {
  FieldSet needed;
  for (FieldIndex field = 0; field < field_count; ++field) {
    if (!present(field)) continue;
    const Field& description = fields[field];
    // A present column has a value said in some row, or a NULL where the absent value is a number.
    if (description.absent == null || description.type == Type::text || validity(field) != nullptr) {
      needed.set(field);
    } else {
      needed[field] = any_differs(data(field), rows_, width(description.type), description.absent);
    }
  }
  return needed;
}

}  // namespace flowspan::flow
