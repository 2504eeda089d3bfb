// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/time.hpp"

namespace flowspan::app {

/// A rate over the last minute, five minutes and hour: each in 60 steps.
class RateHistory {
 public:
  static constexpr std::size_t steps = 60;
  static constexpr std::array<Duration, 3> lengths{minute, 5 * minute, hour};

  /// Between these times the rate was this. Where nothing is said it was 0.
  void add(Time from, Time to, double rate);
  /// Mean rates of the steps of lengths[which], the newest last; begins with the first step that was told.
  std::vector<float> over(std::size_t which) const;

 private:
  struct Ring {
    std::array<float, steps> values{};
    Time first = 0;  // number of the first step that was told; 0: none
    Time last = 0;   // number of the newest whole step, which ends at `last` times its length
    double sum = 0;  // of the rates told since
    unsigned count = 0;
  };
  std::array<Ring, lengths.size()> rings_{};
};

}  // namespace flowspan::app
