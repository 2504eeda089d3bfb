// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/time.hpp"

namespace flowspan::engine {

/// A point in time with the precision its column has.
struct Timestamp {
  Time time = 0;              ///< ns since 1970, UTC
  std::uint8_t decimals = 6;  ///< of a second: 0, 3, 6 or 9
  friend constexpr bool operator==(const Timestamp&, const Timestamp&) = default;
};

/// An exact number that no 64-bit integer holds: HUGEINT beyond 64 bits, DECIMAL with decimals. `text` is a JSON
/// number.
struct Decimal {
  std::string text;
  friend bool operator==(const Decimal&, const Decimal&) = default;
};

/// One cell. Signed integers are int64, unsigned ones uint64, HUGEINT and DECIMAL without decimals whichever holds them
/// (int64 first), else Decimal. Types without a C++ form of their own (LIST, STRUCT, BLOB, DATE, INTERVAL, UUID …) are
/// the text of DuckDB's CAST to VARCHAR. monostate is NULL.
using Value = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Timestamp, Decimal>;

inline bool is_null(const Value& value) { return value.index() == 0; }
/// The cell as text for people and CSV: NULL is "", times ISO 8601 in UTC with the decimals of their column, doubles
/// the shortest text that reads back the same.
std::string to_text(const Value& value);

struct Column {
  std::string name;
  std::string type;  ///< DuckDB's word: "UBIGINT", "DECIMAL(18,3)", "INTEGER[]", "STRUCT(hi UBIGINT, lo UBIGINT)"
};

/// A small result as a whole.
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Value>> rows;
};

}  // namespace flowspan::engine
