// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/day_curve.hpp"

#include <algorithm>
#include <cmath>

namespace flowspan::simulate {
namespace {

constexpr Duration step = minute;  // the curve hardly moves in it
constexpr double longest_s = 100.0 * 366 * 24 * 3600;

}  // namespace

double DayCurve::factor(Time time) const {
  if (flat_) return 1;
  const Duration of_day = ((time % day) + day) % day;
  const double angle = 6.283185307179586 * static_cast<double>(of_day) / static_cast<double>(day);
  const double hour_angle = 6.283185307179586 / 24;
  return 1 + 0.5 * std::cos(angle - 14.5 * hour_angle) + 0.18 * std::cos(2 * (angle - 10 * hour_angle));
}

Time DayCurve::after(Time from, double mean_seconds) const {
  double left = std::clamp(mean_seconds, 0.0, longest_s);
  const auto ns = [](double seconds) { return static_cast<Duration>(seconds * static_cast<double>(second)); };
  if (flat_) return from + ns(left);
  constexpr double day_s = 24 * 3600;  // a whole day has mean 1
  from += static_cast<Time>(left / day_s) * day;
  left = std::fmod(left, day_s);
  for (;;) {
    const double rate = factor(from);
    const double in_step = rate * static_cast<double>(step) / static_cast<double>(second);
    if (left <= in_step) return from + ns(left / rate);
    left -= in_step;
    from += step;
  }
}

}  // namespace flowspan::simulate
