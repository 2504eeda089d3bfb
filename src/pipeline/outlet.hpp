// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "base/wakeup.hpp"
#include "flow/sink.hpp"
#include "pipeline/collector.hpp"
#include "pipeline/journal_hold.hpp"
#include "pipeline/outlet_writer.hpp"

namespace flowspan::pipeline {

/// Feeds one output: follows every writer's journal, decodes it for the fields that the sink wants, and commits. One
/// thread. What the sink does not take waits in the journals; when they have grown too large, the output skips what the
/// store has.
class Outlet {
 public:
  /// `number` is its place in the holds. Sink and holds outlive it.
  Outlet(std::filesystem::path journal_directory, const Output& output, std::size_t number);
  ~Outlet();

  /// Adds a writer that goes on (`first`: where its new journal begins) or one of an earlier run that only left
  /// something (no `first`). Goes on at the sink's mark, else at what the store had not yet committed.
  Status add(const WriterHistory& history, std::optional<Position> first, JournalHold& hold);
  Status start();

  /// No journal grows any more: hands over what is left, then ends; after `at_most` it gives up, however well it goes, and
  /// says what is left. Returns at once.
  void finish(Duration at_most);
  /// Ends at once, whatever is left.
  void give_up();
  bool done() const { return done_.load(std::memory_order_acquire); }
  void join();

  OutputCounters counters() const;

 private:
  void run();
  std::vector<flow::Mark> marks() const;
  bool read_some();
  bool commit();
  bool commit_due(bool at_end) const;
  void skip_if_crowded();
  bool must_end() const;
  bool count_rest(std::uint64_t& flows);
  void end_behind();

  std::filesystem::path directory_;
  std::string kind_;
  std::string name_;
  flow::FlowSink& sink_;
  std::size_t number_;
  flow::FlowSink::Pace pace_;
  std::vector<std::unique_ptr<OutletWriter>> writers_;
  flow::FlowBatch batch_;

  std::uint64_t pending_rows_ = 0;  // put and not committed
  bool pending_ = false;            // rows or positions
  bool broken_ = false;             // a journal cannot be read
  Duration marks_took_ = 0;         // to make, last time
  Time committed_at_ = 0;           // monotonic
  std::uint64_t moved_ = 0;         // the sink's progress at the last commit
  Time crowded_since_ = 0;          // monotonic; 0: it is not

  std::atomic<std::uint64_t> flows_{0};
  std::atomic<std::uint64_t> skipped_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<Time> deadline_{0};  // monotonic; 0: journals still grow
  std::atomic<bool> give_up_{false};
  std::atomic<bool> complete_{false};
  std::atomic<bool> done_{false};
  log::Limiter trouble_;
  log::Limiter skips_;
  std::optional<Wakeup> wakeup_;
  std::jthread thread_;
};

}  // namespace flowspan::pipeline
