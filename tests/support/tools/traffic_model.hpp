// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a border router sees: who talks to whom, about what, how much and how long. All of it follows from the seed.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <vector>

namespace traffic {

/// A flow as a NetFlow v5 record has it. Times are milliseconds of the flow clock.
struct Flow {
  std::uint32_t src = 0, dst = 0, next_hop = 0;
  std::uint32_t packets = 0, bytes = 0;
  std::uint64_t first = 0, last = 0;
  std::uint16_t in_if = 0, out_if = 0, src_port = 0, dst_port = 0, src_as = 0, dst_as = 0;
  std::uint8_t flags = 0, proto = 0, tos = 0, src_mask = 0, dst_mask = 0;
};

/// wyrand: 64 good bits in a nanosecond.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ull + 0x632BE59BD9B4E019ull) {}
  std::uint64_t next() {
    state_ += 0xA0761D6478BD642Full;
    const auto product = static_cast<unsigned __int128>(state_) * (state_ ^ 0xE7037ED1A0B428DBull);
    return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
  }
  /// From 0 to n-1.
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(((next() >> 32) * std::uint64_t{n}) >> 32); }
  bool chance(std::uint32_t per_mille) { return below(1000) < per_mille; }
  /// From 1 to 2^bits, each octave as likely as the next: Zipf's law with exponent 1. No logarithm is taken.
  std::uint64_t log_uniform(std::uint32_t bits) {
    const std::uint64_t random = next();
    return in_octave(static_cast<std::uint32_t>(((random >> 32) * bits) >> 32), random);
  }
  /// From 1 to 2^bits with a lighter tail: sizes of flows.
  std::uint64_t heavy_tailed(std::uint32_t bits) {
    const std::uint64_t random = next();
    const auto draw = [&](unsigned shift) {
      return static_cast<std::uint32_t>((random >> shift & 0xFFF) * bits >> 12);
    };
    return in_octave(std::min(std::min(draw(52), draw(40)), draw(28)), random);
  }

 private:
  static std::uint64_t in_octave(std::uint32_t octave, std::uint64_t random) {
    const double step = powers()[random & 1023] * (1 + static_cast<double>((random >> 10) & 0x3FFFF) * 2.6e-9);
    return static_cast<std::uint64_t>(static_cast<double>(1ull << octave) * step);
  }
  /// 2^(i/1024).
  static const std::array<double, 1024>& powers() {
    static const auto table = [] {
      std::array<double, 1024> values{};
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::exp2(static_cast<double>(i) / 1024);
      return values;
    }();
    return table;
  }
  std::uint64_t state_;
};

struct Host {
  std::uint32_t address = 0;
  std::uint32_t next_hop = 0;
  std::uint16_t as = 0;         ///< 0: our own
  std::uint16_t interface = 0;  ///< that it is behind
  std::uint8_t mask = 0;        ///< of its route
};

/// The hosts of a network and of the rest of the world, most popular first. The ranks of popularity say nothing about
/// addresses: those are drawn from prefixes of sizes as in a routing table.
class Hosts {
 public:
  static constexpr std::uint32_t internal_bits = 17, external_bits = 20;
  static constexpr std::uint32_t external_count = 920'000;  // of 2^20 ranks the last fold back

  explicit Hosts(std::uint64_t seed) : random_(seed ^ 0x5EED) {
    internal_.reserve(1u << internal_bits);
    for (std::uint32_t i = 0; i < 1u << internal_bits; ++i) internal_.push_back(make_internal());
    make_prefixes();
    external_.reserve(external_count);
    for (std::uint32_t i = 0; i < external_count; ++i) external_.push_back(make_external());
  }

  /// Clients use the network alike, servers do not.
  const Host& client(Random& random) const {
    const bool popular = random.chance(650);
    return internal_[popular ? random.log_uniform(internal_bits) - 1 : random.below(1u << internal_bits)];
  }
  const Host& server(Random& random) const { return internal_[(random.log_uniform(12) - 1) * 31 % internal_.size()]; }
  const Host& external(Random& random) const {
    return external_[(random.log_uniform(external_bits) - 1) % external_count];
  }
  const Host& any_internal(Random& random) const { return internal_[random.below(1u << internal_bits)]; }
  /// Few scan, and those that do scan much.
  const Host& scanner(Random& random) const { return external_[random.log_uniform(13) * 107 % external_count]; }

 private:
  struct Prefix {
    std::uint32_t base = 0;
    std::uint32_t next_hop = 0;
    std::uint16_t as = 0, interface = 0;
    std::uint8_t mask = 0;
  };
  static constexpr std::uint32_t bits_of(std::uint8_t mask) { return mask == 0 ? 0 : ~0u << (32 - mask); }

  /// 172.20.0.0/14 and 192.0.0.0/15 are ours: customers in networks of /22 to /27 behind 24 interfaces.
  Host make_internal() {
    Host host;
    do {
      const std::uint32_t where = random_.next() & 0xFFFFFFFF;
      host.address = random_.chance(700) ? 0xAC140000u | (where & 0x3FFFF) : 0xC0000000u | (where & 0x1FFFF);
    } while (!taken_.insert(host.address).second);
    const std::uint32_t network = host.address >> 10;
    host.mask = static_cast<std::uint8_t>(22 + network * 7 % 6);
    host.interface = static_cast<std::uint16_t>(11 + network * 2654435761u % 24);
    host.next_hop = 0x0A000001u + (network * 2654435761u % 24) * 4;
    return host;
  }

  void make_prefixes() {
    constexpr std::array<std::uint8_t, 16> masks{24, 24, 24, 24, 24, 24, 24, 24, 23, 22, 22, 21, 20, 19, 17, 16};
    std::vector<std::uint16_t> systems(20'000);
    for (auto& as : systems) as = static_cast<std::uint16_t>(1 + random_.below(64'495));
    for (std::size_t i = 0; i < 60'000; ++i) {
      Prefix prefix;
      prefix.mask = masks[random_.below(16)];
      do {
        prefix.base = static_cast<std::uint32_t>(random_.next()) & bits_of(prefix.mask);
      } while (!is_public(prefix.base));
      prefix.as = systems[(random_.log_uniform(14) - 1)];
      const std::uint32_t peer = random_.chance(550) ? random_.below(3) : 3 + random_.below(37);
      prefix.next_hop = 0xC3000001u + peer * 8;
      prefix.interface = static_cast<std::uint16_t>(peer < 3 ? 501 + peer : 510 + peer % 5);
      prefixes_.push_back(prefix);
    }
  }
  static bool is_public(std::uint32_t address) {
    const std::uint32_t first = address >> 24;
    return first > 0 && first < 224 && first != 10 && first != 127 && address >> 20 != 0xAC1 && address >> 17 != 0x6000;
  }

  Host make_external() {
    Host host;
    do {
      const Prefix& prefix = prefixes_[(random_.log_uniform(16) - 1) % prefixes_.size()];
      host.address = prefix.base | (static_cast<std::uint32_t>(random_.next()) & ~bits_of(prefix.mask));
      host.mask = prefix.mask;
      host.as = prefix.as;
      host.interface = prefix.interface;
      host.next_hop = prefix.next_hop;
    } while (!taken_.insert(host.address).second);
    return host;
  }

  Random random_;
  std::unordered_set<std::uint32_t> taken_;
  std::vector<Prefix> prefixes_;
  std::vector<Host> internal_, external_;
};

}  // namespace traffic
