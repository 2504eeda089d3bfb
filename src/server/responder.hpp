// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace flowspan::server {

/// What a route answers.
struct Answer {
  int status = 200;
  std::string body;
  std::string type = "text/plain; charset=utf-8";  ///< Content-Type
};

/// A path and what makes its answer; called on the server's thread, so it must not wait.
struct Route {
  std::string path;  ///< "/metrics"
  std::function<Answer()> answer;
};

/// Turns the head of a request into a whole HTTP/1.1 response. GET and HEAD of the routes; all else is an error page of
/// one line.
class Responder {
 public:
  explicit Responder(std::vector<Route> routes);
  ~Responder();

  /// `head` is what stands before the empty line. Only its first line is looked at: no answer depends on a header, so
  /// that none can do harm. The response says "Connection: close".
  std::string respond(std::string_view head);
  /// A response that no route makes: "408 …".
  static std::string refusal(int status, std::string_view reason, std::string_view sentence);

 private:
  class Http;
  std::unique_ptr<Http> http_;
};

}  // namespace flowspan::server
