// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "wire/fixed_records.hpp"

#include <string>

#include "base/ip.hpp"
#include "wire/cursor.hpp"

namespace flowspan::wire {
namespace {

using flow::FieldIndex;
using flow::FlowBatch;
using flow::operator""_field;

/// The kernel: out[i] = make(number at `from` in record i). Takes the records by value, for a store through a byte
/// pointer could change them if they had an address.
template <typename Wire, typename Value, typename Make>
void copy(const Records records, std::size_t from, Value* out, Make make) {
  const std::byte* at = records.first + from;
  std::size_t i = 0;
  for (; i + 4 <= records.count; i += 4, at += 4 * records.length) {
    out[i] = static_cast<Value>(make(load<Wire>(at)));
    out[i + 1] = static_cast<Value>(make(load<Wire>(at + records.length)));
    out[i + 2] = static_cast<Value>(make(load<Wire>(at + 2 * records.length)));
    out[i + 3] = static_cast<Value>(make(load<Wire>(at + 3 * records.length)));
  }
  for (; i < records.count; ++i, at += records.length) out[i] = static_cast<Value>(make(load<Wire>(at)));
}

template <typename Wire>
void put_number(const Records& records, const FixedColumn& column, FlowBatch& batch) {
  const auto same = [](Wire value) { return value; };
  switch (flow::width(flow::fields[column.field].type)) {
    case 1: return copy<Wire>(records, column.offset, batch.put<std::uint8_t>(column.field), same);
    case 2: return copy<Wire>(records, column.offset, batch.put<std::uint16_t>(column.field), same);
    case 4: return copy<Wire>(records, column.offset, batch.put<std::uint32_t>(column.field), same);
    default: return copy<Wire>(records, column.offset, batch.put<std::uint64_t>(column.field), same);
  }
}

void put_number(const Records& records, const FixedColumn& column, FlowBatch& batch) {
  switch (column.width) {
    case 1: return put_number<std::uint8_t>(records, column, batch);
    case 2: return put_number<std::uint16_t>(records, column, batch);
    case 4: return put_number<std::uint32_t>(records, column, batch);
    default: return put_number<std::uint64_t>(records, column, batch);
  }
}

/// All values OR-ed: zero when all are.
template <typename Wire>
std::uint32_t any_bit(const Records records, std::size_t offset) {
  std::uint32_t bits = 0;
  const std::byte* at = records.first + offset;
  for (std::size_t i = 0; i < records.count; ++i, at += records.length) bits |= load<Wire>(at);
  return bits;
}

std::uint32_t any_bit(const Records& records, const Leftover& leftover) {
  switch (leftover.width) {
    case 1: return any_bit<std::uint8_t>(records, leftover.offset);
    case 2: return any_bit<std::uint16_t>(records, leftover.offset);
    default: return any_bit<std::uint32_t>(records, leftover.offset);
  }
}

std::uint32_t value_of(const std::byte* record, const Leftover& leftover) {
  const std::byte* at = record + leftover.offset;
  switch (leftover.width) {
    case 1: return load<std::uint8_t>(at);
    case 2: return load<std::uint16_t>(at);
    default: return load<std::uint32_t>(at);
  }
}

}  // namespace

void put_columns(const Records& records, std::span<const FixedColumn> columns, const UptimeClock& clock,
                 FlowBatch& batch) {
  for (const FixedColumn& column : columns) {
    if (!batch.wants(column.field)) continue;
    switch (column.kind) {
      case Kind::number: put_number(records, column, batch); break;
      case Kind::ipv4:
        copy<std::uint32_t>(records, column.offset, batch.put<std::uint64_t>(column.field),
                            [](std::uint32_t address) { return Ip::v4_prefix | address; });
        break;
      case Kind::uptime:
        copy<std::uint32_t>(records, column.offset, batch.put<std::int64_t>(column.field),
                            [clock](std::uint32_t uptime) { return clock.time_ms(uptime); });
        break;
    }
  }
}

void append_hex(std::string& json, std::string_view name, std::uint32_t value, std::size_t bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (!json.empty() && json.back() != '{') json += ',';
  json += '"';
  json += name;
  json += "\":\"0x";
  for (std::size_t nibble = 2 * bytes; nibble-- > 0;) json += digits[value >> (4 * nibble) & 0xf];
  json += '"';
}

void put_leftovers(const Records& records, std::span<const Leftover> leftovers, std::string_view header,
                   FlowBatch& batch) {
  constexpr FieldIndex extra = "extra"_field;
  if (!batch.wants(extra)) return;
  std::uint32_t any = 0;
  for (const Leftover& leftover : leftovers) any |= any_bit(records, leftover);
  if (any == 0 && header.empty()) return;

  std::string json;
  for (std::size_t i = 0; i < records.count; ++i) {
    json = '{';
    json += header;
    for (const Leftover& leftover : leftovers) {
      const std::uint32_t value = value_of(records.first + i * records.length, leftover);
      if (value != 0) append_hex(json, leftover.name, value, leftover.width);
    }
    if (json.size() == 1) continue;
    json += '}';
    batch.put_text(extra, i, json);
  }
}

}  // namespace flowspan::wire
