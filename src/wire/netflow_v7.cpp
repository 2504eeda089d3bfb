// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// NetFlow v7 of the Catalyst switches (Cisco, "NetFlow Export Datagram Format"): a header of 24 bytes, then up to 27
// records of 52. Cisco's tables name "flags" twice: byte 36 and bytes 46-47, both "which flow fields are invalid".
// `valid_fields` is the latter; the former, which other editions call padding, goes to `extra` where it is not zero.

#include "wire/netflow_fixed.hpp"

namespace flowspan::wire {
namespace {

using flow::operator""_field;

constexpr std::size_t record_length = 52;
constexpr auto columns = std::to_array<FixedColumn>({
    {"src_lo"_field, 0, 4, Kind::ipv4},
    {"dst_lo"_field, 4, 4, Kind::ipv4},
    {"next_hop_lo"_field, 8, 4, Kind::ipv4},
    {"in_if"_field, 12, 2},
    {"out_if"_field, 14, 2},
    {"packets"_field, 16, 4},
    {"bytes"_field, 20, 4},
    {"first_time"_field, 24, 4, Kind::uptime},
    {"last_time"_field, 28, 4, Kind::uptime},
    {"src_port"_field, 32, 2},
    {"dst_port"_field, 34, 2},
    {"tcp_flags"_field, 37, 1},
    {"proto"_field, 38, 1},
    {"tos"_field, 39, 1},
    {"src_as"_field, 40, 2},
    {"dst_as"_field, 42, 2},
    {"src_mask"_field, 44, 1},
    {"dst_mask"_field, 45, 1},
    {"valid_fields"_field, 46, 2},
    {"bypassed_router_lo"_field, 48, 4, Kind::ipv4},
});
constexpr auto leftovers = std::to_array<Leftover>({
    {"v7.flags1", 36, 1},
});
static_assert(covers<record_length>(columns, leftovers));

constexpr FixedFormat format{.version = 7, .record_length = record_length, .columns = columns, .leftovers = leftovers};

}  // namespace

Outcome decode_v7(const Datagram& datagram, exporter::Exporters& exporters, flow::FlowBatch& batch) {
  Cursor in(datagram.payload);
  FixedHeader header = read_fixed_header(in);
  header.sequence = in.u32();
  header.engine = {.version = 7, .type = 0, .id = 0};
  const std::uint32_t reserved = in.u32();
  if (reserved != 0) append_hex(header.extra, "v7.reserved", reserved, 4);
  return decode_fixed(format, header, in, datagram, exporters, batch);
}

}  // namespace flowspan::wire
