// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "wire/decode.hpp"

#include "wire/cursor.hpp"
#include "wire/netflow_fixed.hpp"

namespace flowspan::wire {

Outcome decode(const Datagram& datagram, exporter::Exporters& exporters, flow::FlowBatch& batch) {
  using exporter::Reason;
  if (datagram.payload.empty()) return refuse(datagram, 0, Reason::empty, exporters);
  Cursor in(datagram.payload);
  const std::uint16_t version = in.u16();
  if (!in.ok()) return refuse(datagram, 0, Reason::truncated_header, exporters);
  switch (version) {
    case 1: return decode_v1(datagram, exporters, batch);
    case 5: return decode_v5(datagram, exporters, batch);
    case 7: return decode_v7(datagram, exporters, batch);
    case 8: return decode_v8(datagram, exporters, batch);
    case 9:   // NetFlow v9
    case 10:  // IPFIX
      return refuse(datagram, version, Reason::unsupported_version, exporters);
    case 0:  // sFlow has a version word of 32 bits
      if (in.u16() == 5) return refuse(datagram, version, Reason::unsupported_version, exporters);
      break;
    default: break;
  }
  return refuse(datagram, version, Reason::unknown_version, exporters);
}

}  // namespace flowspan::wire
