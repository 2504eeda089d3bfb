// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

#include "journal/intake.hpp"

namespace flowspan::journal {

bool Intake::put(const Datagram& datagram, std::uint32_t interface, std::uint64_t kernel_drops) {
  const std::size_t size = packet_block_size(datagram, kernel_drops);
  if (lost_) [[unlikely]] {
    // Losses are written only together with a datagram: else each datagram that is too long for the rest of a full ring
    // would leave a block of its own.
    if (size == 0 || ring_.try_reserve(size + losses_.size() * loss_block_size) == nullptr) {
      add_loss(interface, 1, kernel_drops, datagram.received);
      return false;
    }
    flush();
  }
  std::byte* const block = ring_.try_reserve(size);
  if (block == nullptr) [[unlikely]] {
    add_loss(interface, 1, kernel_drops, datagram.received);
    return false;
  }
  ring_.publish(write_packet_block(block, datagram, interface, kernel_drops));
  return true;
}

void Intake::add_loss(std::uint32_t interface, std::uint64_t ring_drops, std::uint64_t kernel_drops, Time when) {
  Loss& loss = losses_[interface];
  if (loss.ring_drops == 0 && loss.kernel_drops == 0) {
    loss.first = when;
  }
  loss.last = when;
  loss.ring_drops += ring_drops;
  loss.kernel_drops += kernel_drops;
  lost_ = true;
  ring_drops_.store(ring_drops_.load(std::memory_order_relaxed) + ring_drops, std::memory_order_relaxed);
}

void Intake::add_kernel_drops(std::uint32_t interface, std::uint64_t drops, Time when) {
  if (drops != 0) {
    add_loss(interface, 0, drops, when);
  }
}

bool Intake::flush() {
  if (!lost_) {
    return true;
  }
  for (std::uint32_t i = 0; i < losses_.size(); ++i) {
    if ((losses_[i].ring_drops != 0 || losses_[i].kernel_drops != 0) && !write_loss(i)) {
      return false;
    }
  }
  lost_ = false;
  return true;
}

bool Intake::write_loss(std::uint32_t interface) {
  std::byte* const block = ring_.try_reserve(loss_block_size);
  if (block == nullptr) {
    return false;
  }
  ring_.publish(write_loss_block(block, losses_[interface], interface));
  losses_[interface] = {};
  return true;
}

}  // namespace flowspan::journal
