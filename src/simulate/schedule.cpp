// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/schedule.hpp"

#include <algorithm>
#include <array>

#include "simulate/day_curve.hpp"

namespace flowspan::simulate {
namespace {

constexpr Duration endless_period = 10 * minute;

/// How much of a period a kind takes, and at most how long.
struct Length {
  double share;
  Duration most;
};
Length length_of(Kind kind) {
  switch (kind) {
    case Kind::beacon: return {0.6, hour};
    case Kind::exfiltration: return {0.3, 10 * minute};
    case Kind::bruteforce: return {0.25, 5 * minute};
    case Kind::restart: return {0.05, 20 * second};
    default: return {0.1, 30 * second};
  }
}

Duration part(Duration whole, double share) { return static_cast<Duration>(static_cast<double>(whole) * share); }

}  // namespace

Duration period_of(const Plan& plan) {
  std::optional<Duration> period = plan.duration;
  if (plan.flows) {
    const double mean_seconds = static_cast<double>(*plan.flows) / plan.rate;
    const Duration lasts = DayCurve(plan.flat).after(plan.start, mean_seconds) - plan.start;
    period = std::min(lasts, period.value_or(lasts));
  }
  return std::max<Duration>(period.value_or(endless_period), millisecond);
}

std::vector<Episode> schedule(const Plan& plan, std::uint32_t period) {
  const Duration whole = period_of(plan);
  Random random{plan.seed, 0xE915, period};
  std::array<std::uint32_t, kind_names.size()> of_kind{};
  std::vector<Episode> episodes;
  for (std::uint32_t i = 0; i < plan.with.size(); ++i) {
    Episode episode;
    episode.kind = plan.with[i];
    const Length length = length_of(episode.kind);
    episode.span = std::min(part(whole, length.share), length.most);
    // What one sees waits first for the idle timeout, so everything begins in the first part.
    const Duration latest = std::max<Duration>(part(whole, 0.7) - episode.span, 0);
    episode.begin = plan.start + whole * period + part(whole, 0.03) + part(latest, random.uniform());
    episode.exporter = random.below(plan.exporters);
    episode.number = period * static_cast<std::uint32_t>(plan.with.size()) + i;
    episode.nth = period + of_kind[static_cast<std::size_t>(episode.kind)]++;
    episode.rate = plan.rate;
    episodes.push_back(episode);
  }
  std::stable_sort(episodes.begin(), episodes.end(),
                   [](const Episode& a, const Episode& b) { return a.begin < b.begin; });
  return episodes;
}

}  // namespace flowspan::simulate
