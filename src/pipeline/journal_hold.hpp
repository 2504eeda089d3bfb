// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "base/datagram.hpp"
#include "base/log.hpp"
#include "base/result.hpp"

namespace flowspan::pipeline {

/// Which files of one writer's journal may go: those that the store has committed and every output has read. Any thread.
class JournalHold {
 public:
  /// Of the store, and so many outputs. Until each has passed something, nothing goes.
  explicit JournalHold(std::size_t outputs) : passed_(1 + outputs) {}

  /// `remove` unlinks the files before a position, `bytes` says how many there are, and `limit` from how many on an
  /// output is to skip what the store has (0: never). To be called before anything passes.
  void attach(std::function<Status(Position)> remove, std::function<std::uint64_t()> bytes, std::uint64_t limit);

  void commit(Position to) { pass(0, to); }
  /// Output number `output` (from 0) needs nothing before `to`.
  void read(std::size_t output, Position to) { pass(1 + output, to); }
  /// It needs nothing any more, whatever comes.
  void release(std::size_t output) { pass(1 + output, {UINT32_MAX, 0}); }

  /// What the store has committed.
  Position committed() const;
  /// The journal has grown so large that an output that is behind the store must not hold it any longer.
  bool is_crowded() const {
    return short_of_space_.load(std::memory_order_relaxed) || (limit_ > 0 && bytes_() > limit_);
  }
  /// The disk is nearly full, whatever the limit: before stored flows are removed for space, journals are that the store
  /// no longer needs.
  void set_short_of_space(bool is_short) { short_of_space_.store(is_short, std::memory_order_relaxed); }

 private:
  void pass(std::size_t who, Position to);

  std::function<Status(Position)> remove_;
  std::function<std::uint64_t()> bytes_;
  std::uint64_t limit_ = 0;
  std::atomic<bool> short_of_space_{false};
  mutable std::mutex mutex_;
  std::vector<Position> passed_;
  std::uint32_t removed_ = 0;  // all files below are gone
  log::Limiter trouble_;
};

}  // namespace flowspan::pipeline
