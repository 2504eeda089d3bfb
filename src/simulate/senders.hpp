// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "source/address.hpp"
#include "source/udp_sender.hpp"

namespace flowspan::simulate {

/// A socket for each exporter. To a target in 127.0.0.0/8 each sends from an address of its own, 127.0.1.1, 127.0.1.2 …;
/// elsewhere all have the address of this machine, and ports of their own.
class Senders {
 public:
  static Result<Senders> open(const source::Address& target, unsigned exporters);

  /// Waits while the send buffer is full, a second at most.
  void send(unsigned exporter, Bytes payload);
  /// Added up over all exporters.
  source::SendCounters counters() const;
  /// Whether the collector can tell the exporters by their addresses.
  bool own_addresses() const { return own_addresses_; }
  /// The address that the collector sees.
  std::string name(unsigned exporter) const;

 private:
  Senders() = default;
  static constexpr std::uint64_t send_buffer = 1 << 20;  // bytes

  std::vector<std::unique_ptr<source::UdpSender>> senders_;
  bool own_addresses_ = false;
};

}  // namespace flowspan::simulate
