// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "exporter/drops.hpp"

#include <algorithm>
#include <utility>

namespace flowspan::exporter {
namespace {

using flow::Fate;

constexpr std::uint8_t bit_of(DropPlace place) { return static_cast<std::uint8_t>(1u << static_cast<unsigned>(place)); }
constexpr std::uint8_t down_bit = bit_of(DropPlace::down);

Fate fate_of(std::uint8_t places) {
  switch (places) {
    case bit_of(DropPlace::kernel): return Fate::kernel;
    case bit_of(DropPlace::ring): return Fate::ring;
    case bit_of(DropPlace::journal): return Fate::journal;
    case bit_of(DropPlace::down): return Fate::down;
    case bit_of(DropPlace::quarantine): return Fate::quarantine;
    default: return Fate::unclear;  // several
  }
}

std::uint64_t datagrams_for(std::uint64_t flows, std::uint32_t most) {
  const std::uint64_t each = std::max<std::uint32_t>(most, 1);
  return flows / each + (flows % each != 0 ? 1 : 0);
}

template <typename Numbered>
auto find(std::deque<Numbered>& in, std::uint64_t number) {
  return std::lower_bound(in.begin(), in.end(), number,
                          [](const Numbered& each, std::uint64_t wanted) { return each.number < wanted; });
}

}  // namespace

Drops::Event& Drops::event(std::uint64_t number) {
  ++looked_at_;
  return *find(events_, number);
}

void Drops::index(const Event& event) {
  for (std::size_t place = 0; place < drop_places; ++place)
    if ((event.places & bit_of(static_cast<DropPlace>(place))) != 0)
      at_place_[place].insert(event.interface, event.number);
  if (event.taken < event.datagrams) open_.insert(event.interface, event.number);
  if (event.taken > 0) taken_.insert(event.interface, event.number);
}

void Drops::index(const Claim& claim) {
  if (claim.first_event != 0 && claim.fate != Fate::unclear)
    may_be_doubted_.insert(claim.interface, {claim.last_event, claim.number});
}

void Drops::forget_oldest_event() {
  const Event& oldest = events_.front();
  for (auto& place : at_place_) place.erase(oldest.interface, oldest.number);
  open_.erase(oldest.interface, oldest.number);
  taken_.erase(oldest.interface, oldest.number);
  forgotten_ = oldest.number;
  events_.pop_front();
}

void Drops::forget_oldest_claim() {
  const Claim& oldest = claims_.front();
  may_be_doubted_.erase(oldest.interface, {oldest.last_event, oldest.number});
  claims_.pop_front();
}

void Drops::add(const Drop& drop) {
  Event event;
  event.interface = drop.interface;
  for (std::size_t place = 0; place < drop_places; ++place) {
    if (drop.datagrams[place] == 0) continue;
    event.places |= bit_of(static_cast<DropPlace>(place));
    if (static_cast<DropPlace>(place) != DropPlace::down) event.datagrams += drop.datagrams[place];
  }
  if (event.places == 0) return;
  if (events_.size() == max_events) forget_oldest_event();
  event.number = ++mark_;
  events_.push_back(event);
  index(event);
}

std::uint8_t Drops::places_of(const Gap& gap) const {
  std::uint8_t places = 0;
  for (std::size_t place = 0; place < drop_places; ++place)
    if (at_place_[place].first_after(gap.interface, gap.since)) places |= bit_of(static_cast<DropPlace>(place));
  return places;
}

// The oldest come first: what is newer may explain a gap that is found later, whose stretch began later.
std::vector<std::uint64_t> Drops::open_events(const Gap& gap, std::uint64_t wanted, std::uint64_t& left) {
  std::vector<std::uint64_t> events;
  left = 0;
  for (auto next = open_.first_after(gap.interface, gap.since); next && left < wanted;
       next = open_.first_after(gap.interface, *next)) {
    const Event& some = event(*next);
    left += std::min(some.datagrams - some.taken, wanted - left);
    events.push_back(*next);
  }
  return events;
}

Verdict Drops::judge(const Gap& gap) {
  if (gap.flows == 0 || gap.since >= mark_) return {};
  if (gap.since < forgotten_) return {Fate::unclear, 0};
  const std::uint8_t places = places_of(gap);
  if (places == 0) return {};
  Claim claim;
  claim.interface = gap.interface;
  claim.exporter = gap.exporter;
  claim.found = gap.found;
  claim.most = gap.most;
  claim.flows = gap.flows;
  claim.fate = fate_of(places);
  if ((places & down_bit) != 0) return remember(claim);  // nobody counted what came while no collector ran
  const std::uint64_t wanted = datagrams_for(gap.flows, gap.most);
  std::uint64_t left = 0;
  const std::vector<std::uint64_t> events = open_events(gap, wanted, left);
  if (left == wanted) {
    take(claim, events, wanted);
  } else {
    doubt(gap, events);
    claim.fate = Fate::unclear;
  }
  return remember(claim);
}

void Drops::take(Claim& claim, std::span<const std::uint64_t> events, std::uint64_t datagrams) {
  claim.first_event = events.front();
  claim.last_event = events.back();
  placed_ += static_cast<std::int64_t>(datagrams);
  for (const std::uint64_t number : events) {
    Event& from = event(number);
    const std::uint64_t some = std::min(datagrams, from.datagrams - from.taken);
    from.taken += some;
    datagrams -= some;
    taken_.insert(from.interface, number);
    if (from.taken == from.datagrams) open_.erase(from.interface, number);
  }
}

void Drops::doubt(const Gap& gap, std::span<const std::uint64_t> events) {
  // All that is left is one of the doubtful gaps', too: a later gap here finds nothing left, and is doubtful as well.
  for (const std::uint64_t number : events) {
    Event& from = event(number);
    from.taken = from.datagrams;
    taken_.insert(from.interface, number);
    open_.erase(from.interface, number);
  }
  const std::pair behind{gap.since, UINT64_MAX};
  while (const auto doubtful = may_be_doubted_.first_after(gap.interface, behind)) {
    ++looked_at_;
    Claim& claim = *find(claims_, doubtful->second);
    may_be_doubted_.erase(claim.interface, *doubtful);
    doubts_.push_back({claim.exporter, claim.found, claim.fate, static_cast<std::int64_t>(claim.flows)});
    placed_ -= static_cast<std::int64_t>(datagrams_for(claim.flows, claim.most));
    claim.fate = Fate::unclear;
  }
}

Verdict Drops::remember(Claim claim) {
  if (claims_.size() == max_claims) forget_oldest_claim();
  claim.number = ++last_claim_;
  claims_.push_back(claim);
  index(claim);
  return {claim.fate, claim.number};
}

Fate Drops::take_back(std::uint64_t number, Fate fate, std::uint64_t flows) {
  if (number == 0) return fate;
  const auto found = find(claims_, number);
  if (found == claims_.end() || found->number != number) return fate;
  const std::uint64_t before = datagrams_for(found->flows, found->most);
  found->flows -= std::min(found->flows, flows);
  if (found->first_event == 0 || found->fate == Fate::unclear) return found->fate;
  // The drops that it had taken are another's.
  std::uint64_t back = before - datagrams_for(found->flows, found->most);
  placed_ -= static_cast<std::int64_t>(back);
  for (auto next = taken_.first_after(found->interface, found->first_event - 1);
       next && *next <= found->last_event && back > 0; next = taken_.first_after(found->interface, *next)) {
    Event& to = event(*next);
    const std::uint64_t some = std::min(back, to.taken);
    to.taken -= some;
    back -= some;
    open_.insert(to.interface, *next);
    if (to.taken == 0) taken_.erase(to.interface, *next);
  }
  return found->fate;
}

std::vector<Doubt> Drops::take_doubts() { return std::exchange(doubts_, {}); }
std::int64_t Drops::take_placed() { return std::exchange(placed_, 0); }

void Drops::merge(const Drops& other) {
  const std::uint64_t mark = std::max(mark_, other.mark_);
  if (mark == 0) return;  // nothing was ever dropped
  Drops merged;
  merged.mark_ = mark;
  merged.last_claim_ = std::max(last_claim_, other.last_claim_);
  merged.doubts_ = std::move(doubts_);
  merged.placed_ = placed_;
  Drop start;  // it is done while no collector runs
  start.of(DropPlace::down) = 1;
  merged.add(start);
  *this = std::move(merged);
}

}  // namespace flowspan::exporter
