// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "base/file.hpp"
#include "base/time.hpp"
#include "server/responder.hpp"

namespace flowspan::server {

/// One client on a non-blocking socket: its request comes, the response goes, and what it still says is thrown away until
/// it closes, for a socket that is closed with something unread would take the response back.
class Connection {
 public:
  /// `end`: when it is cut whatever it does; monotonic.
  Connection(FileDescriptor socket, Time end) : socket_(std::move(socket)), end_(end) {}

  int fd() const { return socket_.fd(); }
  Time end() const { return end_; }
  /// poll(2)'s events to wait for; and those that came.
  short wanted() const;
  void note(short events) { ready_ = events; }

  /// Does what can be done without waiting, for the events that were noted. False: it is over, close it.
  bool advance(Responder& responder, std::size_t most_head_bytes);

 private:
  enum class Stage { request, response, farewell };
  bool read_request(Responder& responder, std::size_t most_head_bytes);
  bool write_response();
  bool throw_away();

  FileDescriptor socket_;
  Time end_;
  Stage stage_ = Stage::request;
  short ready_ = 0;
  std::string text_;      // the request so far, then the response
  std::size_t done_ = 0;  // bytes of the response that are sent, or of the farewell that were read
};

}  // namespace flowspan::server
