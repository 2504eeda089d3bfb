// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>

namespace flowspan::simulate {

/// One number out of several, each bit of which depends on every bit of them.
constexpr std::uint64_t mix(std::initializer_list<std::uint64_t> numbers) {
  std::uint64_t state = 0x9E37'79B9'7F4A'7C15;
  for (const std::uint64_t number : numbers) {
    state = (state ^ number) * 0xBF58'476D'1CE4'E5B9;
    state = (state ^ (state >> 29)) * 0x94D0'49BB'1331'11EB;
    state ^= state >> 32;
  }
  return state;
}

/// Random numbers that follow from a seed, the same with every compiler and library (those of <random> are not).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  Random(std::initializer_list<std::uint64_t> seeds) : state_(mix(seeds)) {}

  std::uint64_t next() {
    state_ += 0x9E37'79B9'7F4A'7C15;
    return mix({state_});
  }
  /// From 0 to n - 1; 0 for n = 0.
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(((next() >> 32) * std::uint64_t{n}) >> 32); }
  /// From 0 up to, not including, 1.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double uniform(double from, double to) { return from + uniform() * (to - from); }
  bool chance(double probability) { return uniform() < probability; }
  /// Mean 1.
  double exponential() { return -std::log1p(-uniform()); }
  /// Mean 0, variance 1 (Box and Muller).
  double normal() {
    const double radius = std::sqrt(2 * exponential());
    return radius * std::cos(6.283185307179586 * uniform());
  }
  /// Half of the values are below the median; sigma is the standard deviation of the logarithm.
  double lognormal(double median, double sigma) { return median * std::exp(sigma * normal()); }
  /// From 1 up, P(X > x) = x^-alpha: the heavy tail of sizes.
  double pareto(double alpha) { return std::pow(1 - uniform(), -1 / alpha); }
  /// From 0 to n - 1, each octave as likely as the next: ranks of popularity (Zipf's law).
  std::uint32_t rank(std::uint32_t n) {
    return static_cast<std::uint32_t>(std::exp(uniform() * std::log(static_cast<double>(n) + 1)) - 1);
  }

 private:
  std::uint64_t state_;
};

}  // namespace flowspan::simulate
