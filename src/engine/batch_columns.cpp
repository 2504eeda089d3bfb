// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/batch_columns.hpp"

#include <algorithm>
#include <cstring>

namespace flowspan::engine {
namespace {

/// `count` bits (at most 64) of a bit string, from bit `from`.
std::uint64_t bits_at(const std::uint64_t* words, std::size_t from, std::size_t count) {
  const std::size_t shift = from % 64;
  std::uint64_t bits = words[from / 64] >> shift;
  if (shift + count > 64) bits |= words[from / 64 + 1] << (64 - shift);
  return count == 64 ? bits : bits & ((std::uint64_t{1} << count) - 1);
}

void copy_bits(const std::uint64_t* source, std::size_t from, std::uint64_t* target, std::size_t at,
               std::size_t count) {
  while (count > 0) {
    const std::size_t shift = at % 64;
    const std::size_t step = std::min(count, 64 - shift);
    const std::uint64_t mask = (step == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << step) - 1) << shift;
    target[at / 64] = (target[at / 64] & ~mask) | bits_at(source, from, step) << shift;
    from += step;
    at += step;
    count -= step;
  }
}

std::uint64_t* writable_validity(duckdb_vector vector) {
  duckdb_vector_ensure_validity_writable(vector);
  return duckdb_vector_get_validity(vector);
}

void set_nulls(duckdb_vector vector, std::size_t at, std::size_t count) {
  std::uint64_t* valid = writable_validity(vector);
  while (count > 0) {
    const std::size_t shift = at % 64;
    const std::size_t step = std::min(count, 64 - shift);
    const std::uint64_t mask = (step == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << step) - 1) << shift;
    valid[at / 64] &= ~mask;
    at += step;
    count -= step;
  }
}

template <typename T>
void fill(void* data, const Slice& slice, std::int64_t value) {
  std::fill_n(static_cast<T*>(data) + slice.at, slice.count, static_cast<T>(value));
}

void fill_absent(const Slice& slice, const flow::Field& field, std::int64_t units, duckdb_vector vector) {
  if (field.absent == flow::null) return set_nulls(vector, slice.at, slice.count);
  void* data = duckdb_vector_get_data(vector);
  switch (flow::width(field.type)) {
    case 1: return fill<std::uint8_t>(data, slice, field.absent);
    case 2: return fill<std::uint16_t>(data, slice, field.absent);
    case 4: return fill<std::uint32_t>(data, slice, field.absent);
    default: return fill<std::int64_t>(data, slice, field.absent * units);
  }
}

void copy_texts(const Slice& slice, flow::FieldIndex field, duckdb_vector vector) {
  const auto& texts = slice.batch.texts(field);
  for (std::size_t i = 0; i < slice.count; ++i) {
    if (slice.batch.is_null(field, slice.from + i)) continue;
    const std::string& text = texts[slice.from + i];
    duckdb_vector_assign_string_element_len(vector, slice.at + i, text.data(), text.size());
  }
}

void copy_validity(const Slice& slice, flow::FieldIndex field, duckdb_vector vector) {
  const std::uint64_t* valid = slice.batch.validity(field);
  if (valid != nullptr) copy_bits(valid, slice.from, writable_validity(vector), slice.at, slice.count);
}

/// Milliseconds to microseconds; what would overflow (a broken clock) becomes the greatest time there is.
void copy_times(const std::int64_t* source, std::int64_t* target, std::size_t count) {
  constexpr std::int64_t limit = INT64_MAX / 1000 - 1;
  for (std::size_t i = 0; i < count; ++i) target[i] = std::clamp(source[i], -limit, limit) * 1000;
}

}  // namespace

void copy_column(const Slice& slice, flow::FieldIndex field, duckdb_vector vector) {
  const flow::Field& description = flow::fields[field];
  if (!slice.batch.present(field)) return fill_absent(slice, description, 1, vector);
  const std::size_t width = flow::width(description.type);
  if (width == 0) {
    copy_texts(slice, field, vector);
  } else {
    auto* data = static_cast<std::byte*>(duckdb_vector_get_data(vector));
    std::memcpy(data + slice.at * width, slice.batch.data(field) + slice.from * width, slice.count * width);
  }
  copy_validity(slice, field, vector);
}

void copy_read_column(const Slice& slice, flow::FieldIndex field, duckdb_vector vector) {
  const flow::Field& description = flow::fields[field];
  if (description.type != flow::Type::time_ms) return copy_column(slice, field, vector);
  if (!slice.batch.present(field)) return fill_absent(slice, description, 1000, vector);
  auto* data = static_cast<std::int64_t*>(duckdb_vector_get_data(vector));
  copy_times(slice.batch.values<std::int64_t>(field) + slice.from, data + slice.at, slice.count);
  copy_validity(slice, field, vector);
}

duckdb_type column_type(flow::Type type) {
  switch (type) {
    case flow::Type::u8: return DUCKDB_TYPE_UTINYINT;
    case flow::Type::u16: return DUCKDB_TYPE_USMALLINT;
    case flow::Type::u32: return DUCKDB_TYPE_UINTEGER;
    case flow::Type::u64: return DUCKDB_TYPE_UBIGINT;
    case flow::Type::i64: return DUCKDB_TYPE_BIGINT;
    case flow::Type::f64: return DUCKDB_TYPE_DOUBLE;
    case flow::Type::time_ms: return DUCKDB_TYPE_TIMESTAMP_MS;
    case flow::Type::time_us: return DUCKDB_TYPE_TIMESTAMP;
    case flow::Type::time_ns: return DUCKDB_TYPE_TIMESTAMP_NS;
    case flow::Type::text: return DUCKDB_TYPE_VARCHAR;
  }
  return DUCKDB_TYPE_VARCHAR;
}

duckdb_type read_column_type(flow::Type type) {
  return column_type(type == flow::Type::time_ms ? flow::Type::time_us : type);
}

}  // namespace flowspan::engine
