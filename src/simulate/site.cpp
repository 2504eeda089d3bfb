// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/site.hpp"

#include <array>

namespace flowspan::simulate {
namespace {

constexpr std::uint32_t ours = 0x0A00'0000;  // 10.0.0.0/8
constexpr std::uint32_t server_network = 0;
constexpr std::uint32_t printer_network = 1;
constexpr std::uint32_t first_client_network = 2;
constexpr std::uint32_t client_networks = Site::networks - first_client_network;
constexpr std::uint32_t clients_in_network = 120;
constexpr std::uint32_t world_networks = 4000;
constexpr std::uint32_t hosts_in_network = 60;
constexpr std::uint16_t first_uplink = 1;    // interfaces 1 and 2
constexpr std::uint16_t first_network = 10;  // interfaces 10 to 25
constexpr std::uint16_t as_trans = 23456;    // RFC 6793: an AS number of more than 16 bits

struct Network {
  std::uint32_t address, mask;
};
// What no host of the world has (RFC 6890), and the networks of villain() and spoofed().
constexpr std::array<Network, 13> not_public{{{0x0000'0000, 0xFF00'0000},
                                              {0x0A00'0000, 0xFF00'0000},
                                              {0x6440'0000, 0xFFC0'0000},
                                              {0x7F00'0000, 0xFF00'0000},
                                              {0xA9FE'0000, 0xFFFF'0000},
                                              {0xAC10'0000, 0xFFF0'0000},
                                              {0xC000'0000, 0xFFFF'FF00},
                                              {0xC000'0200, 0xFFFF'FF00},
                                              {0xC0A8'0000, 0xFFFF'0000},
                                              {0xC612'0000, 0xFFFE'0000},
                                              {0xC633'6400, 0xFFFF'FF00},
                                              {0xCB00'7100, 0xFFFF'FF00},
                                              {0xE000'0000, 0xE000'0000}}};

bool is_public(std::uint32_t address) {
  for (const Network& network : not_public)
    if ((address & network.mask) == network.address) return false;
  return true;
}

bool is_ours(std::uint32_t address) { return (address & 0xFF00'0000) == ours; }

std::uint32_t pick(std::uint32_t first, std::uint32_t count, Random& random) { return first + random.below(count); }

/// Last byte of a server's address.
std::uint32_t server_of(Role role, Random& random) {
  switch (role) {
    case Role::web: return pick(10, 4, random);
    case Role::mail: return pick(25, 2, random);
    case Role::dns: return pick(53, 2, random);
    case Role::file: return pick(80, 3, random);
    default: return 200;  // backup
  }
}

}  // namespace

std::uint32_t Site::client_network(unsigned router, unsigned number) const {
  return ours + router % most_routers * (networks << 8) + (first_client_network + number % client_networks) * 256;
}

std::uint32_t Site::inside(unsigned router, Role role, Random& random) const {
  const std::uint32_t base = ours + router % most_routers * (networks << 8);
  if (role == Role::printer) return base + printer_network * 256 + pick(10, 12, random);
  if (role != Role::client) return base + server_network * 256 + server_of(role, random);
  // Half of the work is done by few; who these are, the seed says.
  constexpr std::uint32_t clients = client_networks * clients_in_network;
  const bool busy = random.chance(0.5);
  const std::uint32_t rank = busy ? random.rank(clients) : random.below(clients);
  const auto number = static_cast<std::uint32_t>((rank + mix({seed_, router, 1}) % clients) * 331 % clients);
  return client_network(router, number % client_networks) + 20 + number / client_networks;
}

std::uint32_t Site::outside(Random& random) const {
  const std::uint32_t network = random.rank(world_networks);
  const std::uint32_t host = random.rank(hosts_in_network);
  for (std::uint64_t attempt = 0;; ++attempt) {
    const auto base = static_cast<std::uint32_t>(mix({seed_, 2, network, attempt})) & ~0xFFu;
    const auto last = static_cast<std::uint32_t>(1 + mix({seed_, 3, network, host}) % 254);
    if (is_public(base)) return base | last;
  }
}

std::uint32_t Site::villain(std::uint32_t n) const {
  // An odd factor reaches each of the 2^16 once.
  return 0xC612'0000u | ((n * 40'503u + static_cast<std::uint32_t>(mix({seed_, 4}))) & 0xFFFF);
}

Route Site::route(std::uint32_t address) const {
  if (is_ours(address)) {
    const std::uint32_t network = address >> 8 & (networks - 1);
    return {0, 24, static_cast<std::uint16_t>(first_network + network), 0};
  }
  constexpr std::array<std::uint8_t, 16> masks{16, 17, 18, 19, 19, 20, 20, 21, 22, 22, 22, 23, 24, 24, 24, 24};
  const std::uint8_t mask = masks[mix({seed_, 5, address >> 16}) % masks.size()];
  const std::uint32_t prefix = address & ~0u << (32 - mask);
  const std::uint64_t dice = mix({seed_, 6, prefix});
  const auto upstream = static_cast<std::uint16_t>((dice >> 32) % 3 == 0 ? 1 : 0);
  const auto as = dice % 100 < 12 ? as_trans : static_cast<std::uint16_t>(1 + (dice >> 16) % 64'494);
  return {as, mask, static_cast<std::uint16_t>(first_uplink + upstream), 0xAC1F'FF01u + upstream * 4u};
}

}  // namespace flowspan::simulate
