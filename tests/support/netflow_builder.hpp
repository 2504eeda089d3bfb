// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Datagrams of NetFlow v1, v5 and v7 for tests, byte by byte, with defaults for what a test does not care about:
//
//   netflow_v5({.sequence = 30}, {{.src = 0x0a000001, .bytes = 1500}, {}})
//   netflow_v5({.count = 99}, 2)                   two default records, and a count that lies

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include "base/datagram.hpp"

namespace flowspan::test {

using ByteVector = std::vector<std::byte>;

/// A header; each version takes of it what it has.
struct NetflowHeader {
  std::optional<std::uint16_t> count = std::nullopt;  ///< else the number of records
  std::uint32_t sys_uptime = 3'600'000;
  std::uint32_t unix_secs = 1'700'000'000;
  std::uint32_t unix_nsecs = 250'000'000;
  std::uint32_t sequence = 0;
  std::uint8_t engine_type = 0;
  std::uint8_t engine_id = 0;
  std::uint16_t sampling = 0;  ///< v5: two bits of mode, 14 of interval
  std::uint32_t reserved = 0;  ///< v7
};

/// A record; each version takes of it what it has.
struct NetflowRecord {
  std::uint32_t src = 0x0a000001;  ///< 10.0.0.1
  std::uint32_t dst = 0xc0a80001;  ///< 192.168.0.1
  std::uint32_t next_hop = 0;
  std::uint16_t in_if = 1;
  std::uint16_t out_if = 2;
  std::uint32_t packets = 10;
  std::uint32_t bytes = 1'000;
  std::uint32_t first = 3'590'000;
  std::uint32_t last = 3'599'000;
  std::uint16_t src_port = 40'000;
  std::uint16_t dst_port = 443;
  std::uint8_t pad1 = 0;  ///< v7: the first flags; v1: both bytes are this one
  std::uint8_t tcp_flags = 0x1b;
  std::uint8_t proto = 6;
  std::uint8_t tos = 0;
  std::uint16_t src_as = 0;
  std::uint16_t dst_as = 0;
  std::uint8_t src_mask = 0;
  std::uint8_t dst_mask = 0;
  std::uint16_t pad2 = 0;                                                ///< v7: the second flags
  std::uint32_t router_sc = 0;                                           ///< v7
  std::uint8_t tcp_retx_cnt = 0, tcp_retx_secs = 0, tcp_misseq_cnt = 0;  ///< v1
  std::uint32_t reserved = 0;                                            ///< v1
};

ByteVector netflow_v1(const NetflowHeader& header, std::span<const NetflowRecord> records);
ByteVector netflow_v5(const NetflowHeader& header, std::span<const NetflowRecord> records);
ByteVector netflow_v7(const NetflowHeader& header, std::span<const NetflowRecord> records);
/// The same for a version known at run time: 1, 5 or 7.
ByteVector netflow(unsigned version, const NetflowHeader& header, std::span<const NetflowRecord> records);

inline ByteVector netflow_v1(const NetflowHeader& header, std::initializer_list<NetflowRecord> records) {
  return netflow_v1(header, std::span(records.begin(), records.size()));
}
inline ByteVector netflow_v5(const NetflowHeader& header, std::initializer_list<NetflowRecord> records) {
  return netflow_v5(header, std::span(records.begin(), records.size()));
}
inline ByteVector netflow_v7(const NetflowHeader& header, std::initializer_list<NetflowRecord> records) {
  return netflow_v7(header, std::span(records.begin(), records.size()));
}
/// As many default records as said.
ByteVector netflow_v5(const NetflowHeader& header, std::size_t records);
ByteVector netflow_v7(const NetflowHeader& header, std::size_t records);
ByteVector netflow(unsigned version, const NetflowHeader& header, std::size_t records);

/// As if received from `from` ("10.1.0.1", port 2055). The payload is borrowed.
Datagram received(const ByteVector& payload, Ip from = Ip::v4(0x0a010001), Time at = 1'700'000'000 * second,
                  std::uint16_t port = 2055);

}  // namespace flowspan::test
