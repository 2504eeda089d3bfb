// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/journal_hold.hpp"

#include <algorithm>
#include <utility>

namespace flowspan::pipeline {

void JournalHold::attach(std::function<Status(Position)> remove, std::function<std::uint64_t()> bytes,
                         std::uint64_t limit) {
  remove_ = std::move(remove);
  bytes_ = std::move(bytes);
  limit_ = limit;
}

Position JournalHold::committed() const {
  const std::lock_guard lock(mutex_);
  return passed_.front();
}

void JournalHold::pass(std::size_t who, Position to) {
  const std::lock_guard lock(mutex_);
  passed_[who] = std::max(passed_[who], to);
  const Position least = *std::min_element(passed_.begin(), passed_.end());
  if (least.file <= removed_ || !remove_) return;
  // Whole files only: a reader that starts at the committed position still finds its file.
  if (const Status removed = remove_({least.file, 0}); !removed)
    trouble_.write(log::Level::error, removed.error().text);
  else
    removed_ = least.file;
}

}  // namespace flowspan::pipeline
