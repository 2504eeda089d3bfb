// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/receive_pacing.hpp"

#include <algorithm>

namespace flowspan::source {

void ReceivePacing::filled(std::uint64_t fill, Time now) {
  const Duration elapsed = std::max<Duration>(now - drained_, microsecond);
  const double rate = static_cast<double>(fill) / static_cast<double>(elapsed);
  // Up at once, down slowly: a burst may come again.
  rate_ = rate > rate_ ? rate : rate_ + (rate - rate_) / 16;
}

Duration ReceivePacing::sleep() const {
  const double eighth = static_cast<double>(buffer_) / 8;
  // A burst must fit into seven eighths even at the worst rate.
  const double bound = static_cast<double>(buffer_) / 2 / worst_rate;
  const double time = std::min({static_cast<double>(longest), bound, eighth / std::max(rate_, 1e-9)});
  return time < static_cast<double>(shortest) ? 0 : static_cast<Duration>(time);
}

}  // namespace flowspan::source
