// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "base/ip.hpp"
#include "base/time.hpp"

namespace flowspan::source {

/// What fragments of one packet have in common (RFC 791 3.2, RFC 8200 4.5).
struct FragmentKey {
  Ip from;
  Ip to;
  std::uint32_t id = 0;
  std::uint8_t protocol = 0;  ///< IPv4's protocol; 0 for IPv6, where only the first fragment's counts
  bool v6 = false;
  friend bool operator==(const FragmentKey&, const FragmentKey&) = default;
};

struct Fragment {
  std::uint32_t offset = 0;   ///< bytes into the payload of the packet
  bool more = false;          ///< not the last
  std::uint8_t protocol = 0;  ///< of the payload
  Bytes payload;
};

struct ReassemblyCounters {
  std::uint64_t fragments = 0;       ///< seen
  std::uint64_t reassembled = 0;     ///< packets put together
  std::uint64_t fragments_used = 0;  ///< fragments that became those packets
  std::uint64_t incomplete = 0;      ///< packets given up: a fragment did not come within the time
  std::uint64_t crowded_out = 0;     ///< packets given up: too many or too large at once
  std::uint64_t overlapping = 0;     ///< packets given up: fragments contradict each other (RFC 5722)
  std::uint64_t duplicate = 0;       ///< fragments that came twice, ignored
  std::uint64_t bad_fragments = 0;   ///< fragments with an impossible offset or length, ignored
};

/// Puts IP fragments together, in bounded memory and time.
class Reassembly {
 public:
  static constexpr Duration timeout = 30 * second;                 ///< Linux' net.ipv4.ipfrag_time
  static constexpr std::size_t max_packets = 1024;                 ///< at once
  static constexpr std::size_t max_bytes = std::size_t{16} << 20;  ///< at once, with overhead

  struct Packet {
    std::uint8_t protocol = 0;
    Bytes payload;  ///< borrowed until the next add()
  };
  /// Nothing while the packet is not whole. `time` is the packet's own; it may step back.
  std::optional<Packet> add(Time time, const FragmentKey& key, const Fragment& fragment);
  /// Gives up everything that waits.
  void finish();

  const ReassemblyCounters& counters() const { return counters_; }
  std::size_t bytes_held() const { return bytes_; }

 private:
  struct Piece {
    std::uint32_t offset;
    std::vector<std::byte> payload;
  };
  struct Partial {
    FragmentKey key;
    Time started = 0;
    std::uint8_t protocol = 0;
    std::uint32_t length = 0;    ///< of the whole payload; 0: the last fragment did not come yet
    std::uint32_t received = 0;  ///< bytes, without doubles
    std::vector<Piece> pieces;   ///< sorted by offset, disjoint
    std::size_t cost = 0;        ///< bytes of memory, with overhead
    bool poisoned = false;       ///< overlapped: its later fragments are ignored too
  };
  struct KeyHash {
    std::size_t operator()(const FragmentKey& key) const noexcept;
  };
  using Partials = std::list<Partial>;  ///< oldest first

  void expire(Time time);
  void make_room(std::size_t bytes);
  void drop(Partials::iterator partial);
  void poison(Partial& partial);
  void charge(Partial& partial, std::size_t bytes);

  Partials partials_;
  std::unordered_map<FragmentKey, Partials::iterator, KeyHash> by_key_;
  std::size_t bytes_ = 0;
  Time latest_ = 0;
  std::vector<std::byte> whole_;
  ReassemblyCounters counters_;
};

}  // namespace flowspan::source
