// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Records of one fixed length, one after the other, become columns: one loop per column over all records, with no test of
// bounds inside. What makes that safe: a layout lies within its record (static_assert on `covers`), and `Records` is
// made from bytes that hold its records (Records::of).

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "flow/batch.hpp"

namespace flowspan::wire {

/// What the bytes of a column mean.
enum class Kind : std::uint8_t {
  number,  ///< unsigned, big endian, at most as wide as the field
  ipv4,    ///< an address; the field is the lower half of the pair (hi stays 0)
  uptime,  ///< SysUptime in ms, of 32 bits; the field is a time in ms
};

/// A part of a record that becomes a column.
struct FixedColumn {
  flow::FieldIndex field;
  std::uint16_t offset;  ///< bytes into the record
  std::uint8_t width;    ///< bytes: 1, 2, 4 or 8
  Kind kind = Kind::number;
};

/// A part of a record that has no column. It is usually zero; where it is not, it goes to `extra` by this name.
struct Leftover {
  std::string_view name;
  std::uint16_t offset;
  std::uint8_t width;  ///< bytes: 1, 2 or 4
};

/// Whether columns and leftovers lie within a record of `length` bytes, leave no byte of it out, share none, and fit
/// their fields.
template <std::size_t length, std::size_t columns, std::size_t leftovers>
consteval bool covers(const std::array<FixedColumn, columns>& layout, const std::array<Leftover, leftovers>& rest) {
  std::array<bool, length> taken{};
  const auto take = [&](std::size_t offset, std::size_t width) {
    if (width != 1 && width != 2 && width != 4 && width != 8) return false;
    for (std::size_t i = offset; i < offset + width; ++i) {
      if (i >= length || taken[i]) return false;
      taken[i] = true;
    }
    return true;
  };
  for (const FixedColumn& column : layout) {
    const std::size_t room = flow::width(flow::fields[column.field].type);
    if (!take(column.offset, column.width) || column.width > room) return false;
    if (column.kind != Kind::number && (column.width != 4 || room != 8)) return false;
  }
  for (const Leftover& leftover : rest) {
    if (!take(leftover.offset, leftover.width)) return false;
  }
  for (const bool byte : taken) {
    if (!byte) return false;
  }
  return true;
}

/// Whole records in a datagram.
struct Records {
  const std::byte* first = nullptr;
  std::size_t length = 1;  ///< bytes of one
  std::size_t count = 0;

  /// At most `wanted` records, and no more than `bytes` holds.
  static Records of(Bytes bytes, std::size_t length, std::size_t wanted) {
    const std::size_t whole = bytes.size() / length;
    return {bytes.data(), length, whole < wanted ? whole : wanted};
  }
};

/// What tells the wall clock from SysUptime: both at the moment of export.
struct UptimeClock {
  std::int64_t export_ms = 0;    ///< since 1970
  std::uint32_t sys_uptime = 0;  ///< ms, modulo 2^32

  /// Only the signed difference of two uptimes has a meaning, since they wrap every 49.7 days: right for what lies
  /// less than 24.8 days before (or, in exporters that write the header first, after) the export.
  constexpr std::int64_t time_ms(std::uint32_t uptime) const {
    return export_ms - static_cast<std::int32_t>(sys_uptime - uptime);
  }
};

/// Puts the wanted ones of the columns for the batch's new rows, of which there must be records.count.
void put_columns(const Records& records, std::span<const FixedColumn> columns, const UptimeClock& clock,
                 flow::FlowBatch& batch);

/// Puts `extra`: a JSON object for each record with leftovers that are not zero, or for all when there is something to
/// say of the whole datagram (`header`: `"name":"value",…` without braces).
void put_leftovers(const Records& records, std::span<const Leftover> leftovers, std::string_view header,
                   flow::FlowBatch& batch);

/// `"name":"0x00ff"`, two digits a byte.
void append_hex(std::string& json, std::string_view name, std::uint32_t value, std::size_t bytes);

}  // namespace flowspan::wire
