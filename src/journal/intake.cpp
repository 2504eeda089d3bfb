// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

#include "journal/intake.hpp"

namespace flowspan::journal {

bool Intake::put(const Datagram& datagram, std::uint32_t interface, std::uint64_t kernel_drops) {
  if (lost_) [[unlikely]] {
    flush();
  }
  const std::size_t size = packet_block_size(datagram, kernel_drops);
  std::byte* const block = ring_.try_reserve(size);
  if (block == nullptr) [[unlikely]] {
    Loss& loss = losses_[interface];
    if (loss.ring_drops == 0 && loss.kernel_drops == 0) {
      loss.first = datagram.received;
    }
    loss.last = datagram.received;
    loss.ring_drops += 1;
    loss.kernel_drops += kernel_drops;
    lost_ = true;
    ring_drops_.store(ring_drops_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
  }
  ring_.publish(write_packet_block(block, datagram, interface, kernel_drops));
  return true;
}

void Intake::add_kernel_drops(std::uint32_t interface, std::uint64_t drops, Time when) {
  if (drops == 0) {
    return;
  }
  Loss& loss = losses_[interface];
  if (loss.ring_drops == 0 && loss.kernel_drops == 0) {
    loss.first = when;
  }
  loss.last = when;
  loss.kernel_drops += drops;
  lost_ = true;
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
