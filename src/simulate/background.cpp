// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// The everyday conversations of a site.

#include <algorithm>
#include <cmath>

#include "simulate/conversation.hpp"

namespace flowspan::simulate {
namespace {

constexpr unsigned most_exchanges = 150;
constexpr Duration longest = 30 * minute;
constexpr double fastest = 4e7;  // bytes a second
constexpr double slowest = 64;

// Of conversations over TCP with the world: how they fail, how they end.
constexpr double share_unanswered = 0.012, share_refused = 0.008, share_reset = 0.05, share_silent = 0.05;
// Of exchanges: how many are far larger than the rest, by Pareto's law.
constexpr double share_heavy = 0.01, heavy_tail = 1.1, heaviest = 2000;

/// Windows and Linux draw ports from different ranges.
std::uint16_t ephemeral_port(Random& random) {
  return static_cast<std::uint16_t>(random.chance(0.6) ? 49'152 + random.below(16'384) : 32'768 + random.below(28'232));
}

Key choose_key(const Service& service, const Site& site, unsigned router, Random& random) {
  const auto ours = [&](Role role) { return site.inside(router, role, random); };
  Key key;
  key.src = service.way == Way::from_world ? site.outside(random) : ours(service.client);
  key.dst = service.way == Way::to_world ? site.outside(random) : ours(service.server);
  key.src_port = ephemeral_port(random);
  key.dst_port = service.port;
  key.proto = service.proto;
  key.tos = service.tos;
  return key;
}

double draw(const Spread& spread, Random& random) {
  return spread.sigma > 0 ? random.lognormal(spread.median, spread.sigma) : spread.median;
}

double draw_bytes(const Spread& spread, Random& random) {
  const double bytes = draw(spread, random);
  const bool heavy = spread.sigma > 1 && random.chance(share_heavy);
  return heavy ? bytes * std::min(random.pareto(heavy_tail) * 3, heaviest) : bytes;
}

Duration of_seconds(double seconds) { return static_cast<Duration>(seconds * static_cast<double>(second)); }

void add_exchanges(ConversationBuilder& builder, const Service& service, Time begin, Duration way, Random& random) {
  const auto count =
      static_cast<unsigned>(std::clamp<double>(std::round(draw(service.exchanges, random)), 1, most_exchanges));
  const bool equal = service.pace == Pace::equal;
  Exchange exchange;
  exchange.begin = begin;
  exchange.way = way;
  exchange.payload = service.payload;
  exchange.speed = equal ? service.speed : std::clamp(random.lognormal(service.speed, 0.8), slowest, fastest);
  const double most = exchange.speed * static_cast<double>(longest) / static_cast<double>(second);
  for (unsigned i = 0; i < count && exchange.begin < begin + longest; ++i) {
    exchange.request = std::min(draw_bytes(service.request, random), most);
    exchange.response = std::min(draw_bytes(service.response, random), most);
    const Time end = equal ? builder.add_equal(exchange) : builder.add(exchange);
    exchange.begin = end + of_seconds(std::min(draw(service.pause, random), 600.0));
  }
}

}  // namespace

Conversation converse(const Site& site, unsigned exporter, Time begin, Random& random) {
  const Service& service = choose_service(random);
  const Key key = choose_key(service, site, exporter, random);
  const Duration way = service.way == Way::within ? of_seconds(random.uniform(0.0003, 0.002))
                                                  : of_seconds(std::min(random.lognormal(0.024, 0.7), 0.4));
  if (service.proto == 6 && service.way == Way::to_world) {
    const double fate = random.uniform();
    if (fate < share_unanswered) return unanswered(key, exporter, begin);
    if (fate < share_unanswered + share_refused) return refused(key, exporter, begin, way);
  }
  ConversationBuilder builder(key, exporter);
  add_exchanges(builder, service, begin, way, random);
  const double end = random.uniform();
  builder.finish(random, end < share_reset ? End::reset : end > 1 - share_silent ? End::silent : End::closed);
  return builder.take();
}

}  // namespace flowspan::simulate
