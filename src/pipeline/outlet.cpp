// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/outlet.hpp"

#include <algorithm>
#include <utility>

#include "base/units.hpp"

namespace flowspan::pipeline {
namespace {

constexpr Duration poll = 50 * millisecond;
constexpr Duration retry_wait = 250 * millisecond;
// What is left is counted for so long at most when an output ends behind.
constexpr Duration counting_at_end = 5 * second;
// An output is only behind when it stays so: it always follows by some milliseconds.
constexpr Duration patience_when_crowded = 200 * millisecond;
constexpr int batches_in_turn = 64;
constexpr Duration marks_per_interval = 20;

}  // namespace

Outlet::Outlet(std::filesystem::path journal_directory, const Output& output, std::size_t number)
    : directory_(std::move(journal_directory)),
      kind_(output.kind),
      name_(output.name),
      sink_(*output.sink),
      number_(number),
      pace_(sink_.pace()),
      batch_(sink_.wanted()) {}

Outlet::~Outlet() {
  give_up();
  join();
}

Status Outlet::add(const WriterHistory& history, std::optional<Position> first, JournalHold& hold) {
  const auto mark = sink_.mark(history.writer);
  if (!mark) return fail(mark.error());
  auto writer = std::make_unique<OutletWriter>(directory_, history, first, hold, number_);
  const auto missing = writer->open(*mark);
  if (!missing) return fail(missing.error());
  if (*missing > 0)
    log::warn(name_ + " lacks flows: " + count_text(*missing) + " journals of writer " +
              std::to_string(history.writer) + " that it had not yet read are gone; the store has what they held");
  writers_.push_back(std::move(writer));
  return {};
}

Status Outlet::start() {
  // Where it begins is known from the start: whatever the store commits before the first flows are handed over, a crash
  // then finds the place again.
  if (const Status marked = sink_.commit(marks()); !marked && sink_.keeps_marks()) return marked;
  auto wakeup = Wakeup::create();
  if (!wakeup) return fail(wakeup.error());
  wakeup_.emplace(std::move(*wakeup));
  thread_ = std::jthread([this] {
    name_this_thread("output-" + std::to_string(number_));
    run();
    done_.store(true, std::memory_order_release);
  });
  return {};
}

void Outlet::finish(Duration at_most) {
  deadline_.store(monotonic_now() + at_most, std::memory_order_release);
  if (wakeup_) wakeup_->wake();
}

void Outlet::give_up() {
  give_up_.store(true, std::memory_order_release);
  if (wakeup_) wakeup_->wake();
}

void Outlet::join() {
  if (thread_.joinable()) thread_.join();
}

OutputCounters Outlet::counters() const {
  OutputCounters counters;
  counters.kind = kind_;
  counters.flows = flows_.load(std::memory_order_relaxed);
  counters.skipped_flows = skipped_.load(std::memory_order_relaxed);
  counters.failures = failures_.load(std::memory_order_relaxed);
  counters.complete = complete_.load(std::memory_order_relaxed);
  return counters;
}

void Outlet::run() {
  committed_at_ = monotonic_now();
  bool closed = false;
  for (;;) {
    if (!closed && deadline_.load(std::memory_order_acquire) != 0) {
      closed = true;
      for (const auto& writer : writers_) writer->set_closed();
    }
    const bool idle = !read_some();
    if (broken_) break;
    const bool at_end =
        std::all_of(writers_.begin(), writers_.end(), [](const auto& writer) { return writer->at_end(); });
    if (closed && at_end && !pending_) {
      complete_.store(true, std::memory_order_relaxed);
      return;
    }
    if (must_end()) break;
    if (commit_due(idle && closed) && !commit()) {
      if (sink_.ended()) break;
    } else if (idle && !closed) {
      wakeup_->wait(poll);
    }
    skip_if_crowded();
  }
  end_behind();
}

bool Outlet::must_end() const {
  const Time deadline = deadline_.load(std::memory_order_acquire);
  return give_up_.load(std::memory_order_acquire) || (deadline != 0 && monotonic_now() > deadline);
}

/// A turn of all writers; false when there was nothing, or no room.
bool Outlet::read_some() {
  bool any = false;
  for (const auto& writer : writers_) {
    for (int i = 0; i < batches_in_turn && !writer->at_end() && pending_rows_ < pace_.rows; ++i) {
      const Position before = writer->position();
      const Result<bool> more = writer->read(batch_);
      if (!more) {
        log::error(name_ + " ends: " + more.error().text);
        broken_ = true;
        return false;
      }
      if (writer->position() != before) pending_ = true;
      if (!*more) break;
      sink_.put(batch_);
      pending_rows_ += batch_.rows();
      any = true;
    }
  }
  return any;
}

bool Outlet::commit_due(bool at_end) const {
  if (!pending_) return false;
  // Saving the state of very many exporters takes its time, which is not to become the most of all.
  const Duration interval = std::max(pace_.interval, marks_per_interval * marks_took_);
  return at_end || pending_rows_ >= pace_.rows || monotonic_now() - committed_at_ >= interval;
}

std::vector<flow::Mark> Outlet::marks() const {
  std::vector<flow::Mark> marks;
  marks.reserve(writers_.size());
  for (const auto& writer : writers_) marks.push_back(writer->mark(sink_.keeps_marks()));
  return marks;
}

bool Outlet::commit() {
  const Time began = monotonic_now();
  const std::vector<flow::Mark> marks = this->marks();
  marks_took_ = sink_.keeps_marks() ? monotonic_now() - began : 0;
  const Status status = sink_.commit(marks);
  const std::uint64_t progress = sink_.progress();
  const bool moved = progress != moved_ || status.has_value();
  moved_ = progress;
  if (status) {
    flows_.fetch_add(pending_rows_, std::memory_order_relaxed);
    pending_rows_ = 0;
    pending_ = false;
    committed_at_ = monotonic_now();
    for (std::size_t i = 0; i < writers_.size(); ++i) writers_[i]->passed(marks[i].position);
    return true;
  }
  if (sink_.ended()) {
    log::error(name_ + " ends: " + status.error().text);
  } else if (!moved) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    trouble_.write(log::Level::error, status.error().text + "; its flows wait in the journal");
    wakeup_->wait(retry_wait);
  }
  return false;
}

