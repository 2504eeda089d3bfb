// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

#include "journal/ring.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "journal/pcapng.hpp"

namespace flowspan::journal {

Result<std::unique_ptr<Ring>> Ring::create(std::size_t bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (bytes == 0 || bytes > ~std::size_t{0} - page) {
    return fail("a ring cannot have " + std::to_string(bytes) + " bytes", ErrorKind::usage);
  }
  const std::size_t capacity = (bytes + page - 1) / page * page;
  void* const data =
      ::mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED) {
    return fail(system_error("cannot get " + std::to_string(capacity) + " bytes for the ring"));
  }
  return std::unique_ptr<Ring>(new Ring(static_cast<std::byte*>(data), capacity));
}

Ring::~Ring() { ::munmap(data_, capacity_); }

std::byte* Ring::try_reserve(std::size_t n) {
  reserved_bytes_ = 0;
  if (n == 0 || n > capacity_) {
    return nullptr;
  }
  const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
  oldest_ = head_.load(std::memory_order_acquire);
  if (oldest_ == pad_from_.load(std::memory_order_relaxed)) {
    oldest_ = next_lap(oldest_);  // the consumer has only padding before it there
  }
  const std::uint64_t offset = tail % capacity_;
  const bool caught_up = oldest_ == tail && offset >= hot_bytes;
  reserved_ = caught_up || offset + n > capacity_ ? next_lap(tail) : tail;
  // Only an empty ring may jump while the consumer still stands at the jump: it has nothing before it but padding.
  const std::uint64_t floor = oldest_ == tail ? reserved_ : oldest_;
  if (reserved_ + n - floor > capacity_) {
    return nullptr;
  }
  oldest_ = floor;
  reserved_bytes_ = n;
  return data_ + reserved_ % capacity_;
}

void Ring::publish(std::size_t n) {
  n = static_cast<std::size_t>(std::min<std::uint64_t>(n, reserved_bytes_));
  if (n == 0) {
    return;
  }
  const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
  if (reserved_ != tail) {
    pad_from_.store(tail, std::memory_order_relaxed);  // seen by whoever sees the new tail
  }
  reserved_bytes_ = 0;
  tail_.store(reserved_ + n, std::memory_order_release);
  if (const std::uint64_t used = reserved_ + n - oldest_; used > high_water_.load(std::memory_order_relaxed)) {
    high_water_.store(used, std::memory_order_relaxed);
  }
}

Bytes Ring::peek(std::size_t at_most) {
  const std::uint64_t tail = tail_.load(std::memory_order_acquire);
  const std::uint64_t pad_from = pad_from_.load(std::memory_order_relaxed);
  std::uint64_t head = head_.load(std::memory_order_relaxed);
  if (head == tail) {
    return {};
  }
  if (head == pad_from) {
    head = next_lap(head);
    head_.store(head, std::memory_order_release);
  }
  std::uint64_t end = std::min(tail, next_lap(head));
  if (pad_from > head) {
    end = std::min(end, pad_from);
  }
  const Bytes region{data_ + head % capacity_, static_cast<std::size_t>(end - head)};
  return region.size() <= at_most ? region : region.first(whole_blocks(region, at_most));
}

void Ring::release(std::size_t n) { head_.store(head_.load(std::memory_order_relaxed) + n, std::memory_order_release); }

std::size_t Ring::used() const {
  std::uint64_t head = head_.load(std::memory_order_acquire);
  const std::uint64_t tail = tail_.load(std::memory_order_acquire);
  if (head != tail && head == pad_from_.load(std::memory_order_relaxed)) {
    head = next_lap(head);
  }
  return static_cast<std::size_t>(std::min<std::uint64_t>(tail > head ? tail - head : 0, capacity_));
}

}  // namespace flowspan::journal
