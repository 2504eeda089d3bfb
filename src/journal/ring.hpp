// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace flowspan::journal {

/// A ring of blocks in memory between one producing thread (a receiver) and one consuming thread (the journal's).
/// Every block lies in one piece: what does not fit before the end starts at the beginning again. When the consumer has
/// caught up the producer goes back to the beginning too, so that a collector that keeps up touches only `hot_bytes` of
/// memory; pages that were never needed are never touched. No lock, no system call after create().
class Ring {
 public:
  static constexpr std::size_t hot_bytes = 1024 * 1024;

  /// `bytes` is rounded up to whole pages. Fails when there is no such address space.
  static Result<std::unique_ptr<Ring>> create(std::size_t bytes);
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring();

  // --- the producing thread

  /// Room for `n` bytes in one piece, or nullptr: the ring is full (or n is 0 or more than it ever holds). Asking again
  /// forgets an earlier reservation that was not published.
  std::byte* try_reserve(std::size_t n);
  /// Hands the first `n` bytes of the reservation to the consumer: one whole block or several.
  void publish(std::size_t n);

  // --- the consuming thread

  /// The largest region of whole blocks that lies in one piece, oldest first; empty when there is none. Valid until
  /// release(). A region above `at_most` is cut between two blocks (there is at least one), so that a producer with a full
  /// ring need not wait for all of it to be written.
  Bytes peek(std::size_t at_most = ~std::size_t{0});
  /// Gives the first `n` bytes of what peek() returned back to the producer.
  void release(std::size_t n);

  // --- any thread

  std::size_t capacity() const { return capacity_; }
  /// Bytes in use, with the unused end of a lap.
  std::size_t used() const;
  /// The most that used() has been.
  std::size_t high_water() const { return static_cast<std::size_t>(high_water_.load(std::memory_order_relaxed)); }

 private:
  Ring(std::byte* data, std::size_t capacity) : data_(data), capacity_(capacity) {}
  std::uint64_t next_lap(std::uint64_t place) const { return place - place % capacity_ + capacity_; }

  // Places count bytes since the start and never wrap; a place's byte is data_[place % capacity_].
  static constexpr std::uint64_t nowhere = ~std::uint64_t{0};

  std::byte* const data_;
  const std::size_t capacity_;

  alignas(64) std::atomic<std::uint64_t> tail_{0};  // the producer's: blocks end here
  std::atomic<std::uint64_t> pad_from_{nowhere};    // from here to the end of its lap nothing lies
  std::atomic<std::uint64_t> high_water_{0};
  std::uint64_t reserved_ = 0;  // where the reservation starts
  std::uint64_t reserved_bytes_ = 0;
  std::uint64_t oldest_ = 0;                        // the consumer's place as last seen
  alignas(64) std::atomic<std::uint64_t> head_{0};  // the consumer's: blocks start here
};

}  // namespace flowspan::journal