/// The store has priority: a journal that is nearly as large as it may be is not kept for an output. What was put and
/// not yet committed is kept in memory only, from then on.
void Outlet::skip_if_crowded() {
  std::uint64_t flows = 0;
  bool crowded = false;
  for (const auto& writer : writers_) {
    if (!writer->is_crowding()) continue;
    crowded = true;
    if (crowded_since_ == 0 || monotonic_now() - crowded_since_ < patience_when_crowded) continue;
    // What was put and not committed lies in memory only: its journal goes when it is stored, not before, if it can be.
    if (pending_ && commit() && !writer->is_crowding()) continue;
    const auto skipped = writer->skip(batch_, [this] { return must_end(); });
    if (!skipped) {
      log::error(name_ + " ends: " + skipped.error().text);
      broken_ = true;
      return;
    }
    flows += *skipped;
    pending_ = true;
  }
  if (!crowded)
    crowded_since_ = 0;
  else if (crowded_since_ == 0)
    crowded_since_ = monotonic_now();
  batch_.clear(sink_.wanted());
  if (flows == 0) return;
  const std::uint64_t all = skipped_.fetch_add(flows, std::memory_order_relaxed) + flows;
  skips_.write(log::Level::error, name_ + " cannot follow and skipped " + count_text(flows) + " flows (" +
                                      count_text(all) +
                                      " in all), because the journal nears --journal-max; the store has them");
}

/// Adds what is left in the journals; false when there is more than could be counted.
bool Outlet::count_rest(std::uint64_t& flows) {
  if (broken_ || deadline_.load(std::memory_order_acquire) == 0) return false;
  const Time end = monotonic_now() + counting_at_end;
  const auto enough = [&] { return give_up_.load(std::memory_order_acquire) || monotonic_now() > end; };
  for (const auto& writer : writers_) {
    writer->set_closed();
    const auto left = writer->count_rest(batch_, enough);
    flows += left.value_or(0);
    if (!writer->at_end()) return false;
  }
  return true;
}

/// The output ends before it was given everything.
void Outlet::end_behind() {
  const std::uint64_t out = std::min(sink_.flows_out(), pending_rows_);
  flows_.fetch_add(out, std::memory_order_relaxed);
  std::uint64_t flows = pending_rows_ - out;
  const bool counted = count_rest(flows);
  const auto not_given = [&](std::uint64_t all) {
    return name_ + " was not given " + (counted ? "" : "at least ") + count_text(all) + " flows";
  };
  if (sink_.keeps_marks() && !broken_) {
    if (flows > 0) log::warn(not_given(flows) + ": they wait in the journal, and the next start goes on there");
    return;
  }
  for (const auto& writer : writers_) writer->release();
  const std::uint64_t all = skipped_.fetch_add(flows, std::memory_order_relaxed) + flows;
  if (all > 0) log::error(not_given(all) + "; the store has them");
}

}  // namespace flowspan::pipeline
