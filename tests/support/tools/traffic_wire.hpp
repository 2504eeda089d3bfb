// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Flows as NetFlow v1, v5 and v7 datagrams (Cisco, "NetFlow Export Datagram Format").

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "traffic_model.hpp"

namespace traffic {

inline constexpr std::size_t max_datagram = 1500;

struct Layout {
  std::uint16_t version = 5;
  std::size_t header = 24;
  std::size_t record = 48;
  unsigned most = 30;  ///< records in a datagram
};
inline constexpr std::array<Layout, 3> layouts{Layout{1, 16, 48, 24}, Layout{5, 24, 48, 30}, Layout{7, 24, 52, 27}};

struct Header {
  std::uint64_t clock_ms = 0;     ///< since 1970, when exported
  std::uint32_t uptime_ms = 0;    ///< at that moment
  std::uint32_t fraction_ns = 0;  ///< of the millisecond
  std::uint32_t sequence = 0;
  std::uint16_t engine = 0;
  std::uint16_t sampling = 0;  ///< mode in the upper two bits
};

inline std::byte* put16(std::byte* out, std::uint16_t value) {
  value = __builtin_bswap16(value);
  std::memcpy(out, &value, 2);
  return out + 2;
}
inline std::byte* put32(std::byte* out, std::uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(out, &value, 4);
  return out + 4;
}

inline void put_header(std::byte* out, const Layout& layout, const Header& header, std::uint16_t count) {
  out = put16(out, layout.version);
  out = put16(out, count);
  out = put32(out, header.uptime_ms);
  out = put32(out, static_cast<std::uint32_t>(header.clock_ms / 1000));
  out = put32(out, static_cast<std::uint32_t>(header.clock_ms % 1000 * 1'000'000 + header.fraction_ns));
  if (layout.version == 1) return;
  out = put32(out, header.sequence);
  if (layout.version == 5) {
    out = put16(out, header.engine);
    put16(out, header.sampling);
  } else {
    put32(out, 0);
  }
}

inline void put_record(std::byte* out, const Layout& layout, const Header& header, const Flow& flow) {
  const auto uptime = [&](std::uint64_t ms) {
    return header.uptime_ms - static_cast<std::uint32_t>(header.clock_ms - ms);
  };
  out = put32(out, flow.src);
  out = put32(out, flow.dst);
  out = put32(out, flow.next_hop);
  out = put16(out, flow.in_if);
  out = put16(out, flow.out_if);
  out = put32(out, flow.packets);
  out = put32(out, flow.bytes);
  out = put32(out, uptime(flow.first));
  out = put32(out, uptime(flow.last));
  out = put16(out, flow.src_port);
  out = put16(out, flow.dst_port);
  const auto byte = [&](std::uint8_t value) { *out++ = std::byte{value}; };
  byte(0);
  byte(layout.version == 1 ? 0 : flow.flags);
  byte(flow.proto);
  byte(flow.tos);
  if (layout.version == 1) {
    byte(flow.flags);
    std::memset(out, 0, 7);
    return;
  }
  out = put16(out, flow.src_as);
  out = put16(out, flow.dst_as);
  byte(flow.src_mask);
  byte(flow.dst_mask);
  out = put16(out, 0);
  if (layout.version == 7) put32(out, 0x0A000101);
}

}  // namespace traffic
