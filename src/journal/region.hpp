// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/datagram.hpp"

namespace flowspan::journal {

/// Walks the blocks of a ring's region: what an Intake wrote, still in memory.
class RegionReader {
 public:
  explicit RegionReader(Bytes region) : rest_(region) {}

  /// The next datagram; false at the end. What blocks tell of losses on the way is added to drops().
  bool next(Datagram& datagram);
  /// Datagrams that the kernel or the ring dropped, as the blocks passed so far say.
  std::uint64_t drops() const { return kernel_drops_ + other_drops_; }
  /// Of these by the kernel.
  std::uint64_t kernel_drops() const { return kernel_drops_; }

 private:
  void add_drops(Bytes options);

  Bytes rest_;
  std::uint64_t kernel_drops_ = 0;
  std::uint64_t other_drops_ = 0;
};

}  // namespace flowspan::journal
