// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace flowspan::source {

/// How long the receiving thread may sleep before it reads again, so that batches are full and the socket buffer
/// never gets
/// fuller than an eighth at the rate seen. Takes time as an argument.
class ReceivePacing {
 public:
  static constexpr Duration longest = 4 * millisecond;
  static constexpr Duration shortest = 200 * microsecond;  ///< below it sleeping does not pay: timer slack is 50 us
  static constexpr double worst_rate = 2.3;  ///< booked bytes per ns: 1,000,000 datagrams/s of 2,304 bytes

  /// `buffer`: bytes that the kernel may book for the smallest socket buffer of the thread.
  explicit ReceivePacing(std::uint64_t buffer = 0) : buffer_(buffer) {}

  /// Before a read round: `fill` bytes are booked in the fullest buffer at `now`.
  void filled(std::uint64_t fill, Time now);
  /// After a read round that left the buffers empty at `now`.
  void drained(Time now) { drained_ = now; }
  /// Nothing came for a while: a burst of any rate may be next.
  void idle() { rate_ = worst_rate; }
  /// Nanoseconds to sleep; 0: do not sleep.
  Duration sleep() const;

 private:
  std::uint64_t buffer_;
  double rate_ = worst_rate;  ///< booked bytes per ns
  Time drained_ = 0;
};

}  // namespace flowspan::source
