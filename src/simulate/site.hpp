// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "simulate/random.hpp"

namespace flowspan::simulate {

/// What a host of ours is for.
enum class Role : std::uint8_t { client, web, mail, dns, file, backup, printer };

/// How a router reaches an address.
struct Route {
  std::uint16_t as = 0;         ///< 0: our own, as routers say it
  std::uint8_t mask = 0;        ///< length of the prefix
  std::uint16_t interface = 0;  ///< SNMP index
  std::uint32_t next_hop = 0;   ///< 0: directly connected
};

/// A company's network 10.0.0.0/8, of which each router has a /20 behind it (a network of servers, one of printers, and
/// fourteen of clients), and the rest of the world. Everything follows from the seed and the address; nothing is stored.
class Site {
 public:
  static constexpr unsigned most_routers = 4096;
  static constexpr unsigned networks = 16;  ///< /24s behind a router

  explicit Site(std::uint64_t seed) : seed_(seed) {}

  /// A host of this role behind a router; busy clients more often than others.
  std::uint32_t inside(unsigned router, Role role, Random& random) const;
  /// A network of clients behind a router, number 0 to 13: its first address.
  std::uint32_t client_network(unsigned router, unsigned number) const;
  /// A host of the world, popular ones more often. Never one of RFC 2544's or RFC 5737's networks.
  std::uint32_t outside(Random& random) const;
  /// Number `n` of the foreign hosts that misbehave: in 198.18.0.0/16 (RFC 2544), so that no real network is accused
  /// and nobody else has the address.
  std::uint32_t villain(std::uint32_t n) const;
  /// An address that a flood claims to come from: in 198.19.0.0/16.
  std::uint32_t spoofed(Random& random) const { return 0xC613'0000u | random.below(1u << 16); }

  Route route(std::uint32_t address) const;
  /// The router's own address, where it has no socket that tells: in captures, and in v7's records.
  static std::uint32_t router_address(unsigned router) { return 0xAC10'0000u + (router / 250 << 8) + router % 250 + 1; }

 private:
  std::uint64_t seed_;
};

}  // namespace flowspan::simulate
