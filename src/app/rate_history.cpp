// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/rate_history.hpp"

#include <algorithm>

namespace flowspan::app {

void RateHistory::add(Time from, Time to, double rate) {
  if (to <= from) return;
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    Ring& ring = rings_[i];
    const Duration step = lengths[i] / static_cast<Duration>(steps);
    const Time end = to / step;
    if (ring.last == 0) ring.last = from / step;
    ring.sum += rate;
    ++ring.count;
    if (end <= ring.last) continue;  // the step is not over, or the clock went back
    const auto mean = static_cast<float>(ring.sum / ring.count);
    const Time told = std::max(from / step + 1, ring.last + 1);
    if (ring.first == 0) ring.first = std::min(told, end);
    for (Time number = std::max(ring.last + 1, end - static_cast<Time>(steps) + 1); number <= end; ++number)
      ring.values[static_cast<std::size_t>(number) % steps] = number >= std::min(told, end) ? mean : 0;
    ring.last = end;
    ring.sum = 0;
    ring.count = 0;
  }
}

std::vector<float> RateHistory::over(std::size_t which) const {
  const Ring& ring = rings_[which];
  std::vector<float> values;
  if (ring.first == 0) return values;
  for (Time number = std::max(ring.first, ring.last - static_cast<Time>(steps) + 1); number <= ring.last; ++number)
    values.push_back(ring.values[static_cast<std::size_t>(number) % steps]);
  return values;
}

}  // namespace flowspan::app
