// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/datagram.hpp"
#include "journal/pcapng.hpp"
#include "journal/ring.hpp"

namespace flowspan::journal {

/// The producing end of a Ring: writes each datagram into it as a block and keeps account of those that did not fit, so
/// that the journal itself says where datagrams are missing. One thread.
class Intake {
 public:
  Intake(Ring& ring, std::size_t interfaces) : ring_(ring), losses_(interfaces) {}

  /// False: the ring is full (or the payload is no UDP datagram's); counted as a ring drop, and written as a loss as soon
  /// as there is room again. `kernel_drops`: dropped by the kernel since the last call for this interface. `interface`
  /// is less than the number of interfaces.
  bool put(const Datagram& datagram, std::uint32_t interface, std::uint64_t kernel_drops);
  /// Kernel drops that were seen without a datagram after them, as when collecting ends.
  void add_kernel_drops(std::uint32_t interface, std::uint64_t drops, Time when);
  /// Writes the losses not yet written; false when there is no room for all of them. To be called when idle and at the end.
  bool flush();

  /// Any thread.
  std::uint64_t ring_drops() const { return ring_drops_.load(std::memory_order_relaxed); }

 private:
  void add_loss(std::uint32_t interface, std::uint64_t ring_drops, std::uint64_t kernel_drops, Time when);
  bool write_loss(std::uint32_t interface);

  Ring& ring_;
  std::vector<Loss> losses_;
  bool lost_ = false;  // some loss is not written yet
  std::atomic<std::uint64_t> ring_drops_{0};
};

}  // namespace flowspan::journal
