// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "simulate/aggregation.hpp"
#include "simulate/datagram.hpp"

namespace flowspan::simulate {

/// A flow's record on its way out, and whom to tell.
struct Outgoing {
  Record record;
  std::uint32_t label = 0;  ///< no_label for the background
  bool answer = false;
};

/// A datagram, and the flows that are in it: in v8 its records are fewer.
struct Exported {
  std::vector<std::byte> payload;
  std::vector<Outgoing> flows;
  std::uint32_t records = 0;
};

/// What a router's export process remembers: records that wait for a full datagram, the sequence, the boot.
class Router {
 public:
  static constexpr Duration longest_wait = second;             ///< of a record for others to share its datagram
  static constexpr Duration longest_aggregation = 5 * second;  ///< in v8, of a flow for others of its aggregate

  struct Identity {
    Version version = Version::v5;
    std::uint32_t address = 0;   ///< v7 says it in each record
    std::uint16_t engine = 0;    ///< v5, v8
    std::uint16_t sampling = 0;  ///< v5, v8
    Scheme scheme{};             ///< v8
  };
  Router(const Identity& identity, Time booted) : identity_(identity), booted_(booted), aggregation_(identity.scheme) {}

  /// Whether those that wait should go now.
  bool add(const Outgoing& outgoing, Time now);
  /// When the records that wait must go; nothing when none do.
  std::optional<Time> deadline() const { return deadline_; }
  const std::vector<Outgoing>& waiting() const { return waiting_; }
  /// The records that wait, as datagrams (one, but in v8); the sequence goes on.
  std::vector<Exported> flush(Time now);
  /// Everything in memory is forgotten; back at `up`, with SysUptime and sequence at zero.
  void restart(Time up);

  /// Sees no packets before then.
  Time up_since() const { return up_since_; }
  Time booted() const { return booted_; }
  std::uint32_t sequence() const { return sequence_; }

 private:
  Header next_header(Time now, std::uint32_t records);
  std::vector<Exported> flush_aggregates(Time now);
  void forget();

  Identity identity_;
  Time booted_;
  Time up_since_ = std::numeric_limits<Time>::min();
  std::uint32_t sequence_ = 0;
  std::vector<Outgoing> waiting_;
  std::optional<Time> deadline_;
  Aggregation aggregation_;             // of what waits; v8
  std::vector<std::size_t> aggregate_;  // of each that waits; v8
};

}  // namespace flowspan::simulate
