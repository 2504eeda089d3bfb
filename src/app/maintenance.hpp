// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "store/retention.hpp"
#include "store/store.hpp"

namespace flowspan::app {

/// The disk is full: frees what can be freed at once, at the cost of the oldest flows; says whether anything was freed.
bool free_space(store::Store& store, log::Limiter& trouble);

/// Keeps a store in order while a collector runs: retention, compaction, the reserve, retired files. A thread of its own,
/// at low priority, never in the way of collecting.
class Maintenance {
 public:
  Maintenance(store::Store& store, store::RetentionRules rules, bool compact);
  /// Lets a running merge end.
  ~Maintenance();

  void set_rules(const store::RetentionRules& rules);

  /// The disk is full: frees what can be freed at once. Any thread; says whether anything was freed.
  bool make_room();

 private:
  void work();
  void retain();
  void compact_due();

  store::Store& store_;
  bool compact_;
  std::mutex mutex_;
  std::condition_variable changed_;
  store::RetentionRules rules_;  // guarded by mutex_
  std::atomic<bool> stopping_{false};
  Time compact_after_ = 0;  // of the thread; monotonic
  std::mutex room_mutex_;
  log::Limiter trouble_;
  log::Limiter room_trouble_;
  std::jthread thread_;
};

}  // namespace flowspan::app
