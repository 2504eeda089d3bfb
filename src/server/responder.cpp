// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "server/responder.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <cstring>

namespace flowspan::server {
namespace {

/// A request that has come whole, and room for the answer.
class WholeRequest : public httplib::Stream {
 public:
  explicit WholeRequest(std::string request) : request_(std::move(request)) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override {
    const std::size_t count = std::min(size, request_.size() - position_);
    std::memcpy(to, request_.data() + position_, count);
    position_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, std::size_t size) override {
    response_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return 0; }

  std::string take_response() { return std::move(response_); }

 private:
  std::string request_;
  std::size_t position_ = 0;
  std::string response_;
};

// Paths are matched as regular expressions there.
std::string literally(const std::string& path) {
  std::string pattern;
  for (const char c : path) {
    if (std::strchr("\\^$.|?*+()[]{}", c) != nullptr) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

std::string list_of(const std::vector<Route>& routes) {
  std::string text;
  for (const Route& route : routes) text += " " + route.path;
  return text;
}

}  // namespace

/// The library without its sockets and threads: they would wait for ever, and for everybody.
class Responder::Http : public httplib::Server {
 public:
  explicit Http(const std::vector<Route>& routes) {
    for (const Route& route : routes)
      Get(literally(route.path), [make = route.answer](const httplib::Request&, httplib::Response& response) {
        Answer answer = make();
        response.status = answer.status;
        response.set_content(std::move(answer.body), answer.type);
        response.set_header("Cache-Control", "no-store");
      });
    set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
      if (request.method == "GET" || request.method == "HEAD") return HandlerResponse::Unhandled;
      response.status = 405;
      response.set_header("Allow", "GET, HEAD");
      response.set_content("only GET and HEAD are answered here\n", "text/plain; charset=utf-8");
      return HandlerResponse::Handled;
    });
    // Its own tells the exception's text to everybody.
    set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, const std::exception_ptr&) { response.status = 500; });
    set_error_handler([paths = list_of(routes)](const httplib::Request&, httplib::Response& response) {
      if (!response.body.empty()) return;
      const std::string text = response.status == 404 ? "there is nothing here; there are" + paths + "\n"
                                                      : "this request cannot be answered\n";
      response.set_content(text, "text/plain; charset=utf-8");
    });
  }

  std::string respond(std::string request) {
    WholeRequest stream(std::move(request));
    bool closed = false;
    process_request(stream, true, closed, nullptr);
    return stream.take_response();
  }
};

Responder::Responder(std::vector<Route> routes) : http_(std::make_unique<Http>(routes)) {}
Responder::~Responder() = default;

std::string Responder::respond(std::string_view head) {
  std::string response;
  try {
    const std::string_view line = head.substr(0, head.find_first_of("\r\n"));
    response = http_->respond(std::string(line) + "\r\nConnection: close\r\n\r\n");
  } catch (const std::exception&) {
    return refusal(500, "Internal Server Error", "this request cannot be answered");
  }
  if (response.empty()) return refusal(400, "Bad Request", "this is no HTTP request");
  return response;
}

std::string Responder::refusal(int status, std::string_view reason, std::string_view sentence) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: "
      "close\r\n\r\n{}\n",
      status, reason, sentence.size() + 1, sentence);
}

}  // namespace flowspan::server
