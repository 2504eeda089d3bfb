// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/ip.hpp"
#include "base/time.hpp"

namespace flowspan {

/// One datagram as it was received. The payload is borrowed: it lives until its giver is asked for the next one.
struct Datagram {
  Time received = 0;             ///< the kernel's receive time stamp, or the capture's
  Endpoint from;                 ///< the exporter
  Endpoint to;                   ///< where it was received
  Bytes payload;                 ///< the UDP payload
  std::uint32_t interface = 0;   ///< number of the listening socket, within its writer
  std::uint32_t drop_count = 0;  ///< of a socket: what its drop counter (SO_RXQ_OVFL, wraps) said when this one came
};

/// Where datagrams get lost on this machine.
enum class DropPlace : std::uint8_t {
  kernel,   ///< the socket's buffer was full
  ring,     ///< the ring in memory was full
  journal,  ///< the journal was as large as it may be, or could not be written
  down,     ///< nobody listened: the collector was started here; how many it missed is not known, so it counts starts
  quarantine,  ///< the datagram killed the decoder and was put aside
};
inline constexpr std::size_t drop_places = 5;

/// Datagrams lost on this machine between two that were received.
struct Drop {
  static constexpr std::uint32_t all_interfaces = ~std::uint32_t{0};
  std::uint32_t interface = all_interfaces;
  std::array<std::uint64_t, drop_places> datagrams{};
  Time when = 0;  ///< seen last
  std::uint64_t& of(DropPlace place) { return datagrams[static_cast<std::size_t>(place)]; }
  std::uint64_t of(DropPlace place) const { return datagrams[static_cast<std::size_t>(place)]; }
};

/// A place in the journal of one writer: `offset` bytes into its file number `file`. Ordered.
struct Position {
  std::uint32_t file = 0;
  std::uint64_t offset = 0;
  friend constexpr auto operator<=>(const Position&, const Position&) = default;
};

/// Datagrams out of something: a capture file, a range of the journal.
class DatagramReader {
 public:
  DatagramReader() = default;
  DatagramReader(const DatagramReader&) = delete;
  DatagramReader& operator=(const DatagramReader&) = delete;
  virtual ~DatagramReader() = default;
  /// False at the end. An error is final; damage that can be skipped is counted by the reader, not returned.
  virtual Result<bool> next(Datagram& datagram) = 0;
  /// What is known to have been dropped between the datagram before and the one that next() has just given (or the end).
  virtual std::span<const Drop> drops() const { return {}; }
};

}  // namespace flowspan
