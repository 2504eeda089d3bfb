// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/udp_socket.hpp"

#include <fmt/format.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fstream>

#include "base/units.hpp"
#include "source/port_holder.hpp"
#include "source/steering.hpp"

namespace flowspan::source {
namespace {

bool set(int fd, int level, int option, int value) { return setsockopt(fd, level, option, &value, sizeof value) == 0; }

int first_unprivileged_port() {
  std::ifstream in("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  int port = 1024;
  in >> port;
  return in ? port : 1024;
}

Error cannot_bind(const Address& listen, const Endpoint& local, int code) {
  std::string why;
  ErrorKind kind = ErrorKind::failed;
  if (code == EADDRINUSE) {
    kind = ErrorKind::busy;
    const auto holder = find_port_holder(local, listen.any || local.ip == Ip{} || local.ip == Ip::v4(0));
    if (holder && holder->self)
      why = "this process listens there already; name each port once (an address is part of ':PORT')";
    else
      why = "the port is taken by " + (holder ? holder->text : "another process ('ss -lunp' shows it)") +
            "; stop it or listen on another port";
  } else if (code == EACCES || code == EPERM) {
    why = local.port != 0 && local.port < first_unprivileged_port()
              ? "no permission for a port below " + std::to_string(first_unprivileged_port()) +
                    "; start as root with --user, or give the program the capability CAP_NET_BIND_SERVICE"
              : "no permission";
  } else if (code == EADDRNOTAVAIL) {
    why = "this machine has no address " + local.ip.to_string() + " ('ip address' shows those it has)";
  } else {
    why = std::strerror(code);
  }
  return {"cannot listen on UDP " + listen.text + ": " + why, kind};
}

Status join(const Address& listen, int fd) {
  const auto address = socket_address({listen.ip, 0});
  int done = 0;
  if (listen.ip.is_v4()) {
    ip_mreqn request{};
    request.imr_multiaddr.s_addr = htonl(listen.ip.as_v4());
    request.imr_ifindex = static_cast<int>(listen.scope);
    done = setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
  } else {
    ipv6_mreq request{};
    sockaddr_in6 group{};
    std::memcpy(&group, &address.storage, sizeof group);
    request.ipv6mr_multiaddr = group.sin6_addr;
    request.ipv6mr_interface = listen.scope;
    done = setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request);
  }
  if (done == 0) return {};
  if (errno == ENODEV && listen.scope == 0)
    return fail("cannot join the multicast group of " + listen.text +
                ": no route says on which network it is; name the interface, as in 239.1.1.1%eth0:2055");
  return fail(system_error("cannot join the multicast group of " + listen.text));
}

void ask_buffer(UdpSocketInfo& info, int fd) {
  const int asked = static_cast<int>(std::min<std::uint64_t>(info.asked_buffer, INT_MAX / 2));
  if (!set(fd, SOL_SOCKET, SO_RCVBUFFORCE, asked)) set(fd, SOL_SOCKET, SO_RCVBUF, asked);
  int booked = 0;
  socklen_t length = sizeof booked;
  getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &booked, &length);
  info.granted_buffer = static_cast<std::uint64_t>(booked) / 2;
  if (info.granted_buffer < info.asked_buffer)
    info.warning = fmt::format(
        "{}: the kernel granted a receive buffer of {} instead of {}; bursts may be lost. Raise the limit: sysctl -w "
        "net.core.rmem_max={}",
        info.listen.text, size_text(info.granted_buffer), size_text(info.asked_buffer), info.asked_buffer);
}

Result<UdpSocket> open_family(const Address& listen, int family, unsigned worker, unsigned workers) {
  UdpSocket socket;
  socket.info.listen = listen;
  Endpoint local{listen.any ? (family == AF_INET ? Ip::v4(0) : Ip{}) : listen.ip, listen.port};
  socket.fd = FileDescriptor(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.fd) return fail(system_error("cannot listen on UDP " + listen.text, errno));
  const int fd = socket.fd.fd();
  if (family == AF_INET6) {
    socket.info.dual_stack = local.ip == Ip{};
    set(fd, IPPROTO_IPV6, IPV6_V6ONLY, socket.info.dual_stack ? 0 : 1);
    set(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
  }
  // Only groups that this socket joined, not those of every other program (ip(7)).
  set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
  if (workers > 1) {
    if (!set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) return fail(system_error("cannot share UDP " + listen.text, errno));
    // Before bind(2), so that no datagram finds the group without the program; the others must enter it without one.
    if (worker == 0 && !listen.multicast())
      if (auto steered = attach_steering(fd, workers); !steered) return fail(steered.error());
  }
  auto address = socket_address(local, listen.scope);
  if (bind(fd, address.get(), address.length) != 0) return fail(cannot_bind(listen, local, errno));
  if (getsockname(fd, address.get(), &address.length) == 0) local.port = endpoint_of(address.storage).port;
  socket.info.local = local;
  return socket;
}

Result<UdpSocket> open_any_family(const Address& listen, unsigned worker, unsigned workers) {
  if (!listen.any) return open_family(listen, listen.ip.is_v4() ? AF_INET : AF_INET6, worker, workers);
  const FileDescriptor v6(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const bool no_v6 = !v6 || !std::ifstream("/proc/net/if_inet6").good();
  return open_family(listen, no_v6 ? AF_INET : AF_INET6, worker, workers);
}

}  // namespace

Result<UdpSocket> open_udp_socket(const Address& listen, std::uint64_t receive_buffer, unsigned worker,
                                  unsigned workers) {
  auto opened = open_any_family(listen, worker, workers);
  if (!opened) return opened;
  const int fd = opened->fd.fd();
  if (!set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1)) return fail(system_error("cannot get time stamps on " + listen.text));
  set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
  opened->info.asked_buffer = receive_buffer;
  ask_buffer(opened->info, fd);
  if (listen.multicast())
    if (auto joined = join(listen, fd); !joined) return fail(joined.error());
  return opened;
}

Status check_port_is_free(const Address& listen) {
  const auto opened = open_any_family(listen, 0, 1);
  if (!opened) return fail(opened.error());
  return {};
}

QueueState queue_state(int fd) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> values{};
  socklen_t length = sizeof values;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values.data(), &length) != 0) return {};
  return {values[SK_MEMINFO_RMEM_ALLOC], values[SK_MEMINFO_DROPS]};
}

}  // namespace flowspan::source
