// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/stream.hpp"

#include <algorithm>
#include <cmath>

namespace flowspan::simulate {
namespace {

/// Above so many sampled packets of a train their number is drawn, not each of them.
constexpr double drawn_one_by_one = 64;

class Sampler {
 public:
  Sampler(Stream& seen, unsigned n, Random& random) : seen_(seen), chance_(1.0 / n), random_(random) {}

  void add(const Train& train, bool first, bool last) {
    if (train.packets * chance_ <= drawn_one_by_one)
      one_by_one(train, first, last);
    else
      many(train);
  }
  bool saw_first = false;
  bool saw_last = false;

 private:
  void one_by_one(const Train& train, bool first, bool last) {
    // The distance from one sampled packet to the next is geometrically distributed.
    for (double at = skip(); at < train.packets; at += 1 + skip()) {
      const auto packet = static_cast<std::uint32_t>(at);
      saw_first |= first && packet == 0;
      saw_last |= last && packet == train.packets - 1;
      seen_.trains.push_back(
          {train.time_of(packet), 0, 1, train.bytes_before(packet + 1) - train.bytes_before(packet)});
    }
  }
  double skip() { return std::floor(random_.exponential() / -std::log1p(-chance_)); }

  void many(const Train& train) {
    const double mean = train.packets * chance_;
    const double drawn = std::round(mean + std::sqrt(mean * (1 - chance_)) * random_.normal());
    const auto packets = static_cast<std::uint32_t>(std::clamp<double>(drawn, 1, train.packets));
    const Duration spacing = (train.last() - train.first) / packets;
    const auto offset = static_cast<Duration>(random_.uniform() * static_cast<double>(spacing));
    const auto share = static_cast<unsigned __int128>(train.bytes) * packets / train.packets;
    seen_.trains.push_back({train.first + offset, spacing, packets, static_cast<std::uint64_t>(share)});
  }

  Stream& seen_;
  double chance_;
  Random& random_;
};

}  // namespace

Stream sample(const Stream& stream, unsigned n, Random& random) {
  if (n <= 1) return stream;
  Stream seen = stream;
  seen.trains.clear();
  Sampler sampler(seen, n, random);
  for (std::size_t i = 0; i < stream.trains.size(); ++i)
    sampler.add(stream.trains[i], i == 0, i + 1 == stream.trains.size());
  if (!sampler.saw_first) seen.first_flags = stream.middle_flags;
  if (!sampler.saw_last) {
    seen.last_flags = stream.middle_flags;
    seen.ends = false;
  }
  return seen;
}

}  // namespace flowspan::simulate
