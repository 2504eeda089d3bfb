// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/file.hpp"
#include "base/ip.hpp"
#include "base/result.hpp"

namespace flowspan::server {

/// Where to listen, over TCP.
struct ListenAddress {
  bool any = true;     ///< all addresses of this machine, IPv4 and IPv6; the endpoint's address means nothing
  Endpoint endpoint;   ///< port 0: the kernel chooses (tests)
  unsigned scope = 0;  ///< of a link-local address: its interface's index
  std::string text;    ///< as the user wrote it, for messages
};

struct Listener {
  FileDescriptor fd;
  Endpoint local;  ///< as bound
};

/// A bound, listening, non-blocking socket. The error is one sentence that names HOST:PORT; kind busy when the port is
/// taken.
Result<Listener> open_listener(const ListenAddress& address);

}  // namespace flowspan::server
