// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flowspan::flow {

/// How a field's values are kept, in a batch and in Parquet.
enum class Type : std::uint8_t {
  u8,
  u16,
  u32,
  u64,
  i64,
  f64,
  time_ms,  ///< int64 milliseconds since 1970, UTC
  time_us,  ///< int64 microseconds since 1970, UTC
  time_ns,  ///< int64 nanoseconds since 1970, UTC
  text,     ///< UTF-8
};

/// Bytes of one value in a batch; 0 for text, which has no fixed width.
constexpr std::size_t width(Type type) {
  switch (type) {
    case Type::u8: return 1;
    case Type::u16: return 2;
    case Type::u32: return 4;
    case Type::text: return 0;
    default: return 8;
  }
}

/// In Field::absent: a flow whose segment leaves the field out does not say it (NULL).
inline constexpr std::int64_t null = INT64_MIN;

/// One thing that is known of a flow. The number is the Parquet field id: permanent, never used again for another
/// meaning; type and absent value of a number never change either.
struct Field {
  std::uint16_t number;
  std::string_view name;  ///< column in Parquet; goflow2's and IANA's words where they have one
  Type type;
  /// What a flow has in this field where its segment leaves the column out: `null`, or the value that the protocols
  /// which always say the field say most often, so that it costs neither time nor bytes.
  std::int64_t absent;
  std::string_view unit;      ///< "" where it has none
  std::string_view elements;  ///< IPFIX information elements (IANA numbers) that say the same
  std::string_view help;
};

