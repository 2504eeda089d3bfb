// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// NetFlow v1, v5, v7 and v8 as Cisco's "NetFlow Export Datagram Format" lays them out.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace flowspan::simulate {

enum class Version : std::uint8_t { v1 = 1, v5 = 5, v7 = 7, v8 = 8 };
/// What the flows have in common that v8 sums up: interfaces and AS numbers; protocol and ports; interfaces, AS numbers
/// and prefixes.
enum class Scheme : std::uint8_t { as = 1, proto_port = 2, prefix = 5 };

/// "v5" or "5".
std::optional<Version> parse_version(std::string_view word);
/// Whether the header has the engine and the sampling.
constexpr bool says_engine(Version version) { return version == Version::v5 || version == Version::v8; }
/// How many records Cisco puts into a datagram at most. Of v8 see the other one.
std::size_t most_records(Version version);
std::size_t most_records(Scheme scheme);

/// What a router exports of a flow. Each version takes what it has.
struct Record {
  std::uint32_t src = 0, dst = 0, next_hop = 0;
  std::uint16_t in_if = 0, out_if = 0;
  std::uint32_t packets = 0, bytes = 0;
  Time first = 0, last = 0;
  std::uint16_t src_port = 0, dst_port = 0;
  std::uint8_t tcp_flags = 0, proto = 0, tos = 0;
  std::uint16_t src_as = 0, dst_as = 0;
  std::uint8_t src_mask = 0, dst_mask = 0;
};

/// What v8 says of several flows. Of the record only what is in the scheme.
struct Aggregate {
  Record record;
  std::uint32_t flows = 0;
};

struct Header {
  Time exported = 0;
  Time booted = 0;             ///< whole milliseconds, so that times of day follow exactly from SysUptime
  std::uint32_t sequence = 0;  ///< number of the first record; v1 does not say it
  std::uint16_t engine = 0;    ///< v5, v8: type and id
  std::uint16_t sampling = 0;  ///< v5, v8: one packet in so many is seen; 0 is not said
  std::uint32_t router = 0;    ///< v7: the router that the switch bypasses
};

/// v1, v5 and v7. At most most_records(); times before the boot are as the 32 bits of SysUptime wrap.
void encode(Version version, const Header& header, std::span<const Record> records, std::vector<std::byte>& out);
/// v8.
void encode(Scheme scheme, const Header& header, std::span<const Aggregate> aggregates, std::vector<std::byte>& out);

}  // namespace flowspan::simulate
