// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/datagram.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "source/address.hpp"

namespace flowspan::source {

struct SendCounters {
  std::uint64_t sent = 0;         ///< datagrams that the kernel took
  std::uint64_t refused = 0;      ///< datagrams that it did not take: buffer full, too long, no route
  std::uint64_t unreachable = 0;  ///< "connection refused" and the like, told by the target about earlier datagrams
};

/// Sends the payloads of datagrams to one target (sendmmsg(2)). send() belongs to one thread, counters() to any.
class UdpSender {
 public:
  /// `send_buffer` in bytes (SO_SNDBUF, socket(7)). `from`: an address of this machine to send from; else the kernel
  /// chooses.
  static Result<std::unique_ptr<UdpSender>> open(const Address& target, std::uint64_t send_buffer = 16ull << 20,
                                                 std::optional<Ip> from = std::nullopt);

  /// Never waits: what the kernel refuses now is counted and gone.
  void send(std::span<const Datagram> datagrams);
  /// Waits while the send buffer is full, at most one second for a batch; the rest is counted as refused.
  void send_waiting(std::span<const Datagram> datagrams);

  SendCounters counters() const;
  /// Where the datagrams come from, as the kernel bound it.
  Endpoint local() const;
  const std::string& name() const { return target_.text; }
  /// Empty, or a sentence that names what to raise when the send buffer is smaller than asked.
  const std::string& warning() const { return warning_; }

 private:
  static constexpr std::size_t batch = 64;
  UdpSender() = default;
  void send(std::span<const Datagram> datagrams, Duration patience);
  /// How many of them the kernel took; errno says why not all.
  std::size_t send_batch(std::span<mmsghdr> headers, Duration patience);

  Address target_;
  FileDescriptor fd_;
  std::string warning_;
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> unreachable_{0};
};

}  // namespace flowspan::source