// clang-format off
/// Every field, ONE ROW EACH. To add a field is to add a row at the end of its group with a new number.
inline constexpr auto fields = std::to_array<Field>({
    // number, name, type, absent, unit, elements, help
    // 1-29: the datagram and who sent it
    {1, "received_time", Type::time_us, null, "", "258", "when the kernel received the datagram"},
    {2, "exporter_hi", Type::u64, 0, "", "130 131", "sender of the datagram, upper half of its address"},
    {3, "exporter_lo", Type::u64, 0, "", "130 131", "sender of the datagram, lower half of its address"},
    {4, "exporter_port", Type::u16, null, "", "217", "UDP or TCP port the datagram came from"},
    {5, "export_version", Type::u8, 5, "", "214", "version word of the datagram: 1, 5, 7, 8, 9, 10"},
    {6, "export_time", Type::time_ns, null, "", "325", "the exporter's clock when it sent the datagram"},
    {7, "sys_uptime", Type::u32, null, "ms", "", "milliseconds since the exporter booted, wraps after 49.7 days"},
    {8, "flow_sequence", Type::u32, null, "", "", "sequence number in the datagram's header"},
    {9, "observation_domain", Type::u32, null, "", "149", "observation domain (IPFIX) or source id (NetFlow v9)"},
    {10, "engine_type", Type::u8, 0, "", "", "type of the flow switching engine (NetFlow v5, v8)"},
    {11, "engine_id", Type::u8, 0, "", "", "slot of the flow switching engine (NetFlow v5, v8)"},
    {12, "sampling_mode", Type::u8, 0, "", "", "upper two bits of the NetFlow v5 or v8 sampling word, as exported"},
    {13, "sampling_rate", Type::f64, null, "", "34 50 305 306", "one packet in so many was seen; NULL: not said"},
    {14, "sampler_id", Type::u64, null, "", "48 302", "the sampler that chose the packets"},
    // 30-59: who talked to whom
    {30, "ip_version", Type::u8, 4, "", "60", "4 or 6"},
    {31, "src_hi", Type::u64, 0, "", "8 27", "source address, upper half"},
    {32, "src_lo", Type::u64, null, "", "8 27", "source address, lower half"},
    {33, "dst_hi", Type::u64, 0, "", "12 28", "destination address, upper half"},
    {34, "dst_lo", Type::u64, null, "", "12 28", "destination address, lower half"},
    {35, "next_hop_hi", Type::u64, 0, "", "15 62", "next router, upper half"},
    {36, "next_hop_lo", Type::u64, 0xffff'0000'0000, "", "15 62", "next router, lower half"},
    {37, "src_port", Type::u16, null, "", "7", "source port"},
    {38, "dst_port", Type::u16, null, "", "11", "destination port"},
    {39, "proto", Type::u8, null, "", "4", "IP protocol number"},
    {40, "tcp_flags", Type::u16, null, "", "6", "all TCP flags seen, OR-ed"},
    {41, "tos", Type::u8, 0, "", "5", "IP type of service, traffic class"},
    {42, "icmp_type", Type::u8, null, "", "176 178", "ICMP type; NetFlow up to v8 says it in dst_port, where the view finds it"},
    {43, "icmp_code", Type::u8, null, "", "177 179", "ICMP code; NetFlow up to v8 says it in dst_port, where the view finds it"},
    // 60-79: how much and when
    {60, "bytes", Type::u64, null, "bytes", "1 85", "layer 3 bytes, as exported"},
    {61, "packets", Type::u64, null, "packets", "2 86", "packets, as exported"},
    {62, "first_time", Type::time_ms, null, "", "22 152", "first packet, by the exporter's clock"},
    {63, "last_time", Type::time_ms, null, "", "21 153", "last packet, by the exporter's clock"},
    {64, "direction", Type::u8, null, "", "61", "0 ingress, 1 egress"},
    {65, "flow_end_reason", Type::u8, null, "", "136", "RFC 5102: 1 idle, 2 active, 3 end, 4 forced, 5 lack of resources"},
    {66, "flow_count", Type::u64, null, "flows", "3", "flows that the record sums up, where it says so (NetFlow v8)"},
    {67, "agg_scheme", Type::u8, null, "", "", "NetFlow v8 aggregation, 1 to 14: what the summed flows have in common"},
    // 80-109: the way through the router
    {80, "in_if", Type::u32, null, "", "10", "SNMP index of the input interface"},
    {81, "out_if", Type::u32, null, "", "14", "SNMP index of the output interface"},
    {82, "src_as", Type::u32, 0, "", "16", "autonomous system of the source"},
    {83, "dst_as", Type::u32, 0, "", "17", "autonomous system of the destination"},
    {84, "src_mask", Type::u8, 0, "bits", "9 29", "prefix length of the source's route"},
    {85, "dst_mask", Type::u8, 0, "bits", "13 30", "prefix length of the destination's route"},
    {86, "src_vlan", Type::u16, null, "", "58", "VLAN on the input side"},
    {87, "dst_vlan", Type::u16, null, "", "59", "VLAN on the output side"},
    {88, "src_mac", Type::u64, null, "", "56", "source MAC address, as a number"},
    {89, "dst_mac", Type::u64, null, "", "80", "destination MAC address, as a number"},
    {90, "bypassed_router_hi", Type::u64, 0, "", "", "router bypassed by the switch (NetFlow v7, v8), upper half"},
    {91, "bypassed_router_lo", Type::u64, null, "", "", "router bypassed by the switch (NetFlow v7, v8), lower half"},
    {92, "valid_fields", Type::u16, null, "", "", "NetFlow v7 flags: which fields of the record are invalid"},
    // 999: everything else
    {999, "extra", Type::text, null, "", "", "JSON object of what has no column, by element or header name"},
});
// clang-format on

/// Index of a field in `fields` (not its number).
using FieldIndex = std::size_t;
inline constexpr std::size_t field_count = fields.size();
using FieldSet = std::bitset<field_count>;

/// Index of the field of that name, or field_count.
constexpr FieldIndex find_field(std::string_view name) {
  FieldIndex index = 0;
  while (index < field_count && fields[index].name != name) ++index;
  return index;
}

/// "src_port"_field: the index, found at compile time; an unknown name does not compile.
consteval FieldIndex operator""_field(const char* name, std::size_t length) {
  const FieldIndex index = find_field({name, length});
  if (index == field_count) throw "no such field";
  return index;
}

consteval bool fields_are_unique() {
  for (std::size_t i = 0; i < field_count; ++i)
    for (std::size_t j = i + 1; j < field_count; ++j)
      if (fields[i].number == fields[j].number || fields[i].name == fields[j].name) return false;
  return true;
}
static_assert(fields_are_unique());

}  // namespace flowspan::flow
