// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// NetFlow v5 (Cisco, "NetFlow Export Datagram Format"): a header of 24 bytes, then up to 30 records of 48; more are taken
// if the datagram holds them.

#include "wire/netflow_fixed.hpp"

namespace flowspan::wire {
namespace {

using flow::operator""_field;

constexpr std::size_t record_length = 48;
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
});
constexpr auto leftovers = std::to_array<Leftover>({
    {"v5.pad1", 36, 1},
    {"v5.pad2", 46, 2},
});
static_assert(covers<record_length>(columns, leftovers));

constexpr FixedFormat format{.version = 5, .record_length = record_length, .columns = columns, .leftovers = leftovers};

}  // namespace

Outcome decode_v5(const Datagram& datagram, exporter::Exporters& exporters, flow::FlowBatch& batch) {
  Cursor in(datagram.payload);
  FixedHeader header = read_fixed_header(in);
  header.sequence = in.u32();
  header.engine = {.version = 5, .type = in.u8(), .id = in.u8()};
  const std::uint16_t sampling = in.u16();
  Outcome outcome = decode_fixed(format, header, in, datagram, exporters, batch);
  if (outcome.flows == 0 || batch.wanted().none()) return outcome;
  put_engine(header.engine, sampling, batch);
  return outcome;
}

}  // namespace flowspan::wire
