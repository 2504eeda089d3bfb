// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/log.hpp"
#include "base/time.hpp"
#include "journal/append.hpp"
#include "journal/pcapng.hpp"
#include "pipeline/accountant.hpp"
#include "pipeline/range_queue.hpp"
#include "pipeline/receive.hpp"
#include "source/mirror.hpp"

namespace flowspan::pipeline {

struct JournalingOptions {
  std::uint64_t journal_max = 0;   ///< bytes of journal that may wait to be decoded; beyond, datagrams are dropped
  Duration rotate = 5 * minute;    ///< a range ends where the wall clock passes a multiple of this
  std::uint64_t rotate_bytes = 0;  ///< or when its segment will be about so large
};

/// The journal thread of a worker: ring → journal file → account, and now and then a range for the committing thread.
class Journaling {
 public:
  /// `make_room` is called when the disk is full, and says whether it freed anything. `mirror` may be null.
  /// All outlive this.
  Journaling(const JournalingOptions& options, Receive& receive, std::unique_ptr<journal::Appender> appender,
             Accountant accountant, RangeQueue& ranges, source::Mirror* mirror, std::function<bool()> make_room);

  /// Until receiving has finished and the ring is empty; then the last range is cut and the queue closed.
  void run();

  /// Calls f(const exporter::Exporters&) while the account stands still. Any thread.
  template <typename F>
  auto with_exporters(F&& f) const {
    const std::lock_guard lock(account_mutex_);
    return f(accountant_.exporters());
  }

  /// What a segment of the last range really took, so that the next range is cut for the right size. Any thread.
  void learn_bytes_per_flow(double bytes);
  /// Journal files that end before it are not needed any more. Any thread.
  Status remove_before(Position position) { return appender_->remove_before(position); }

  std::uint64_t journal_bytes() const { return appender_->total_bytes(); }
  /// Datagrams given up because the journal was as large as it may be.
  std::uint64_t journal_drops() const { return journal_drops_.load(std::memory_order_relaxed); }
  /// Times that writing the journal failed and was tried again.
  std::uint64_t write_failures() const { return write_failures_.load(std::memory_order_relaxed); }
  /// Flows that are journalled and not yet handed on to be committed.
  std::uint64_t rows_waiting() const { return rows_waiting_.load(std::memory_order_relaxed); }

 private:
  void take(Bytes region);
  bool is_full() const;
  bool append(Bytes region);
  void give_up(Bytes region, const char* why);
  Status write_given_up();
  void account(Bytes region);
  void cut_if_due();
  void cut_last();
  std::uint64_t target_rows() const;

  JournalingOptions options_;
  Receive& receive_;
  std::unique_ptr<journal::Appender> appender_;
  RangeQueue& ranges_;
  source::Mirror* mirror_;
  std::function<bool()> make_room_;

  mutable std::mutex account_mutex_;
  Accountant accountant_;
  std::vector<Datagram> mirrored_;
  // Given up, and not yet said in the journal.
  std::uint64_t given_up_ = 0;
  journal::Loss given_up_losses_;
  Time rotation_ = 0;  // number of the rotation interval that the range began in

  std::atomic<double> bytes_per_flow_;
  std::atomic<std::uint64_t> journal_drops_{0};
  std::atomic<std::uint64_t> write_failures_{0};
  std::atomic<std::uint64_t> rows_waiting_{0};
  log::Limiter trouble_;
};

}  // namespace flowspan::pipeline
