// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/address.hpp"

#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>
#include <memory>

namespace flowspan::source {
namespace {

Error wrong(std::string_view text, std::string_view why) {
  return {"'" + std::string(text) + "' is no HOST:PORT: " + std::string(why) +
              "; write for example 192.0.2.1:2055, [2001:db8::1]:2055 or :2055",
          ErrorKind::usage};
}

struct Parts {
  std::string host;
  std::string interface;
  std::uint16_t port = 0;
};

Result<Parts> split(std::string_view text) {
  Parts parts;
  std::string_view host;
  std::string_view port = text;
  if (!text.empty() && text.front() == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos || text.substr(end + 1, 1) != ":")
      return fail(wrong(text, "after '[' comes an IPv6 address, then ']:PORT'"));
    host = text.substr(1, end - 1);
    port = text.substr(end + 2);
    if (host.empty()) return fail(wrong(text, "the brackets are empty"));
  } else if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (host.find(':') != std::string_view::npos) return fail(wrong(text, "an IPv6 address needs brackets"));
  }
  if (host == "*") host = {};
  if (const auto percent = host.find('%'); percent != std::string_view::npos) {
    parts.interface = host.substr(percent + 1);
    host = host.substr(0, percent);
    if (parts.interface.empty() || host.empty()) return fail(wrong(text, "'%' stands between address and interface"));
  }
  const auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), parts.port);
  if (port.empty() || code != std::errc{} || end != port.data() + port.size())
    return fail(wrong(text, "the port is a number from 0 to 65535"));
  parts.host = host;
  return parts;
}

Result<Ip> look_up(const std::string& host, std::string_view text) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(host.c_str(), nullptr, &hints, &found); code != 0)
    return fail("cannot find the host of '" + std::string(text) + "': " + gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> holder(found, &freeaddrinfo);
  sockaddr_storage storage{};
  std::memcpy(&storage, found->ai_addr, std::min<std::size_t>(found->ai_addrlen, sizeof storage));
  return endpoint_of(storage).ip;
}

bool link_local(const Ip& ip) { return (ip.hi >> 54) == (0xfe80u >> 6); }

Result<Address> parse(std::string_view text, bool target) {
  const auto parts = split(text);
  if (!parts) return fail(parts.error());
  Address address;
  address.text = text;
  address.port = parts->port;
  address.interface = parts->interface;
  address.any = parts->host.empty();
  if (target && address.any) return fail(wrong(text, "a target needs a host"));
  if (target && address.port == 0) return fail(wrong(text, "a target needs a port from 1 to 65535"));
  if (!address.any) {
    if (const auto ip = Ip::parse(parts->host)) {
      address.ip = *ip;
    } else {
      const auto looked_up = look_up(parts->host, text);
      if (!looked_up) return fail(looked_up.error());
      address.ip = *looked_up;
    }
  }
  if (!address.interface.empty()) {
    address.scope = if_nametoindex(address.interface.c_str());
    if (address.scope == 0)
      return fail("'" + std::string(text) + "' names the network interface '" + address.interface +
                  "', which this machine does not have ('ip link' shows those it has)");
  }
  if (!address.any && link_local(address.ip) && address.scope == 0)
    return fail(wrong(text, "a link-local address needs its interface, as in [fe80::1%eth0]:2055"));
  return address;
}

void store_be64(std::uint64_t value, unsigned char* bytes) {
  for (int i = 7; i >= 0; --i, value >>= 8) bytes[i] = static_cast<unsigned char>(value);
}

std::uint64_t load_be64(const unsigned char* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return __builtin_bswap64(value);
}

}  // namespace

Result<Address> Address::parse_listen(std::string_view text) { return parse(text, false); }
Result<Address> Address::parse_target(std::string_view text) { return parse(text, true); }

bool Address::multicast() const {
  if (any) return false;
  return ip.is_v4() ? ip.as_v4() >> 28 == 0xe : ip.hi >> 56 == 0xff;
}

SocketAddress socket_address(const Endpoint& endpoint, unsigned scope) {
  SocketAddress result;
  if (endpoint.ip.is_v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    in.sin_addr.s_addr = htonl(endpoint.ip.as_v4());
    std::memcpy(&result.storage, &in, sizeof in);
    result.length = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(endpoint.port);
    in.sin6_scope_id = scope;
    store_be64(endpoint.ip.hi, in.sin6_addr.s6_addr);
    store_be64(endpoint.ip.lo, in.sin6_addr.s6_addr + 8);
    std::memcpy(&result.storage, &in, sizeof in);
    result.length = sizeof in;
  }
  return result;
}

Endpoint endpoint_of(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &storage, sizeof in);
    return {Ip::v4(ntohl(in.sin_addr.s_addr)), ntohs(in.sin_port)};
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &storage, sizeof in);
    return {{load_be64(in.sin6_addr.s6_addr), load_be64(in.sin6_addr.s6_addr + 8)}, ntohs(in.sin6_port)};
  }
  return {Ip::v4(0), 0};
}

}  // namespace flowspan::source
