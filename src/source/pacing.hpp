// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/time.hpp"

namespace flowspan::source {

/// When a recorded datagram is to be sent again. Takes every time as an argument and never sleeps itself.
class ReplayPacing {
 public:
  /// `speed` is how many times faster than recorded; nothing: flat out. `start` is the monotonic time of the first one.
  ReplayPacing(std::optional<double> speed, Time start) : speed_(speed), start_(start) {}

  /// The monotonic time at which a datagram recorded at `recorded` is due. Never falls: what was recorded before its
  /// predecessor is due with it.
  Time due(Time recorded);
  /// How long to wait for it at the monotonic time `now`; 0: send at once.
  Duration wait(Time recorded, Time now);

 private:
  std::optional<double> speed_;
  Time start_;
  std::optional<Time> first_;
  Time last_due_ = 0;
};

}  // namespace flowspan::source
