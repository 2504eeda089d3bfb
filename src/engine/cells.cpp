// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace flowspan::engine {
namespace {

using Kind = CellType::Kind;

CellType plain(Kind kind) { return {kind, kind, 0, 0, 1}; }
CellType time_in(std::int64_t ns_per_unit, std::uint8_t decimals) {
  return {Kind::timestamp, Kind::i64, 0, decimals, ns_per_unit};
}

Kind integer_kind(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_SMALLINT: return Kind::i16;
    case DUCKDB_TYPE_INTEGER: return Kind::i32;
    case DUCKDB_TYPE_BIGINT: return Kind::i64;
    default: return Kind::i128;
  }
}

__int128 wide(duckdb_hugeint value) {
  return static_cast<__int128>(static_cast<unsigned __int128>(static_cast<std::uint64_t>(value.upper)) << 64 |
                               value.lower);
}

unsigned __int128 wide(duckdb_uhugeint value) {
  return static_cast<unsigned __int128>(value.upper) << 64 | value.lower;
}

Value exact(__int128 value, unsigned scale) {
  if (scale == 0 && value >= std::numeric_limits<std::int64_t>::min() &&
      value <= std::numeric_limits<std::int64_t>::max())
    return static_cast<std::int64_t>(value);
  if (scale == 0 && value >= 0 && value <= std::numeric_limits<std::uint64_t>::max())
    return static_cast<std::uint64_t>(value);
  return Decimal{decimal_text(value, scale)};
}

Value exact(unsigned __int128 value) {
  if (value <= static_cast<unsigned __int128>(std::numeric_limits<__int128>::max()))
    return exact(static_cast<__int128>(value), 0);
  return Decimal{decimal_text(value)};
}

std::string text_at(const void* data, std::size_t row) {
  auto string = static_cast<const duckdb_string_t*>(data)[row];
  return {duckdb_string_t_data(&string), duckdb_string_t_length(string)};
}

template <typename T>
T at(const void* data, std::size_t row) {
  return static_cast<const T*>(data)[row];
}

__int128 integer_at(Kind storage, const void* data, std::size_t row) {
  switch (storage) {
    case Kind::i16: return at<std::int16_t>(data, row);
    case Kind::i32: return at<std::int32_t>(data, row);
    case Kind::i64: return at<std::int64_t>(data, row);
    default: return wide(at<duckdb_hugeint>(data, row));
  }
}

}  // namespace

std::string decimal_text(unsigned __int128 value) {
  std::string digits;
  do digits += static_cast<char>('0' + static_cast<int>(value % 10));
  while ((value /= 10) != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string decimal_text(__int128 value, unsigned scale) {
  const bool negative = value < 0;
  auto magnitude = static_cast<unsigned __int128>(value);
  if (negative) magnitude = -magnitude;
  std::string digits = decimal_text(magnitude);
  if (scale > 0) {
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    digits.insert(digits.size() - scale, ".");
  }
  return negative ? "-" + digits : digits;
}

CellType cell_type(duckdb_logical_type type) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN: return plain(Kind::boolean);
    case DUCKDB_TYPE_TINYINT: return plain(Kind::i8);
    case DUCKDB_TYPE_SMALLINT: return plain(Kind::i16);
    case DUCKDB_TYPE_INTEGER: return plain(Kind::i32);
    case DUCKDB_TYPE_BIGINT: return plain(Kind::i64);
    case DUCKDB_TYPE_UTINYINT: return plain(Kind::u8);
    case DUCKDB_TYPE_USMALLINT: return plain(Kind::u16);
    case DUCKDB_TYPE_UINTEGER: return plain(Kind::u32);
    case DUCKDB_TYPE_UBIGINT: return plain(Kind::u64);
    case DUCKDB_TYPE_HUGEINT: return plain(Kind::i128);
    case DUCKDB_TYPE_UHUGEINT: return plain(Kind::u128);
    case DUCKDB_TYPE_FLOAT: return plain(Kind::f32);
    case DUCKDB_TYPE_DOUBLE: return plain(Kind::f64);
    case DUCKDB_TYPE_VARCHAR: return plain(Kind::text);
    case DUCKDB_TYPE_TIMESTAMP_S: return time_in(second, 0);
    case DUCKDB_TYPE_TIMESTAMP_MS: return time_in(millisecond, 3);
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return time_in(microsecond, 6);
    case DUCKDB_TYPE_TIMESTAMP_NS: return time_in(1, 9);
    case DUCKDB_TYPE_DECIMAL:
      return {Kind::decimal, integer_kind(duckdb_decimal_internal_type(type)), duckdb_decimal_scale(type), 0, 1};
    default: return plain(Kind::cast);
  }
}

CellReader cell_reader(duckdb_vector vector, const CellType& type) {
  return {type, duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)};
}

bool CellReader::representable(std::size_t rows) const {
  if (type.kind != Kind::timestamp) return true;
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() / type.ns_per_unit;
  // At nanoseconds the greatest numbers are DuckDB's infinities.
  const std::int64_t limit = type.ns_per_unit == 1 ? most - 1 : most;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto units = at<std::int64_t>(data, row);
    if (!is_null(row) && (units > limit || units < -limit)) return false;
  }
  return true;
}

Value CellReader::value(std::size_t row) const {
  if (is_null(row)) return {};
  switch (type.kind) {
    case Kind::boolean: return at<bool>(data, row);
    case Kind::i8: return std::int64_t{at<std::int8_t>(data, row)};
    case Kind::i16: return std::int64_t{at<std::int16_t>(data, row)};
    case Kind::i32: return std::int64_t{at<std::int32_t>(data, row)};
    case Kind::i64: return at<std::int64_t>(data, row);
    case Kind::u8: return std::uint64_t{at<std::uint8_t>(data, row)};
    case Kind::u16: return std::uint64_t{at<std::uint16_t>(data, row)};
    case Kind::u32: return std::uint64_t{at<std::uint32_t>(data, row)};
    case Kind::u64: return at<std::uint64_t>(data, row);
    case Kind::i128: return exact(wide(at<duckdb_hugeint>(data, row)), 0);
    case Kind::u128: return exact(wide(at<duckdb_uhugeint>(data, row)));
    case Kind::f32: return static_cast<double>(at<float>(data, row));
    case Kind::f64: return at<double>(data, row);
    case Kind::decimal: return exact(integer_at(type.storage, data, row), type.scale);
    case Kind::timestamp: return Timestamp{at<std::int64_t>(data, row) * type.ns_per_unit, type.decimals};
    case Kind::text:
    case Kind::cast: return text_at(data, row);
  }
  return {};
}

std::string to_text(const Value& value) {
  struct Text {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t n) const { return fmt::to_string(n); }
    std::string operator()(std::uint64_t n) const { return fmt::to_string(n); }
    std::string operator()(double d) const { return fmt::format("{}", d); }
    std::string operator()(const std::string& s) const { return s; }
    std::string operator()(const Timestamp& t) const { return time_text(t.time); }
    std::string operator()(const Decimal& d) const { return d.text; }
  };
  return std::visit(Text{}, value);
}

}  // namespace flowspan::engine
