// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/out_stream.hpp"

namespace flowspan {
namespace {

constexpr Duration reconnect_pause = second;
constexpr Duration connect_patience = 5 * second;
constexpr Duration acknowledgement_poll = millisecond;

std::size_t whole_lines(std::string_view bytes) {
  const auto end = bytes.rfind('\n');
  return end == std::string_view::npos ? 0 : end + 1;
}

sockaddr_in6 ipv6_address(const Endpoint& peer) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(peer.port);
  for (int i = 0; i < 8; ++i) {
    address.sin6_addr.s6_addr[i] = static_cast<unsigned char>(peer.ip.hi >> (56 - 8 * i));
    address.sin6_addr.s6_addr[8 + i] = static_cast<unsigned char>(peer.ip.lo >> (56 - 8 * i));
  }
  return address;
}

class TcpStream final : public OutStream {
 public:
  TcpStream(const Endpoint& peer, std::string name) : peer_(peer), name_(std::move(name)) {}

  Result<std::size_t> write(std::string_view bytes, Duration at_most) override {
    const Time end = monotonic_now() + at_most;
    if (const Status connected = connect(end); !connected) return fail(connected.error());
    if (!is_connected_) return std::size_t{0};
    Status status;
    // What the kernel has and the peer not yet stands at the beginning of `bytes`.
    while (status && (sent_ < bytes.size() || unacknowledged() > 0) && monotonic_now() < end) {
      if (sent_ < bytes.size())
        status = send_some(bytes.substr(sent_), end);
      else
        wait_until(std::min(end, monotonic_now() + acknowledgement_poll));  // it wakes nobody
      if (status) status = look();
    }
    // Whole lines only: a new connection begins with one.
    const std::size_t acknowledged = whole_lines(bytes.substr(0, sent_ - std::min(sent_, unacknowledged())));
    sent_ -= acknowledged;
    if (status) return acknowledged;
    disconnect();
    if (acknowledged > 0) return acknowledged;
    return fail(status.error());
  }
  const std::string& name() const override { return name_; }

 private:
  Status connect(Time end) {
    if (is_connected_) return {};
    if (!socket_) {
      if (monotonic_now() < next_try_) {
        wait_until(std::min(end, next_try_));
        if (monotonic_now() < next_try_) return away_.empty() ? Status{} : Status(fail(away_));
      }
      if (Status begun = begin(); !begun) return begun;
    }
    pollfd ready{socket_.fd(), POLLOUT, 0};
    const Duration left = std::max<Duration>(end - monotonic_now(), 0);
    if (::poll(&ready, 1, static_cast<int>(left / millisecond)) <= 0) {
      if (monotonic_now() - begun_ < connect_patience) return {};
      return lost(ETIMEDOUT);
    }
    int code = 0;
    socklen_t length = sizeof code;
    ::getsockopt(socket_.fd(), SOL_SOCKET, SO_ERROR, &code, &length);
    if (code != 0) return lost(code);
    is_connected_ = true;
    sent_ = 0;
    return {};
  }

  Status begin() {
    begun_ = monotonic_now();
    next_try_ = begun_ + reconnect_pause;
    const bool v4 = peer_.ip.is_v4();
    socket_ = FileDescriptor(::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket_) return fail(system_error("cannot make a socket for " + name_));
    int code = 0;
    if (v4) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(peer_.port);
      address.sin_addr.s_addr = htonl(peer_.ip.as_v4());
      code = ::connect(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    } else {
      const sockaddr_in6 address = ipv6_address(peer_);
      code = ::connect(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    if (code != 0 && errno != EINPROGRESS) return lost(errno);
    return {};
  }

  Status lost(int code) {
    disconnect();
    away_ = "cannot reach " + name_ + ": " + std::strerror(code) + ", trying again each second";
    return fail(away_);
  }

  void disconnect() {
    socket_ = FileDescriptor();
    is_connected_ = false;
    sent_ = 0;
  }

  Status send_some(std::string_view bytes, Time end) {
    wait(POLLOUT, end);
    const ssize_t got = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (got >= 0) sent_ += static_cast<std::size_t>(got);
    if (got >= 0 || errno == EAGAIN || errno == EINTR) return {};
    return broken(errno);
  }

  /// What the peer says is thrown away. Its end is no end of ours: it may have closed only its own half (a peer that is
  /// gone answers what is sent to it with a reset).
  Status look() {
    char ignored[4096];
    for (int i = 0; i < 16; ++i) {  // a peer that never stops must not keep us here
      const ssize_t got = ::recv(socket_.fd(), ignored, sizeof ignored, MSG_DONTWAIT);
      if (got > 0) continue;
      if (got == 0 || errno == EAGAIN || errno == EINTR) return {};
      return broken(errno);
    }
    return {};
  }

  tl::unexpected<Error> broken(int code) const {
    return fail("the connection to " + name_ + " broke: " + std::strerror(code) + ", connecting again");
  }

  /// Bytes that were sent and that the peer's kernel has not acknowledged (tcp(7), SIOCOUTQ).
  std::size_t unacknowledged() const {
    int bytes = 0;
    if (::ioctl(socket_.fd(), SIOCOUTQ, &bytes) != 0 || bytes < 0) return sent_;
    return std::min(static_cast<std::size_t>(bytes), sent_);
  }

  void wait(short what, Time end) const {
    pollfd ready{socket_.fd(), what, 0};
    const Duration left = std::max<Duration>(end - monotonic_now(), 0);
    ::poll(&ready, 1, static_cast<int>(left / millisecond) + 1);
  }

  static void wait_until(Time end) {
    const Duration left = std::max<Duration>(end - monotonic_now(), 0);
    ::poll(nullptr, 0, static_cast<int>(left / millisecond) + 1);
  }

  Endpoint peer_;
  std::string name_;
  FileDescriptor socket_;
  bool is_connected_ = false;
  std::size_t sent_ = 0;  // given to the kernel, counted from the first byte that is not acknowledged
  Time begun_ = 0;        // monotonic
  Time next_try_ = 0;     // monotonic
  std::string away_;
};

}  // namespace

std::unique_ptr<OutStream> tcp_stream(const Endpoint& peer, const std::string& name) {
  return std::make_unique<TcpStream>(peer, name);
}

}  // namespace flowspan
