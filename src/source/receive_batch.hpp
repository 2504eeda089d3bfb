// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/datagram.hpp"

namespace flowspan::source {

/// The memory for one recvmmsg(2): slots of 65,535 bytes, so that no datagram is ever cut; only what datagrams fill is
/// touched. Slots start at different cache sets.
class ReceiveBatch {
 public:
  static constexpr std::size_t slots = 64;

  ReceiveBatch();
  ~ReceiveBatch();
  ReceiveBatch(const ReceiveBatch&) = delete;
  ReceiveBatch& operator=(const ReceiveBatch&) = delete;

  /// Reads what is there, without waiting. `local` is what the datagrams' `to` says. On failure errno is set and
  /// nothing
  /// is returned; EAGAIN: the socket is empty.
  std::optional<std::span<Datagram>> read(int fd, const Endpoint& local);
  /// The drop counter (SO_RXQ_OVFL, 32 bit, wraps) that came with the last datagram, if one came.
  std::optional<std::uint32_t> drops() const { return drops_; }

 private:
  void prepare(std::size_t count);

  std::byte* memory_ = nullptr;
  std::vector<mmsghdr> headers_;
  std::vector<iovec> vectors_;
  std::vector<sockaddr_storage> names_;
  std::vector<std::byte> controls_;
  std::vector<Datagram> datagrams_;
  std::size_t used_ = 0;  ///< headers that the kernel has changed
  std::optional<std::uint32_t> drops_;
};

}  // namespace flowspan::source
