// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "server/http.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/wakeup.hpp"

namespace flowspan::server {
namespace {

constexpr int background_nice = 10;
// Connections taken at once, so that those who knock do not keep those inside waiting.
constexpr int most_accepted = 16;
// When no file descriptor is left for a new connection.
constexpr auto pause_without_descriptors = std::chrono::milliseconds(100);

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::open(const ListenAddress& address, std::vector<Route> routes,
                                                     const HttpLimits& limits) {
  auto listener = open_listener(address);
  if (!listener) return fail(listener.error());
  FileDescriptor stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop) return fail(system_error("cannot make an eventfd"));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(*listener), std::move(stop), std::move(routes), limits));
}

HttpServer::~HttpServer() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_.fd(), &one, sizeof one);
}

void HttpServer::start() {
  thread_ = std::jthread([this] {
    name_this_thread("http");
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), background_nice);
    serve();
  });
}

void HttpServer::serve() {
  while (wait()) {
    const Time time = monotonic_now();
    std::erase_if(connections_, [&](Connection& connection) {
      return connection.end() <= time || !connection.advance(responder_, limits_.head_bytes);
    });
    if (someone_waits_) accept_waiting();
  }
}

Duration HttpServer::until_next_end() const {
  return std::max<Duration>(connections_.front().end() - monotonic_now(), 0);
}

bool HttpServer::wait() {
  std::vector<pollfd> waiting{{stop_.fd(), POLLIN, 0}, {listener_.fd.fd(), POLLIN, 0}};
  for (const Connection& connection : connections_) waiting.push_back({connection.fd(), connection.wanted(), 0});
  // All have the same patience, so the oldest ends first.
  const int patience = connections_.empty() ? -1 : static_cast<int>(until_next_end() / millisecond) + 1;
  if (poll(waiting.data(), waiting.size(), patience) < 0)
    for (pollfd& one : waiting) one.revents = 0;  // EINTR: nothing has come
  someone_waits_ = waiting[1].revents != 0;
  for (std::size_t i = 0; i < connections_.size(); ++i) connections_[i].note(waiting[i + 2].revents);
  return waiting[0].revents == 0;
}

void HttpServer::accept_waiting() {
  for (int accepted = 0; accepted < most_accepted; ++accepted) {
    FileDescriptor socket(accept4(listener_.fd.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      // Not for "nobody waits any more": the others would make poll() return at once, for ever.
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        std::this_thread::sleep_for(pause_without_descriptors);
      return;
    }
    if (connections_.size() >= limits_.connections) connections_.erase(connections_.begin());
    connections_.emplace_back(std::move(socket), monotonic_now() + limits_.patience);
  }
}

}  // namespace flowspan::server
