// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/datagram.hpp"
#include "base/result.hpp"
#include "source/udp_sender.hpp"

namespace flowspan::source {

/// Repeats every datagram as it came to one or more targets (nfcapd's -R), from our own address. Never waits.
class Mirror {
 public:
  static Result<Mirror> open(const std::vector<Address>& targets, std::uint64_t send_buffer = 16ull << 20);

  void send(std::span<const Datagram> datagrams);

  struct Target {
    std::string name;  ///< HOST:PORT as the user wrote it
    SendCounters counters;
  };
  /// May be called by any thread.
  std::vector<Target> counters() const;
  std::vector<std::string> warnings() const;

 private:
  std::vector<std::unique_ptr<UdpSender>> senders_;
};

}  // namespace flowspan::source
