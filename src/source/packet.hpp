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
enum class LinkType { ethernet, linux_cooked, linux_cooked2, raw, loopback };

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
  /// For what only the reader of the file sees.
  void count_bad_time() { ++counters_.bad_time; }
  void count_broken_file() { ++counters_.broken_file; }

 private:
  /// The payload of an IP packet on its way to the UDP header.
  struct Carried {
    Time time = 0;
    Ip from;
    Ip to;
    unsigned protocol = 0;     ///< of the next header (IANA protocol numbers)
    Bytes payload;             ///< as far as captured
    bool missing = false;      ///< the packet says that it is longer than what is here
    bool cut = false;          ///< … because the capture is cut
    bool reassembled = false;  ///< it came in fragments
  };
  std::optional<Datagram> ethertype(Time time, unsigned type, Bytes packet, bool cut);
  std::optional<Datagram> ip(Time time, Bytes packet, bool cut);
  std::optional<Datagram> ipv4(Time time, Bytes packet, bool cut);
  std::optional<Datagram> ipv6(Time time, Bytes packet, bool cut);
  std::optional<Datagram> extensions(Carried carried);
  std::optional<Datagram> fragment(const Carried& carried, const FragmentKey& key, const Fragment& fragment);
  std::optional<Datagram> udp(const Carried& carried);
  std::nullopt_t other();
  std::nullopt_t incomplete(bool cut);

  LinkType link_;
  PacketCounters counters_;
  Reassembly reassembly_;
};

}  // namespace flowspan::source
