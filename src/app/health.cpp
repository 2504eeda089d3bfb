// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/health.hpp"

#include "base/units.hpp"

namespace flowspan::app {
namespace {

// Counters are taken each second. A question to a busy disk may hold that up, but not for so long.
constexpr Duration longest_silence = 30 * second;

std::string seconds_text(Duration duration) { return duration_text(duration / second * second); }

}  // namespace

void FailureWatch::note(std::uint64_t failures, Time now) {
  if (failures == failures_) return;
  if (!any_ || now - last_ > pause_) first_ = now;
  any_ = true;
  last_ = now;
  failures_ = failures;
}

bool FailureWatch::failing(Time now) const { return any_ && now - last_ <= pause_ && last_ - first_ >= patience_; }

void Health::enter(Stage stage, Time now) {
  stage_ = stage;
  noted_ = now;
}

void Health::note(std::uint64_t journal_failures, std::uint64_t commit_failures, bool sockets_failed, Time now) {
  journal_.note(journal_failures, now);
  commits_.note(commit_failures, now);
  sockets_failed_ = sockets_failed;
  noted_ = now;
}

std::string Health::trouble(Time now) const {
  if (sockets_failed_) return "a socket broke: nothing is received any more";
  if (journal_.failing(now))
    return "the journal cannot be written: what arrives waits in memory, and is dropped when that is full";
  if (commits_.failing(now))
    return "segments cannot be stored for " + seconds_text(commits_.length()) + ": the flows wait in the journal";
  if (stage_ == Stage::collecting && now - noted_ > longest_silence)
    return "nothing was counted for " + seconds_text(now - noted_) + ": does the store's disk answer?";
  return {};
}

std::string Health::not_ready() const {
  switch (stage_) {
    case Stage::recovering: return "starting: what the last run left in the journal is being stored";
    case Stage::collecting: return {};
    case Stage::stopping: break;
  }
  return "stopping: what was received is being stored";
}

}  // namespace flowspan::app
