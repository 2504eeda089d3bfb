// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip.hpp"
#include "base/result.hpp"

namespace flowspan::source {

/// "HOST:PORT" as a user writes it, for listening or sending. The host is an IPv4 address, an IPv6 address in brackets,
/// a name (looked up), or nothing; "%interface" may follow an address: the interface on which a multicast group is
/// joined or a link-local address lives ("239.1.1.1%eth0:2055", "[fe80::1%eth0]:2055").
struct Address {
  bool any = true;         ///< no host was named: all addresses of this machine, IPv4 and IPv6
  Ip ip;                   ///< meaningless when any
  std::uint16_t port = 0;  ///< host byte order; 0: the kernel chooses (tests)
  std::string interface;   ///< name of a network interface, or empty
  unsigned scope = 0;      ///< its index (if_nametoindex(3)), or 0
  std::string text;        ///< as the user wrote it, for messages

  /// For listening: ":2055" and "2055" mean all addresses.
  static Result<Address> parse_listen(std::string_view text);
  /// For sending: a host is required.
  static Result<Address> parse_target(std::string_view text);

  bool multicast() const;  ///< 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291)
};

/// The socket address of an endpoint in its own family, with its length. `any` of IPv6 is the dual-stack [::].
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};
SocketAddress socket_address(const Endpoint& endpoint, unsigned scope = 0);
/// IPv4 in IPv6 (::ffff:a.b.c.d) becomes IPv4; another family is 0.0.0.0:0.
Endpoint endpoint_of(const sockaddr_storage& storage);

}  // namespace flowspan::source
