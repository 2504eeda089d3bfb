// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "server/listen.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace flowspan::server {
namespace {

// Connections that the kernel keeps for us between two turns.
constexpr int backlog = 64;

union SocketAddress {
  sockaddr base;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

socklen_t fill(SocketAddress& address, const Endpoint& endpoint, unsigned scope) {
  std::memset(&address, 0, sizeof address);
  if (endpoint.ip.is_v4()) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(endpoint.port);
    address.v4.sin_addr.s_addr = htonl(endpoint.ip.as_v4());
    return sizeof address.v4;
  }
  address.v6.sin6_family = AF_INET6;
  address.v6.sin6_port = htons(endpoint.port);
  address.v6.sin6_scope_id = scope;
  const std::uint64_t halves[] = {__builtin_bswap64(endpoint.ip.hi), __builtin_bswap64(endpoint.ip.lo)};
  std::memcpy(address.v6.sin6_addr.s6_addr, halves, sizeof halves);
  return sizeof address.v6;
}

Error cannot_listen(const ListenAddress& address, int code) {
  const std::string what = "cannot listen on TCP " + address.text + ": ";
  if (code == EADDRINUSE)
    return {what + "the port is taken ('ss -ltnp' shows by whom); stop that program or listen on another port",
            ErrorKind::busy};
  if (code == EACCES || code == EPERM)
    return {what + "no permission for this port; take one above 1023, or start as root with --user"};
  if (code == EADDRNOTAVAIL)
    return {what + "this machine has no address " + address.endpoint.ip.to_string() +
            " ('ip address' shows those it has)"};
  return {what + std::strerror(code)};
}

Result<Listener> open_endpoint(const ListenAddress& address, const Endpoint& endpoint) {
  SocketAddress local;
  socklen_t length = fill(local, endpoint, address.scope);
  Listener listener;
  listener.fd = FileDescriptor(socket(local.base.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener.fd) return fail(cannot_listen(address, errno));
  const int fd = listener.fd.fd();
  const auto set = [&](int level, int option, int value) { setsockopt(fd, level, option, &value, sizeof value); };
  // Connections of an earlier run that the kernel still remembers do not hold the port.
  set(SOL_SOCKET, SO_REUSEADDR, 1);
  if (local.base.sa_family == AF_INET6) set(IPPROTO_IPV6, IPV6_V6ONLY, endpoint.ip == Ip{} ? 0 : 1);
  if (bind(fd, &local.base, length) != 0 || listen(fd, backlog) != 0) return fail(cannot_listen(address, errno));
  listener.local = endpoint;
  if (getsockname(fd, &local.base, &length) == 0)
    listener.local.port = ntohs(local.base.sa_family == AF_INET ? local.v4.sin_port : local.v6.sin6_port);
  return listener;
}

}  // namespace

Result<Listener> open_listener(const ListenAddress& address) {
  if (!address.any) return open_endpoint(address, address.endpoint);
  auto both = open_endpoint(address, {Ip{}, address.endpoint.port});
  if (both || both.error().kind == ErrorKind::busy) return both;
  return open_endpoint(address, {Ip::v4(0), address.endpoint.port});  // a machine without IPv6
}

}  // namespace flowspan::server
