// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// The records of NetFlow v8's aggregation schemes (Cisco, "NetFlow Export Datagram Format" and "NetFlow ToS-Based
// Router Aggregation", 12.0(15)S). Where other readers differ:
//
//  - Schemes 5, 13 and 14 have the destination's prefix length before the source's, as CAIDA's cflowd 2.1, flow-tools
//    and pmacct read it. Wireshark takes the first for the source's; and Junos sends it so unless its configuration
//    says `caida-compliant`. Nothing in the datagram tells which.
//  - Scheme 9 has the interfaces before the type of service, as Cisco draws it. Wireshark looks for them behind.

#include "wire/netflow_v8_schemes.hpp"

#include <algorithm>
#include <array>

namespace flowspan::wire {
namespace {

using flow::FieldIndex;
using flow::operator""_field;

/// All schemes but those of the Catalyst switches begin with these, in bytes 0 to 19.
constexpr auto sums = std::to_array<FixedColumn>({
    {"flow_count"_field, 0, 4},
    {"packets"_field, 4, 4},
    {"bytes"_field, 8, 4},
    {"first_time"_field, 12, 4, Kind::uptime},
    {"last_time"_field, 16, 4, Kind::uptime},
});

template <std::size_t count>
consteval std::array<FixedColumn, sums.size() + count> summed_by(const FixedColumn (&key)[count]) {
  std::array<FixedColumn, sums.size() + count> columns{};
  std::copy(std::begin(key), std::end(key), std::copy(sums.begin(), sums.end(), columns.begin()));
  return columns;
}

constexpr std::array<Leftover, 0> nothing{};
constexpr auto reserved_30 = std::to_array<Leftover>({{"v8.reserved", 30, 2}});

constexpr auto as = summed_by({
    {"src_as"_field, 20, 2},
    {"dst_as"_field, 22, 2},
    {"in_if"_field, 24, 2},
    {"out_if"_field, 26, 2},
});

constexpr auto proto_port = summed_by({
    {"proto"_field, 20, 1},
    {"src_port"_field, 24, 2},
    {"dst_port"_field, 26, 2},
});
constexpr auto proto_port_rest = std::to_array<Leftover>({{"v8.pad", 21, 1}, {"v8.reserved", 22, 2}});

constexpr auto src_prefix = summed_by({
    {"src_lo"_field, 20, 4, Kind::ipv4},
    {"src_mask"_field, 24, 1},
    {"src_as"_field, 26, 2},
    {"in_if"_field, 28, 2},
});
constexpr auto dst_prefix = summed_by({
    {"dst_lo"_field, 20, 4, Kind::ipv4},
    {"dst_mask"_field, 24, 1},
    {"dst_as"_field, 26, 2},
    {"out_if"_field, 28, 2},
});
constexpr auto one_prefix_rest = std::to_array<Leftover>({{"v8.pad", 25, 1}, {"v8.reserved", 30, 2}});

constexpr auto prefix = summed_by({
    {"src_lo"_field, 20, 4, Kind::ipv4},
    {"dst_lo"_field, 24, 4, Kind::ipv4},
    {"dst_mask"_field, 28, 1},
    {"src_mask"_field, 29, 1},
    {"src_as"_field, 32, 2},
    {"dst_as"_field, 34, 2},
    {"in_if"_field, 36, 2},
    {"out_if"_field, 38, 2},
});

// Of Catalyst switches: aggregated by their flow mask, and no number of flows is said. `extra_pkts` are packets beyond
// the traffic contract, `marked_tos` the type of service that these were given.
constexpr auto dest_only = std::to_array<FixedColumn>({
    {"dst_lo"_field, 0, 4, Kind::ipv4},
    {"packets"_field, 4, 4},
    {"bytes"_field, 8, 4},
    {"first_time"_field, 12, 4, Kind::uptime},
    {"last_time"_field, 16, 4, Kind::uptime},
    {"out_if"_field, 20, 2},
    {"tos"_field, 22, 1},
    {"bypassed_router_lo"_field, 28, 4, Kind::ipv4},
});
constexpr auto dest_only_rest = std::to_array<Leftover>({{"v8.marked_tos", 23, 1}, {"v8.extra_pkts", 24, 4}});

constexpr auto src_dst = std::to_array<FixedColumn>({
    {"dst_lo"_field, 0, 4, Kind::ipv4},
    {"src_lo"_field, 4, 4, Kind::ipv4},
    {"packets"_field, 8, 4},
    {"bytes"_field, 12, 4},
    {"first_time"_field, 16, 4, Kind::uptime},
    {"last_time"_field, 20, 4, Kind::uptime},
    {"out_if"_field, 24, 2},
    {"in_if"_field, 26, 2},
    {"tos"_field, 28, 1},
    {"bypassed_router_lo"_field, 36, 4, Kind::ipv4},
});
constexpr auto src_dst_rest =
    std::to_array<Leftover>({{"v8.marked_tos", 29, 1}, {"v8.reserved", 30, 2}, {"v8.extra_pkts", 32, 4}});

constexpr auto full_flow = std::to_array<FixedColumn>({
    {"dst_lo"_field, 0, 4, Kind::ipv4},
    {"src_lo"_field, 4, 4, Kind::ipv4},
    {"dst_port"_field, 8, 2},
    {"src_port"_field, 10, 2},
    {"packets"_field, 12, 4},
    {"bytes"_field, 16, 4},
    {"first_time"_field, 20, 4, Kind::uptime},
    {"last_time"_field, 24, 4, Kind::uptime},
    {"out_if"_field, 28, 2},
    {"in_if"_field, 30, 2},
    {"tos"_field, 32, 1},
    {"proto"_field, 33, 1},
    {"bypassed_router_lo"_field, 40, 4, Kind::ipv4},
});
constexpr auto full_flow_rest =
    std::to_array<Leftover>({{"v8.marked_tos", 34, 1}, {"v8.pad", 35, 1}, {"v8.extra_pkts", 36, 4}});

constexpr auto tos_as = summed_by({
    {"src_as"_field, 20, 2},
    {"dst_as"_field, 22, 2},
    {"in_if"_field, 24, 2},
    {"out_if"_field, 26, 2},
    {"tos"_field, 28, 1},
});
constexpr auto tos_as_rest = std::to_array<Leftover>({{"v8.pad", 29, 1}, {"v8.reserved", 30, 2}});

constexpr auto tos_proto_port = summed_by({
    {"proto"_field, 20, 1},
    {"tos"_field, 21, 1},
    {"src_port"_field, 24, 2},
    {"dst_port"_field, 26, 2},
    {"in_if"_field, 28, 2},
    {"out_if"_field, 30, 2},
});
constexpr auto tos_proto_port_rest = std::to_array<Leftover>({{"v8.reserved", 22, 2}});

constexpr auto tos_src_prefix = summed_by({
    {"src_lo"_field, 20, 4, Kind::ipv4},
    {"src_mask"_field, 24, 1},
    {"tos"_field, 25, 1},
    {"src_as"_field, 26, 2},
    {"in_if"_field, 28, 2},
});
constexpr auto tos_dst_prefix = summed_by({
    {"dst_lo"_field, 20, 4, Kind::ipv4},
    {"dst_mask"_field, 24, 1},
    {"tos"_field, 25, 1},
    {"dst_as"_field, 26, 2},
    {"out_if"_field, 28, 2},
});

constexpr auto tos_prefix = summed_by({
    {"src_lo"_field, 20, 4, Kind::ipv4},
    {"dst_lo"_field, 24, 4, Kind::ipv4},
    {"dst_mask"_field, 28, 1},
    {"src_mask"_field, 29, 1},
    {"tos"_field, 30, 1},
    {"src_as"_field, 32, 2},
    {"dst_as"_field, 34, 2},
    {"in_if"_field, 36, 2},
    {"out_if"_field, 38, 2},
});
constexpr auto tos_prefix_rest = std::to_array<Leftover>({{"v8.pad", 31, 1}});

constexpr auto prefix_port = summed_by({
    {"src_lo"_field, 20, 4, Kind::ipv4},
    {"dst_lo"_field, 24, 4, Kind::ipv4},
    {"dst_mask"_field, 28, 1},
    {"src_mask"_field, 29, 1},
    {"tos"_field, 30, 1},
    {"proto"_field, 31, 1},
    {"src_port"_field, 32, 2},
    {"dst_port"_field, 34, 2},
    {"in_if"_field, 36, 2},
    {"out_if"_field, 38, 2},
});

/// What v5 says of every flow and a scheme may leave out: their absent value is a number.
constexpr std::array never_left_out{"next_hop_lo"_field, "tos"_field,      "src_as"_field,
                                    "dst_as"_field,      "src_mask"_field, "dst_mask"_field};

template <const auto& columns>
constexpr bool leaves_out(FieldIndex field) {
  return std::none_of(columns.begin(), columns.end(), [field](const FixedColumn& c) { return c.field == field; });
}

/// Those of never_left_out that a scheme does leave out.
template <const auto& columns>
constexpr auto unsaid = [] {
  constexpr auto begin = never_left_out.begin();
  constexpr auto end = never_left_out.end();
  std::array<FieldIndex, std::count_if(begin, end, leaves_out<columns>)> fields{};
  std::copy_if(begin, end, fields.begin(), leaves_out<columns>);
  return fields;
}();

template <std::size_t length, const auto& columns, const auto& leftovers>
consteval FixedFormat scheme() {
  static_assert(covers<length>(columns, leftovers));
  return {.version = 8,
          .record_length = length,
          .columns = columns,
          .leftovers = leftovers,
          .unsaid = unsaid<columns>,
          // Catalyst switches fill their datagrams up, whatever the count.
          .padded = leaves_out<columns>("flow_count"_field)};
}

constexpr std::array schemes{
    scheme<28, as, nothing>(),                          // 1 RouterAS
    scheme<28, proto_port, proto_port_rest>(),          // 2 RouterProtoPort
    scheme<32, src_prefix, one_prefix_rest>(),          // 3 RouterSrcPrefix
    scheme<32, dst_prefix, one_prefix_rest>(),          // 4 RouterDstPrefix
    scheme<40, prefix, reserved_30>(),                  // 5 RouterPrefix
    scheme<32, dest_only, dest_only_rest>(),            // 6 DestOnly
    scheme<40, src_dst, src_dst_rest>(),                // 7 SrcDst
    scheme<44, full_flow, full_flow_rest>(),            // 8 FullFlow
    scheme<32, tos_as, tos_as_rest>(),                  // 9 RouterTosAS
    scheme<32, tos_proto_port, tos_proto_port_rest>(),  // 10 RouterTosProtoPort
    scheme<32, tos_src_prefix, reserved_30>(),          // 11 RouterTosSrcPrefix
    scheme<32, tos_dst_prefix, reserved_30>(),          // 12 RouterTosDstPrefix
    scheme<40, tos_prefix, tos_prefix_rest>(),          // 13 RouterTosPrefix
    scheme<40, prefix_port, nothing>(),                 // 14 RouterPrePortProtocol
};
static_assert(schemes.size() == 14);

}  // namespace

const FixedFormat* v8_scheme(std::uint8_t scheme) {
  return scheme >= 1 && scheme <= schemes.size() ? &schemes[scheme - 1u] : nullptr;
}

}  // namespace flowspan::wire
