// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace flowspan {

/// An IP address as the two halves of an IPv6 address, host byte order; IPv4 is mapped into
/// ::ffff:0:0/96 (RFC 4291 2.5.5.2), as the store keeps it.
struct Ip {
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;

  static constexpr std::uint64_t v4_prefix = 0x0000'ffff'0000'0000;

  static constexpr Ip v4(std::uint32_t address) { return {0, v4_prefix | address}; }
  constexpr bool is_v4() const { return hi == 0 && (lo >> 32) == 0xffff; }
  constexpr std::uint32_t as_v4() const { return static_cast<std::uint32_t>(lo); }

  /// Accepts what inet_pton does: "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1" (the same as "10.0.0.1").
  static std::optional<Ip> parse(std::string_view text);
  /// Longest text: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff".
  static constexpr std::size_t max_text = 39;
  /// Dotted quad for mapped IPv4, else RFC 5952 text without dots, also in ::/96, which glibc writes with them.
  std::string to_string() const;
  /// Writes that text to `out` (room for max_text) and returns its length. No allocation.
  std::size_t write(char* out) const;

  friend constexpr auto operator<=>(const Ip&, const Ip&) = default;
};

/// A network: the addresses that share the first `length` bits (of 128; an IPv4 /8 has length 104).
struct Prefix {
  Ip address;  ///< host bits are zero
  unsigned length = 128;

  /// "10.0.0.0/8", "2001:db8::/32", or a bare address as a network of one. Host bits are cleared.
  static Result<Prefix> parse(std::string_view text);
  constexpr Ip mask() const {
    const auto half = [](unsigned bits) { return bits == 0 ? 0 : ~std::uint64_t{0} << (64 - bits); };
    return {half(length < 64 ? length : 64), half(length > 64 ? length - 64 : 0)};
  }
  constexpr Ip first() const { return address; }
  constexpr Ip last() const { return {address.hi | ~mask().hi, address.lo | ~mask().lo}; }
  constexpr bool contains(const Ip& ip) const {
    return (ip.hi & mask().hi) == address.hi && (ip.lo & mask().lo) == address.lo;
  }
  /// "10.0.0.0/8" with the length in the address' own family.
  std::string to_string() const;

  friend constexpr bool operator==(const Prefix&, const Prefix&) = default;
};

/// An address and a UDP or TCP port.
struct Endpoint {
  Ip ip;
  std::uint16_t port = 0;

  /// "10.0.0.1:2055", "[::1]:2055"; with `default_host` also ":2055" and "2055".
  static Result<Endpoint> parse(std::string_view text, std::optional<Ip> default_host = std::nullopt);
  std::string to_string() const;

  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace flowspan

template <>
struct std::hash<flowspan::Ip> {
  std::size_t operator()(const flowspan::Ip& ip) const noexcept {
    std::uint64_t x = ip.hi * 0x9e3779b97f4a7c15 ^ ip.lo;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93;
    x ^= x >> 32;
    return static_cast<std::size_t>(x);
  }
};
