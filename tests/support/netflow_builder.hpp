// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Datagrams of NetFlow v1, v5, v7 and v8 for tests, byte by byte, with defaults for what a test does not care about:
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
  std::uint16_t sampling = 0;    ///< v5, v8: two bits of mode, 14 of interval
  std::uint32_t reserved = 0;    ///< v7; v8 has 16 bits of it
  std::uint8_t agg_version = 2;  ///< v8
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
  std::uint8_t pad1 = 0;  ///< v7: the first flags; v1: both bytes are this one; v8: pad
  std::uint8_t tcp_flags = 0x1b;
  std::uint8_t proto = 6;
  std::uint8_t tos = 0;
  std::uint16_t src_as = 0;
  std::uint16_t dst_as = 0;
  std::uint8_t src_mask = 0;
  std::uint8_t dst_mask = 0;
  std::uint16_t pad2 = 0;                                                ///< v7: the second flags
  std::uint32_t router_sc = 0;                                           ///< v7, v8
  std::uint8_t tcp_retx_cnt = 0, tcp_retx_secs = 0, tcp_misseq_cnt = 0;  ///< v1
  std::uint32_t reserved = 0;                                            ///< v1; v8 has 16 bits of it
  std::uint32_t flows = 3;                                               ///< v8
  std::uint8_t marked_tos = 0;                                           ///< v8
  std::uint32_t extra_pkts = 0;                                          ///< v8
};

/// A version, and v8's aggregation scheme.
struct NetflowKind {
  unsigned version;
  unsigned scheme = 0;

  NetflowKind(unsigned the_version, unsigned the_scheme = 0) : version(the_version), scheme(the_scheme) {}
  std::size_t header_length() const;  ///< bytes
  std::size_t record_length() const;  ///< bytes
};
/// All that this file can build.
std::vector<NetflowKind> netflow_kinds();

ByteVector netflow_v1(const NetflowHeader& header, std::span<const NetflowRecord> records);
ByteVector netflow_v5(const NetflowHeader& header, std::span<const NetflowRecord> records);
ByteVector netflow_v7(const NetflowHeader& header, std::span<const NetflowRecord> records);
/// `scheme` from 1 to 14; of any other an empty record.
ByteVector netflow_v8(unsigned scheme, const NetflowHeader& header, std::span<const NetflowRecord> records);
/// The same for a version known at run time.
ByteVector netflow(NetflowKind kind, const NetflowHeader& header, std::span<const NetflowRecord> records);

inline ByteVector netflow_v1(const NetflowHeader& header, std::initializer_list<NetflowRecord> records) {
  return netflow_v1(header, std::span(records.begin(), records.size()));
}
inline ByteVector netflow_v5(const NetflowHeader& header, std::initializer_list<NetflowRecord> records) {
  return netflow_v5(header, std::span(records.begin(), records.size()));
}
inline ByteVector netflow_v7(const NetflowHeader& header, std::initializer_list<NetflowRecord> records) {
  return netflow_v7(header, std::span(records.begin(), records.size()));
}
inline ByteVector netflow_v8(unsigned scheme, const NetflowHeader& header,
                             std::initializer_list<NetflowRecord> records) {
  return netflow_v8(scheme, header, std::span(records.begin(), records.size()));
}
/// As many default records as said.
ByteVector netflow_v5(const NetflowHeader& header, std::size_t records);
ByteVector netflow_v7(const NetflowHeader& header, std::size_t records);
ByteVector netflow(NetflowKind kind, const NetflowHeader& header, std::size_t records);

/// As if received from `from` ("10.1.0.1", port 2055). The payload is borrowed.
Datagram received(const ByteVector& payload, Ip from = Ip::v4(0x0a010001), Time at = 1'700'000'000 * second,
                  std::uint16_t port = 2055);

}  // namespace flowspan::test
