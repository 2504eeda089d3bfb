// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "pipeline/collector.hpp"
#include "pipeline/commit.hpp"
#include "pipeline/journal_hold.hpp"
#include "pipeline/journaling.hpp"
#include "pipeline/range_queue.hpp"
#include "pipeline/receive.hpp"

namespace flowspan::pipeline {

class Worker {
 public:
  static Result<std::unique_ptr<Worker>> open(std::uint32_t number, std::unique_ptr<source::UdpReceiver> sockets,
                                              const CollectorOptions& options);
  ~Worker();

  /// Opens the journal at `start` and starts the threads. `hold` is told what is committed, and outlives the worker.
  Status start(flow::SegmentSink& sink, const WriterStart& start, source::Mirror* mirror,
               std::function<bool()> make_room, JournalHold& hold);
  /// Where this run's journal begins; known after start().
  Position first() const { return first_; }
  /// Receives no more. Returns at once.
  void stop();
  /// All that was received is committed, or given up.
  bool done() const { return committed_.load(std::memory_order_acquire); }
  /// Commits nothing more: what is left stays in the journal.
  void give_up() { give_up_.store(true, std::memory_order_release); }
  void join();

  const source::UdpReceiver& sockets() const { return receive_->sockets(); }
  void set_allowed(const source::AllowList& allowed) { receive_->sockets().set_allowed(allowed); }
  bool failed() const { return receive_->failed(); }
  WorkerCounters counters() const;
  /// Null before start().
  Journaling* journaling() const { return journaling_.get(); }

 private:
  Worker(std::uint32_t number, std::unique_ptr<Receive> receive, const CollectorOptions& options);
  void commit_ranges();
  bool commit_until_done(const flow::Range& range);

  std::uint32_t number_;
  std::unique_ptr<Receive> receive_;
  CollectorOptions options_;
  std::function<bool()> make_room_;
  JournalHold* hold_ = nullptr;
  Position first_;
  RangeQueue ranges_;
  std::unique_ptr<Journaling> journaling_;
  std::optional<Commit> commit_;
  std::atomic<std::uint64_t> commit_failures_{0};
  std::atomic<bool> stopping_{false};
  unsigned failures_at_end_ = 0;  // of the committing thread
  std::atomic<bool> give_up_{false};
  std::atomic<bool> committed_{false};
  log::Limiter trouble_;
  std::jthread receiver_;
  std::jthread journaler_;
  std::jthread committer_;
};

}  // namespace flowspan::pipeline
