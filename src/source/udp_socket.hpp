// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/file.hpp"
#include "base/result.hpp"
#include "source/address.hpp"

namespace flowspan::source {

/// One listening socket as it was granted.
struct UdpSocketInfo {
  Address listen;
  Endpoint local;                    ///< as bound; the port is known even if 0 was asked for
  bool dual_stack = false;           ///< takes IPv4 and IPv6
  std::uint64_t asked_buffer = 0;    ///< bytes
  std::uint64_t granted_buffer = 0;  ///< bytes in the unit of asked_buffer (half of what the kernel books, socket(7))
  std::string warning;               ///< empty, or a sentence that says what to raise
};

struct UdpSocket {
  FileDescriptor fd;
  UdpSocketInfo info;
};

/// Makes, binds and (a multicast group) joins a non-blocking socket with kernel time stamps and drop counter. With
/// `workers` > 1 it enters the SO_REUSEPORT group of its port as number `worker` (open them in order), steered by source
/// address. The error names HOST:PORT.
Result<UdpSocket> open_udp_socket(const Address& listen, std::uint64_t receive_buffer, unsigned worker,
                                  unsigned workers);

/// Fails if somebody, this process included, has the port: SO_REUSEPORT alone would share it with another process of
/// the same user, silently.
Status check_port_is_free(const Address& listen);

/// What the kernel knows of a socket's receive queue (SO_MEMINFO, sock_diag(7)).
struct QueueState {
  std::uint64_t booked = 0;  ///< bytes in the queue, with overhead, as counted against the buffer
  std::uint32_t drops = 0;   ///< datagrams dropped so far; wraps
};
QueueState queue_state(int fd);

}  // namespace flowspan::source
