// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/worker.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "base/wakeup.hpp"
#include "journal/pcapng.hpp"

namespace flowspan::pipeline {
namespace {

constexpr Duration first_retry = 250 * millisecond;
constexpr Duration longest_retry = 10 * second;
// So often a commit is tried again (about eight seconds) once the collector is to end: the journal keeps what is left.
constexpr unsigned attempts_at_end = 6;
constexpr Duration stop_poll = 50 * millisecond;
constexpr std::uint64_t smallest_file = 4096;

}  // namespace

Result<std::unique_ptr<Worker>> Worker::open(std::uint32_t number, std::unique_ptr<source::UdpReceiver> sockets,
                                             const CollectorOptions& options) {
  auto receive = Receive::open(std::move(sockets), options.ring_bytes);
  if (!receive) return fail(receive.error());
  return std::unique_ptr<Worker>(new Worker(number, std::move(*receive), options));
}

Worker::Worker(std::uint32_t number, std::unique_ptr<Receive> receive, const CollectorOptions& options)
    : number_(number), receive_(std::move(receive)), options_(options) {}

Worker::~Worker() {
  stop();
  give_up();
}

Status Worker::start(flow::SegmentSink& sink, const WriterStart& start, source::Mirror* mirror,
                     std::function<bool()> make_room, JournalHold& hold) {
  make_room_ = std::move(make_room);
  hold_ = &hold;
  journal::AppendOptions append;
  append.directory = options_.journal_directory;
  append.writer = number_;
  append.first_file = std::max<std::uint32_t>(start.position.file, 1);
  append.sync_interval = options_.journal_sync;
  // Only whole files are removed, and never the one that is written: a small journal needs smaller ones.
  if (const std::uint64_t most = options_.journaling.journal_max; most > 0)
    append.max_file_bytes = std::min(append.max_file_bytes, std::max(most / 4, smallest_file));
  for (const source::UdpSocketInfo& socket : receive_->sockets().sockets())
    append.interfaces.push_back("udp " + socket.local.to_string());
  auto appender = journal::Appender::open(std::move(append));
  if (!appender) return fail(appender.error());

  first_ = (*appender)->position();
  auto commit = Commit::open(options_.journal_directory, sink, start.state);
  if (!commit) return fail(commit.error());
  Accountant accountant(number_, (*appender)->position(), commit->exporters());
  // What comes before it and is not in the journal nobody received: the ledger tells it from losses on the way.
  std::array<std::byte, journal::mark_block_size> mark{};
  journal::write_mark_block(mark.data(), journal::MarkKind::started, 0, now());
  Bytes block = mark;
  if (const auto marked = (*appender)->append(block); !marked) return fail(marked.error());
  commit_ = std::move(*commit);
  journaling_ = std::make_unique<Journaling>(options_.journaling, *receive_, std::move(*appender),
                                             std::move(accountant), ranges_, mirror, make_room_);

  // An output that cannot follow may hold three quarters of what the journal may take; the rest is the store's.
  const std::uint64_t most_held = options_.journaling.journal_max / 4 * 3;
  hold.attach([this](Position position) { return journaling_->remove_before(position); },
              [this] { return journaling_->journal_bytes(); }, most_held);

  const std::string suffix = "-" + std::to_string(number_);
  committer_ = std::jthread([this, suffix] {
    name_this_thread("commit" + suffix);
    commit_ranges();
    committed_.store(true, std::memory_order_release);
  });
  journaler_ = std::jthread([this, suffix] {
    name_this_thread("journal" + suffix);
    journaling_->run();
  });
  receiver_ = std::jthread([this, suffix] {
    name_this_thread("receive" + suffix);
    receive_->run();
  });
  return {};
}

void Worker::stop() {
  stopping_.store(true, std::memory_order_release);
  receive_->stop();
}

void Worker::join() {
  for (std::jthread* thread : {&receiver_, &journaler_, &committer_})
    if (thread->joinable()) thread->join();
}

void Worker::commit_ranges() {
  bool going_on = true;
  while (const auto range = ranges_.pop()) going_on = going_on && commit_until_done(*range);
}

bool Worker::commit_until_done(const flow::Range& range) {
  for (Duration wait = first_retry;; wait = std::min(2 * wait, longest_retry)) {
    if (give_up_.load(std::memory_order_acquire)) return false;
    const Status status = commit_->run(range);
    if (status) break;
    commit_failures_.fetch_add(1, std::memory_order_relaxed);
    trouble_.write(log::Level::error, status.error().text + "; the flows stay in the journal, trying again");
    if (stopping_.load(std::memory_order_acquire) && ++failures_at_end_ >= attempts_at_end) {
      log::error("committing failed " + std::to_string(attempts_at_end) + " times while stopping: " +
                 status.error().text + "; the flows stay in the journal for the next start");
      give_up();
      return false;
    }
    if (status.error().kind == ErrorKind::no_space && make_room_()) continue;
    for (Duration slept = 0; slept < wait && !give_up_.load(std::memory_order_acquire); slept += stop_poll)
      std::this_thread::sleep_for(std::chrono::nanoseconds(stop_poll));
  }
  hold_->commit(range.to);
  return true;
}

WorkerCounters Worker::counters() const {
  WorkerCounters sum;
  sum.sockets = receive_->sockets().counters();
  for (const source::UdpCounters& socket : sum.sockets) {
    sum.datagrams += socket.datagrams;
    sum.bytes += socket.bytes;
    sum.refused += socket.refused;
    sum.kernel_drops += socket.kernel_drops;
    sum.receive_errors += socket.errors;
  }
  sum.ring_drops = receive_->ring_drops();
  sum.clock_steps = receive_->clock_steps();
  sum.ring_high_water = receive_->ring().high_water();
  sum.commit_failures = commit_failures_.load(std::memory_order_relaxed);
  if (journaling_) {
    sum.journal_drops = journaling_->journal_drops();
    sum.write_failures = journaling_->write_failures();
    sum.journal_bytes = journaling_->journal_bytes();
    sum.rows_waiting = journaling_->rows_waiting();
  }
  return sum;
}

}  // namespace flowspan::pipeline
