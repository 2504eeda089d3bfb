// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// NetFlow v8, flows summed up in the router (Cisco, "NetFlow Export Datagram Format"): a header of 28 bytes that names
// the aggregation scheme, then records of the scheme's own layout (netflow_v8_schemes.cpp). A row is a record: the sum
// of `flow_count` flows.
//
// The sequence number counts the records "sent for this export stream" (Cisco, "NetFlow ToS-Based Router Aggregation"):
// each scheme is exported from a cache of its own, so each is numbered by itself.
//
// The last four bytes of the header are reserved in Cisco's older tables; 12.0(15)S has the sampling interval in the
// first two, as in v5.

#include "wire/netflow_v8_schemes.hpp"

namespace flowspan::wire {
namespace {

using flow::operator""_field;

/// RouterAggVersion: Cisco never published another than 2. Junos sends 0 for the same records.
bool is_known(std::uint8_t agg_version) { return agg_version == 2 || agg_version == 0; }

}  // namespace

Outcome decode_v8(const Datagram& datagram, exporter::Exporters& exporters, flow::FlowBatch& batch) {
  Cursor in(datagram.payload);
  FixedHeader header = read_fixed_header(in);
  header.sequence = in.u32();
  header.engine = {.version = 8, .type = in.u8(), .id = in.u8(), .scheme = in.u8()};
  const std::uint8_t agg_version = in.u8();
  const std::uint16_t sampling = in.u16();
  const std::uint16_t reserved = in.u16();
  if (!in.ok()) return refuse(datagram, 8, exporter::Reason::truncated_header, exporters);
  const FixedFormat* const format = v8_scheme(header.engine.scheme);
  if (format == nullptr || !is_known(agg_version))
    return refuse(datagram, 8, exporter::Reason::unknown_aggregation, exporters);
  if (reserved != 0) append_hex(header.extra, "v8.header_reserved", reserved, 2);
  Outcome outcome = decode_fixed(*format, header, in, datagram, exporters, batch);
  if (outcome.flows == 0 || batch.wanted().none()) return outcome;
  put_engine(header.engine, sampling, batch);
  batch.put_all("agg_scheme"_field, header.engine.scheme);
  return outcome;
}

}  // namespace flowspan::wire
