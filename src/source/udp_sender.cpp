// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/udp_sender.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "base/units.hpp"

namespace flowspan::source {
namespace {

// What an ICMP answer to an earlier datagram makes of this call (udp(7)): the datagram itself was not tried.
bool about_earlier(int code) {
  return code == ECONNREFUSED || code == EHOSTUNREACH || code == ENETUNREACH || code == EHOSTDOWN ||
         code == ENOPROTOOPT || code == EPROTO;
}

bool full(int code) { return code == EAGAIN || code == ENOBUFS; }

}  // namespace

Result<std::unique_ptr<UdpSender>> UdpSender::open(const Address& target, std::uint64_t send_buffer,
                                                   std::optional<Ip> from) {
  std::unique_ptr<UdpSender> sender(new UdpSender);
  sender->target_ = target;
  const int family = target.ip.is_v4() ? AF_INET : AF_INET6;
  sender->fd_ = FileDescriptor(socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!sender->fd_) return fail(system_error("cannot send to " + target.text));
  const int fd = sender->fd_.fd();
  const int asked = static_cast<int>(std::min<std::uint64_t>(send_buffer, INT_MAX / 2));
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &asked, sizeof asked) != 0)
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &asked, sizeof asked);
  int booked = 0;
  socklen_t length = sizeof booked;
  getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &booked, &length);
  const auto granted = static_cast<std::uint64_t>(booked) / 2;
  if (granted < send_buffer)
    sender->warning_ = fmt::format(
        "{}: the kernel granted a send buffer of {} instead of {}; raise the limit: sysctl -w net.core.wmem_max={}",
        target.text, size_text(granted), size_text(send_buffer), send_buffer);
  if (target.multicast() && target.scope != 0) {
    if (family == AF_INET) {
      ip_mreqn request{};
      request.imr_ifindex = static_cast<int>(target.scope);
      setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request);
    } else {
      const int scope = static_cast<int>(target.scope);
      setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &scope, sizeof scope);
    }
  }
  if (from) {
    const auto local = socket_address({*from, 0});
    if (bind(fd, local.get(), local.length) != 0) return fail(system_error("cannot send from " + from->to_string()));
  }
  const auto address = socket_address({target.ip, target.port}, target.scope);
  if (connect(fd, address.get(), address.length) != 0) return fail(system_error("cannot send to " + target.text));
  return sender;
}

void UdpSender::send(std::span<const Datagram> datagrams) { send(datagrams, 0); }
void UdpSender::send_waiting(std::span<const Datagram> datagrams) { send(datagrams, second); }

void UdpSender::send(std::span<const Datagram> datagrams, Duration patience) {
  std::array<mmsghdr, batch> headers{};
  std::array<iovec, batch> vectors{};
  while (!datagrams.empty()) {
    const std::size_t count = std::min(datagrams.size(), batch);
    for (std::size_t i = 0; i < count; ++i) {
      const Bytes payload = datagrams[i].payload;
      vectors[i] = {const_cast<std::byte*>(payload.data()), payload.size()};
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    std::size_t done = send_batch({headers.data(), count}, patience);
    sent_.fetch_add(done, std::memory_order_relaxed);
    if (done < count) {
      // What is refused for itself (too long, a firewall) must not keep back its successors; what is refused for want
      // of buffer takes the rest of the batch with it.
      const std::size_t lost = full(errno) ? count - done : 1;
      refused_.fetch_add(lost, std::memory_order_relaxed);
      done += lost;
    }
    datagrams = datagrams.subspan(done);
  }
}

std::size_t UdpSender::send_batch(std::span<mmsghdr> headers, Duration patience) {
  std::size_t done = 0;
  // An unreachable target may answer often; a retry is due once for each answer, but not for ever.
  for (std::size_t answers = 0; done < headers.size();) {
    const int sent =
        sendmmsg(fd_.fd(), headers.data() + done, static_cast<unsigned>(headers.size() - done), MSG_NOSIGNAL);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
    } else if (errno == EINTR) {
      continue;
    } else if (about_earlier(errno) && ++answers <= headers.size()) {
      unreachable_.fetch_add(1, std::memory_order_relaxed);
    } else if (full(errno) && patience > 0) {
      const int code = errno;
      pollfd polled{fd_.fd(), POLLOUT, 0};
      if (poll(&polled, 1, static_cast<int>(patience / millisecond)) <= 0) {
        errno = code;
        return done;
      }
    } else {
      return done;
    }
  }
  return done;
}

Endpoint UdpSender::local() const {
  SocketAddress bound;
  bound.length = sizeof bound.storage;
  if (getsockname(fd_.fd(), bound.get(), &bound.length) != 0) return {};
  return endpoint_of(bound.storage);
}

SendCounters UdpSender::counters() const {
  return {sent_.load(std::memory_order_relaxed), refused_.load(std::memory_order_relaxed),
          unreachable_.load(std::memory_order_relaxed)};
}

}  // namespace flowspan::source
