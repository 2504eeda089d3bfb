// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "simulate/random.hpp"

namespace flowspan::simulate {

/// TCP flags (RFC 9293 section 3.1).
namespace tcp {
inline constexpr std::uint8_t fin = 0x01, syn = 0x02, rst = 0x04, psh = 0x08, ack = 0x10;
}

/// Packets at equal distances.
struct Train {
  Time first = 0;
  Duration spacing = 0;       ///< from packet to packet
  std::uint32_t packets = 0;  ///< at least one
  std::uint64_t bytes = 0;    ///< of all of them, IP headers included

  Time time_of(std::uint32_t packet) const { return first + static_cast<Duration>(packet) * spacing; }
  Time last() const { return time_of(packets - 1); }
  /// Of the packets before this one. Shares of any division add up to `bytes`.
  std::uint64_t bytes_before(std::uint32_t packet) const {
    return static_cast<std::uint64_t>(static_cast<unsigned __int128>(bytes) * packet / packets);
  }
};

/// What makes packets one flow.
struct Key {
  std::uint32_t src = 0, dst = 0;
  std::uint16_t src_port = 0, dst_port = 0;  ///< of ICMP: type and code in dst_port
  std::uint8_t proto = 0, tos = 0;
};

inline constexpr std::uint32_t no_label = UINT32_MAX;

/// One direction of a conversation: all the packets that a router sees of it.
struct Stream {
  Key key;
  std::uint32_t exporter = 0;      ///< the router that sees it
  std::uint32_t label = no_label;  ///< the misbehaviour that it belongs to
  bool answer = false;             ///< the direction from the server
  std::uint8_t first_flags = 0;    ///< TCP flags of the first packet
  std::uint8_t middle_flags = 0;   ///< of those between
  std::uint8_t last_flags = 0;     ///< of the last, and of the only one beside first_flags
  bool ends = false;               ///< the last packet has FIN or RST: the router need not wait
  Duration linger = 0;             ///< how long it takes a router to notice that
  std::vector<Train> trains;       ///< in order of time, none beginning before the one before it has ended
};

/// What a router sees of a stream that samples one packet in `n` at random; no trains when it saw none.
Stream sample(const Stream& stream, unsigned n, Random& random);

}  // namespace flowspan::simulate
