// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ip.hpp"

namespace flowspan::exporter {

/// Hashes addresses with a secret, so that nobody can choose addresses that all fall into one bucket.
class SeededHash {
 public:
  explicit SeededHash(std::uint64_t seed = 0) : seed_(seed | 1) {}
  std::size_t operator()(const Ip& ip) const noexcept {
    // Two rounds of folded 128-bit products, as in wyhash: each input bit times the secret reaches all output bits.
    return static_cast<std::size_t>(fold(fold(ip.lo ^ seed_, ip.hi ^ secret), seed_ ^ 0x9e3779b97f4a7c15));
  }

 private:
  static constexpr std::uint64_t secret = 0xa0761d6478bd642f;
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  std::uint64_t seed_;
};

/// A table by address that knows which entry was used least recently. Entry has a member `ip`. A reference is
/// good until its entry is taken.
template <typename Entry>
class LruTable {
 public:
  explicit LruTable(std::uint64_t seed = 0) : index_(0, SeededHash(seed)) {}

  std::size_t size() const { return index_.size(); }
  const Entry* find(const Ip& ip) const {
    const auto found = index_.find(ip);
    return found == index_.end() ? nullptr : &slots_[found->second].entry;
  }
  /// The entry, now the most recently used one; nullptr if there is none. Asking for the same again costs nothing.
  Entry* use(const Ip& ip) {
    if (first_ != none && slots_[first_].entry.ip == ip) return &slots_[first_].entry;
    const auto found = index_.find(ip);
    if (found == index_.end()) return nullptr;
    unlink(found->second);
    link_first(found->second);
    return &slots_[first_].entry;
  }
  /// Adds an entry, whose address must not be there yet, as the most recently used one.
  Entry& insert(Entry entry) {
    const std::uint32_t slot = free_slot();
    slots_[slot].entry = std::move(entry);
    index_.emplace(slots_[slot].entry.ip, slot);
    link_first(slot);
    return slots_[slot].entry;
  }
  /// Takes out the entry of the address, which must be there.
  Entry take(const Ip& ip) {
    const auto found = index_.find(ip);
    const std::uint32_t slot = found->second;
    index_.erase(found);
    unlink(slot);
    free_.push_back(slot);
    return std::exchange(slots_[slot].entry, Entry{});
  }
  /// The least recently used entry; the table must not be empty.
  const Entry& oldest() const { return slots_[last_].entry; }

  /// f(const Entry&), the most recently used first.
  template <typename F>
  void for_each(F&& f) const {
    for (std::uint32_t slot = first_; slot != none; slot = slots_[slot].next) f(slots_[slot].entry);
  }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  struct Slot {
    Entry entry;
    std::uint32_t previous = none;  // more recently used
    std::uint32_t next = none;      // less recently used
  };

  std::uint32_t free_slot() {
    if (free_.empty()) {
      slots_.emplace_back();
      return static_cast<std::uint32_t>(slots_.size() - 1);
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void unlink(std::uint32_t slot) {
    const Slot& from = slots_[slot];
    (from.previous == none ? first_ : slots_[from.previous].next) = from.next;
    (from.next == none ? last_ : slots_[from.next].previous) = from.previous;
  }
  void link_first(std::uint32_t slot) {
    slots_[slot].previous = none;
    slots_[slot].next = first_;
    (first_ == none ? last_ : slots_[first_].previous) = slot;
    first_ = slot;
  }

  std::unordered_map<Ip, std::uint32_t, SeededHash> index_;
  std::deque<Slot> slots_;  // grows without moving what is there
  std::vector<std::uint32_t> free_;
  std::uint32_t first_ = none;
  std::uint32_t last_ = none;
};

}  // namespace flowspan::exporter
