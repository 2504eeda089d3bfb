// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.hpp"
#include "base/wakeup.hpp"
#include "journal/intake.hpp"
#include "journal/ring.hpp"
#include "source/udp.hpp"

namespace flowspan::pipeline {

/// The receiving thread of a worker: takes datagrams from the sockets into the ring and does nothing else.
class Receive {
 public:
  static Result<std::unique_ptr<Receive>> open(std::unique_ptr<source::UdpReceiver> sockets, std::uint64_t ring_bytes);

  /// Receives until stop(), then empties the sockets once more. Runs on the thread that calls it.
  void run();
  /// Any thread, also a signal handler.
  void stop();
  /// run() has ended and nothing more will come into the ring.
  bool finished() const { return finished_.load(std::memory_order_acquire); }
  /// The sockets broke: nothing can be received any more.
  bool failed() const { return failed_.load(std::memory_order_relaxed); }

  journal::Ring& ring() { return *ring_; }
  source::UdpReceiver& sockets() { return *sockets_; }
  const source::UdpReceiver& sockets() const { return *sockets_; }
  std::uint64_t ring_drops() const { return intake_.ring_drops(); }
  /// Times that this machine's clock was set back or forth by more than a second.
  std::uint64_t clock_steps() const { return clock_steps_.load(std::memory_order_relaxed); }

  /// Waits until the ring has something, or the time is over. For the one thread that empties the ring.
  void wait(Duration at_most);

 private:
  Receive(std::unique_ptr<source::UdpReceiver> sockets, std::unique_ptr<journal::Ring> ring, Wakeup wakeup);
  void take(const source::ReceivedBatch& batch);
  void watch_clock();

  std::unique_ptr<source::UdpReceiver> sockets_;
  std::unique_ptr<journal::Ring> ring_;
  journal::Intake intake_;
  Wakeup wakeup_;
  std::vector<std::uint64_t> drops_seen_;  // by socket: those that the journal tells of
  Time last_received_ = 0;
  Duration clock_offset_ = 0;  // wall clock - monotonic clock
  std::atomic<std::uint64_t> clock_steps_{0};
  std::atomic<bool> waiting_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> failed_{false};
  std::atomic<bool> finished_{false};
};

}  // namespace flowspan::pipeline
