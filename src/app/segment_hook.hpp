// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "base/log.hpp"
#include "store/segment_writer.hpp"

namespace flowspan::app {

/// Runs the user's command after each commit (nfcapd's -x), one after the other, never in the way of collecting.
/// In the command %f is the segment's file, %d the store, %t the time of its first flow's arrival (ISO 8601), %n its
/// flows; all quoted for the shell.
class SegmentHook {
 public:
  SegmentHook(std::string command, std::string store);
  /// Runs what still waits, for half a minute at most; then the running command is ended.
  ~SegmentHook();

  /// Another command from now on; empty: none.
  void set_command(std::string command);
  void add(const store::CommittedSegment& segment);
  /// Commands that failed, and segments for which none was run because too many waited.
  std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }

 private:
  struct Job {
    std::string file;
    std::string time;
    std::uint64_t rows = 0;
  };
  void work();
  void run(const std::string& command);
  int wait_for(pid_t child);

  std::string store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable finished_;
  std::string command_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  bool ended_ = false;
  pid_t child_ = 0;  // the running command's; 0: none
  std::atomic<std::uint64_t> failures_{0};
  log::Limiter trouble_;
  std::jthread thread_;
};

/// The command with its % words replaced.
std::string expand_hook(const std::string& command, const std::string& file, const std::string& store,
                        const std::string& time, std::uint64_t rows);

}  // namespace flowspan::app
