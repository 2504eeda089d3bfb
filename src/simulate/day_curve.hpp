// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

namespace flowspan::simulate {

/// How busy a network is at each time of the day (UTC): quiet at four in the morning, busiest in the early afternoon, a
/// second wave in the evening. The mean over a day is 1.
class DayCurve {
 public:
  /// `flat`: 1 at any time.
  explicit DayCurve(bool flat = false) : flat_(flat) {}

  /// Times the mean rate.
  double factor(Time time) const;
  /// When, after `from`, so many seconds of mean rate have passed.
  Time after(Time from, double mean_seconds) const;

 private:
  bool flat_;
};

}  // namespace flowspan::simulate
