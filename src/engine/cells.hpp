// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Cells of a DuckDB vector as Values. Only for the .cpp files of this folder.

#include <cstdint>
#include <string>

#include "engine/handles.hpp"

namespace flowspan::engine {

/// How the values of a column lie in its vector, and what becomes of them.
struct CellType {
  enum class Kind : std::uint8_t {
    boolean,
    i8,
    i16,
    i32,
    i64,
    u8,
    u16,
    u32,
    u64,
    i128,
    u128,
    f32,
    f64,
    decimal,
    timestamp,
    text,
    cast,  ///< has no form of its own: the text of its CAST to VARCHAR
  };
  Kind kind = Kind::cast;
  Kind storage = Kind::i64;      ///< decimal: the integer that holds it
  std::uint8_t scale = 0;        ///< decimal: digits after the point
  std::uint8_t decimals = 0;     ///< timestamp: of a second
  std::int64_t ns_per_unit = 1;  ///< timestamp
};

CellType cell_type(duckdb_logical_type type);
/// DuckDB's word for a type, as it stands in SQL.
std::string type_name(duckdb_logical_type type);

/// The vector of a chunk, ready to be read.
struct CellReader {
  CellType type;
  const void* data = nullptr;
  const std::uint64_t* valid = nullptr;

  bool is_null(std::size_t row) const { return valid != nullptr && (valid[row / 64] >> (row % 64) & 1) == 0; }
  Value value(std::size_t row) const;
  /// Whether all `rows` can be given as Values; a time beyond the years 1677-2262 cannot, nor an infinite one.
  bool representable(std::size_t rows) const;
};
CellReader cell_reader(duckdb_vector vector, const CellType& type);

/// The exact decimal text of value / 10^scale.
std::string decimal_text(__int128 value, unsigned scale);
/// The same of an unsigned integer.
std::string decimal_text(unsigned __int128 value);

/// Registers the table function that casts, flowspan_cast(token).
Status register_cast(ConnectionHandle& connection);
/// Casts columns of a chunk to VARCHAR as DuckDB does it; the chunk that comes back has only these.
/// `session` must not be the one that is being fetched from.
Result<OwnedChunk> cast_to_text(ConnectionHandle& session, CastSources::Source source);

}  // namespace flowspan::engine
