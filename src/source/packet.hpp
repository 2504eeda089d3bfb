// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/datagram.hpp"
#include "source/ip_reassembly.hpp"

namespace flowspan::source {

/// Link layers that are understood (https://www.tcpdump.org/linktypes.html).
enum class LinkType { ethernet, linux_cooked, linux_cooked2, raw, null, loop };

/// What became of the packets of a capture. packets = datagrams + other + cut + malformed + fragments
///   - reassembled, as every packet is counted once.
struct PacketCounters {
  std::uint64_t packets = 0;      ///< all that the file holds
  std::uint64_t datagrams = 0;    ///< whole UDP datagrams (those put together included)
  std::uint64_t other = 0;        ///< not UDP: TCP, ICMP, ARP …
  std::uint64_t cut = 0;          ///< captured in part only (snaplen); not read
  std::uint64_t malformed = 0;    ///< lengths that contradict each other
  std::uint64_t bad_time = 0;     ///< time stamp outside 1677 … 2262; the nearest is taken
  std::uint64_t broken_file = 0;  ///< 1: the file broke off or is damaged
  ReassemblyCounters reassembly;

  /// Each counter with its name, for summaries and metrics.
  std::vector<std::pair<std::string_view, std::uint64_t>> named() const;
};

/// Finds the UDP datagram in captured packets. No I/O and no clock: time is that of the packets.
class PacketDecoder {
 public:
  explicit PacketDecoder(LinkType link) : link_(link) {}

  /// `packet` are the captured bytes, `wire_length` what the packet had on the wire. The datagram's payload borrows
  /// from the
  /// packet, or from the decoder until its next call. Nothing: the reason was counted.
  std::optional<Datagram> decode(Time time, Bytes packet, std::uint64_t wire_length);
  /// The capture is over: fragments that still wait are counted as lost.
  void finish();

  const PacketCounters& counters() const { return counters_; }
  PacketCounters& counters() { return counters_; }

 private:
  std::optional<Datagram> network(Time time, Bytes packet, bool cut);
  std::optional<Datagram> ipv4(Time time, Bytes packet, bool cut);
  std::optional<Datagram> ipv6(Time time, Bytes packet, bool cut);
  std::optional<Datagram> upper(Time time, unsigned protocol, const Ip& from, const Ip& to, Bytes payload, bool cut);
  std::optional<Datagram> fragment(Time time, const FragmentKey& key, const Fragment& fragment);

  LinkType link_;
  PacketCounters counters_;
  Reassembly reassembly_;
};

}  // namespace flowspan::source
