// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "simulate/datagram.hpp"

namespace flowspan::simulate {

/// A record on its way out, and whom to tell.
struct Outgoing {
  Record record;
  std::uint32_t label = 0;  ///< no_label for the background
  bool answer = false;
};

/// What a router's export process remembers: records that wait for a full datagram, the sequence, the boot.
class Router {
 public:
  static constexpr Duration longest_wait = second;  ///< of a record for others to share its datagram

  struct Identity {
    Version version = Version::v5;
    std::uint32_t address = 0;   ///< v7 says it in each record
    std::uint16_t engine = 0;    ///< v5
    std::uint16_t sampling = 0;  ///< v5
  };
  Router(const Identity& identity, Time booted) : identity_(identity), booted_(booted) {}

  /// Whether the datagram is full with it.
  bool add(const Outgoing& outgoing, Time now);
  /// When the records that wait must go; nothing when none do.
  std::optional<Time> deadline() const { return deadline_; }
  const std::vector<Outgoing>& waiting() const { return waiting_; }
  /// The records that wait, as a datagram; the sequence goes on.
  void flush(Time now, std::vector<std::byte>& payload);
  /// Everything in memory is forgotten; back at `up`, with SysUptime and sequence at zero.
  void restart(Time up);

  /// Sees no packets before then.
  Time up_since() const { return up_since_; }
  Time booted() const { return booted_; }
  std::uint32_t sequence() const { return sequence_; }

 private:
  Identity identity_;
  Time booted_;
  Time up_since_ = std::numeric_limits<Time>::min();
  std::uint32_t sequence_ = 0;
  std::vector<Outgoing> waiting_;
  std::optional<Time> deadline_;
  std::vector<Record> records_;  // of flush()
};

}  // namespace flowspan::simulate
