// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "server/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace flowspan::server {
namespace {

constexpr std::size_t read_bytes = 4096;
// A client that still sends after its answer is read so far, and cut.
constexpr std::size_t farewell_bytes = 2 << 20;

// Where the empty line after the head stands, also of clients that end lines with a bare newline.
std::size_t end_of_head(const std::string& text) { return std::min(text.find("\r\n\r\n"), text.find("\n\n")); }

bool may_come_later() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

short Connection::wanted() const { return stage_ == Stage::response ? POLLOUT : POLLIN; }

bool Connection::advance(Responder& responder, std::size_t most_head_bytes) {
  if (ready_ == 0) return true;
  ready_ = 0;
  switch (stage_) {
    case Stage::request: return read_request(responder, most_head_bytes);
    case Stage::response: return write_response();
    case Stage::farewell: break;
  }
  return throw_away();
}

bool Connection::read_request(Responder& responder, std::size_t most_head_bytes) {
  std::array<char, read_bytes> buffer;
  const ssize_t count = recv(fd(), buffer.data(), buffer.size(), 0);
  if (count < 0) return may_come_later();
  if (count == 0) return false;
  text_.append(buffer.data(), static_cast<std::size_t>(count));
  const std::size_t end = end_of_head(text_);
  if (end != std::string::npos && end <= most_head_bytes)
    text_ = responder.respond(std::string_view(text_).substr(0, end));
  else if (text_.size() > most_head_bytes)
    text_ = Responder::refusal(431, "Request Header Fields Too Large", "this request is too long");
  else
    return true;
  stage_ = Stage::response;
  return write_response();
}

bool Connection::write_response() {
  while (done_ < text_.size()) {
    const ssize_t count = send(fd(), text_.data() + done_, text_.size() - done_, MSG_NOSIGNAL);
    if (count < 0) return may_come_later();
    done_ += static_cast<std::size_t>(count);
  }
  stage_ = Stage::farewell;
  text_ = {};
  done_ = 0;
  return shutdown(fd(), SHUT_WR) == 0;
}

bool Connection::throw_away() {
  std::array<char, read_bytes> buffer;
  const ssize_t count = recv(fd(), buffer.data(), buffer.size(), 0);
  if (count < 0) return may_come_later();
  done_ += static_cast<std::size_t>(count);
  return count > 0 && done_ < farewell_bytes;
}

}  // namespace flowspan::server
