// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "server/connection.hpp"
#include "server/listen.hpp"
#include "server/responder.hpp"

namespace flowspan::server {

/// What everybody who reaches the port may take of this machine, and no more.
struct HttpLimits {
  std::size_t connections = 64;     ///< at a time; for one more the oldest is cut
  std::size_t head_bytes = 8192;    ///< of a request, up to the empty line
  Duration patience = 10 * second;  ///< from a connection's beginning to its end
};

/// Serves short texts over HTTP/1.1, one request a connection. One thread of low priority waits for all connections at
/// once, so that silent and slow ones hold up nobody.
class HttpServer {
 public:
  /// Binds and listens; answers nothing before start() (privileges may be dropped between).
  static Result<std::unique_ptr<HttpServer>> open(const ListenAddress& address, std::vector<Route> routes,
                                                  const HttpLimits& limits = {});
  /// Cuts what is still connected.
  ~HttpServer();

  /// Where it listens; the port is known even if 0 was asked for.
  const Endpoint& local() const { return listener_.local; }
  void start();

 private:
  HttpServer(Listener listener, FileDescriptor stop, std::vector<Route> routes, const HttpLimits& limits)
      : listener_(std::move(listener)), stop_(std::move(stop)), responder_(std::move(routes)), limits_(limits) {}
  void serve();
  /// False once the server is to stop. Waits for something to do, and notes in the connections what it is.
  bool wait();
  void accept_waiting();
  Duration until_next_end() const;

  Listener listener_;
  FileDescriptor stop_;  // an eventfd, readable when the server is to stop
  Responder responder_;
  HttpLimits limits_;
  bool someone_waits_ = false;           // to be accepted
  std::vector<Connection> connections_;  // of the thread; the oldest first
  std::jthread thread_;
};

}  // namespace flowspan::server
