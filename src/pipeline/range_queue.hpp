// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "flow/sink.hpp"

namespace flowspan::pipeline {

/// Ranges on their way from the journal thread to the committing thread. Not bounded: a range is a few hundred bytes, and
/// what it stands for waits in the journal, which is.
class RangeQueue {
 public:
  void push(const flow::Range& range) {
    const std::lock_guard lock(mutex_);
    ranges_.push_back(range);
    changed_.notify_one();
  }
  /// No range will be pushed any more.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_one();
  }
  /// Waits for the next range; nothing when the queue is closed and empty.
  std::optional<flow::Range> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !ranges_.empty(); });
    if (ranges_.empty()) return std::nullopt;
    const flow::Range range = ranges_.front();
    ranges_.pop_front();
    return range;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<flow::Range> ranges_;
  bool closed_ = false;
};

}  // namespace flowspan::pipeline
