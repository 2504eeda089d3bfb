// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "simulate/stream.hpp"

namespace flowspan::simulate {

/// When a router exports a flow that goes on, and one that is silent.
struct Timeouts {
  Duration active = minute;
  Duration idle = 15 * second;
};

/// Why a router exported what it had counted.
enum class Expiry : std::uint8_t { idle, active, ended, counter_full };

/// What a router counted of a stream from one export to the next.
struct Part {
  Time first = 0, last = 0;
  Time exported = 0;  ///< when the router exports it
  std::uint32_t packets = 0;
  std::uint32_t bytes = 0;
  std::uint8_t tcp_flags = 0;
  Expiry expiry = Expiry::idle;
};

/// The life of one entry in a router's flow cache: begins with a packet, counts those that come, and is exported when
/// the flow was silent for the idle timeout, has lasted the active timeout, has ended (FIN, RST) or fills its 32-bit
/// counters. The next packet begins a new entry, so that the parts of a long flow join.
class Metering {
 public:
  Metering(Stream stream, const Timeouts& timeouts) : stream_(std::move(stream)), timeouts_(timeouts) {}

  /// The next part; false when no packets are left.
  bool next(Part& part);
  /// The router does not see packets before then.
  void skip_until(Time time);
  const Stream& stream() const { return stream_; }

 private:
  bool at_end() const { return train_ == stream_.trains.size(); }
  bool count_train(Part& part, Time deadline);
  void count_packets(Part& part, std::uint32_t end);
  std::uint8_t flags_of(std::uint32_t end) const;

  Stream stream_;
  Timeouts timeouts_;
  std::size_t train_ = 0;     // the next packet: of this train,
  std::uint32_t packet_ = 0;  // this one
};

}  // namespace flowspan::simulate
