// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// NetFlow v1 (Cisco, "NetFlow Export Datagram Format"): a header of 16 bytes without sequence number, then up to 24
// records. A record has 48 bytes; bytes 41-43 are TCP statistics in Cisco's header files and padding in its books. Some
// devices (Extreme's PoS module, by its manual) pad it to 52: told by a length that fits exactly.

#include "wire/netflow_fixed.hpp"

namespace flowspan::wire {
namespace {

using flow::operator""_field;

constexpr std::size_t header_length = 16;
constexpr std::size_t record_length = 48;
constexpr std::size_t padded_length = 52;
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
    {"proto"_field, 38, 1},
    {"tos"_field, 39, 1},
    {"tcp_flags"_field, 40, 1},
});
constexpr auto leftovers = std::to_array<Leftover>({
    {"v1.pad1", 36, 2},
    {"v1.tcp_retx_cnt", 41, 1},
    {"v1.tcp_retx_secs", 42, 1},
    {"v1.tcp_misseq_cnt", 43, 1},
    {"v1.reserved", 44, 4},
    {"v1.pad2", 48, 4},  // of padded records only
});
static_assert(covers<padded_length>(columns, leftovers));

}  // namespace

Outcome decode_v1(const Datagram& datagram, exporter::Exporters& exporters, flow::FlowBatch& batch) {
  Cursor in(datagram.payload);
  const FixedHeader header = read_fixed_header(in);
  const bool padded = header.count > 0 && datagram.payload.size() == header_length + padded_length * header.count;
  const std::span<const Leftover> all = leftovers;
  const FixedFormat format{.version = 1,
                           .record_length = padded ? padded_length : record_length,
                           .columns = columns,
                           .leftovers = padded ? all : all.first(all.size() - 1)};
  return decode_fixed(format, header, in, datagram, exporters, batch);
}

}  // namespace flowspan::wire
