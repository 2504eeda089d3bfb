// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/pacing.hpp"

#include <algorithm>

namespace flowspan::source {

Time ReplayPacing::due(Time recorded) {
  if (!first_) {
    first_ = recorded;
    last_due_ = start_;
  }
  if (!speed_) return start_;
  // In floating point, because the distance of two recorded times may not fit a Time.
  const double offset = (static_cast<double>(recorded) - static_cast<double>(*first_)) / *speed_;
  constexpr double room = 4.6e18;  // half of what a Time holds
  if (offset > 0) last_due_ = std::max(last_due_, start_ + static_cast<Time>(std::min(offset, room)));
  return last_due_;
}

Duration ReplayPacing::wait(Time recorded, Time now) { return std::max<Duration>(due(recorded) - now, 0); }

}  // namespace flowspan::source
