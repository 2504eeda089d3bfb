// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "exporter/drops.hpp"

#include <algorithm>
#include <bit>
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

}  // namespace

bool Drops::touches(std::uint32_t a, std::uint32_t b) {
  return a == b || a == Drop::all_interfaces || b == Drop::all_interfaces;
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
  if (events_.size() == max_events) {
    forgotten_ = events_.front().number;
    events_.pop_front();
  }
  event.number = ++mark_;
  events_.push_back(event);
}

std::size_t Drops::first_after(std::uint64_t mark) const {
  return static_cast<std::size_t>(
      std::upper_bound(events_.begin(), events_.end(), mark,
                       [](std::uint64_t number, const Event& event) { return number < event.number; }) -
      events_.begin());
}

Verdict Drops::judge(const Gap& gap) {
  if (gap.flows == 0 || gap.since >= mark_) return {};
  const std::size_t begin = first_after(gap.since);
  std::uint8_t places = 0;
  std::uint64_t left = 0;
  for (std::size_t i = begin; i < events_.size(); ++i) {
    if (!touches(events_[i].interface, gap.interface)) continue;
    places |= events_[i].places;
    left += events_[i].datagrams - std::min(events_[i].datagrams, events_[i].taken);
  }
  if (gap.since < forgotten_) return {Fate::unclear, 0};
  if (places == 0) return {};
  const std::uint64_t wanted = datagrams_for(gap.flows, gap.most);
  Claim claim;
  if ((places & down_bit) != 0) {  // nobody counted what came while no collector ran, so nothing is taken
    claim = take(gap, begin, 0);
  } else if (wanted <= left) {
    claim = take(gap, begin, wanted);
  } else {
    doubt(gap, begin);
    claim = take(gap, begin, 0);
    places = 0;
  }
  claim.fate = fate_of(places);
  return remember(std::move(claim));
}

// Takes from the oldest first: what is newer may explain a gap that is found later, whose stretch began later.
Drops::Claim Drops::take(const Gap& gap, std::size_t begin, std::uint64_t datagrams) {
  Claim claim;
  claim.interface = gap.interface;
  claim.exporter = gap.exporter;
  claim.found = gap.found;
  claim.most = gap.most;
  claim.flows = gap.flows;
  placed_ += static_cast<std::int64_t>(datagrams);
  for (std::size_t i = begin; i < events_.size() && datagrams > 0; ++i) {
    Event& event = events_[i];
    if (!touches(event.interface, gap.interface) || event.taken >= event.datagrams) continue;
    const std::uint64_t some = std::min(datagrams, event.datagrams - event.taken);
    event.taken += some;
    datagrams -= some;
    if (claim.first_event == 0) claim.first_event = event.number;
    claim.last_event = event.number;
  }
  return claim;
}

void Drops::doubt(const Gap& gap, std::size_t begin) {
  for (std::size_t i = begin; i < events_.size(); ++i) {
    if (!touches(events_[i].interface, gap.interface)) continue;
    // All that is left is one of the doubtful gaps', too: a later gap here finds nothing left, and is doubtful as well.
    events_[i].taken = events_[i].datagrams;
  }
  for (Claim& claim : claims_) {
    if (claim.first_event == 0 || claim.last_event <= gap.since || claim.fate == Fate::unclear) continue;
    if (!touches(claim.interface, gap.interface)) continue;
    doubts_.push_back({claim.exporter, claim.found, claim.fate, static_cast<std::int64_t>(claim.flows)});
    placed_ -= static_cast<std::int64_t>(datagrams_for(claim.flows, claim.most));
    claim.fate = Fate::unclear;
  }
}

Verdict Drops::remember(Claim claim) {
  if (claims_.size() == max_claims) claims_.pop_front();
  claim.number = ++last_claim_;
  const Verdict verdict{claim.fate, claim.number};
  claims_.push_back(std::move(claim));
  return verdict;
}

Fate Drops::take_back(std::uint64_t number, Fate fate, std::uint64_t flows) {
  if (number == 0) return fate;
  const auto found = std::lower_bound(claims_.begin(), claims_.end(), number,
                                      [](const Claim& claim, std::uint64_t wanted) { return claim.number < wanted; });
  if (found == claims_.end() || found->number != number) return fate;
  const std::uint64_t before = datagrams_for(found->flows, found->most);
  found->flows -= std::min(found->flows, flows);
  if (found->first_event == 0 || found->fate == Fate::unclear) return found->fate;
  // The drops that it had taken are another's.
  std::uint64_t back = before - datagrams_for(found->flows, found->most);
  placed_ -= static_cast<std::int64_t>(back);
  for (Event& event : events_) {
    if (event.number < found->first_event || event.number > found->last_event) continue;
    if (!touches(event.interface, found->interface)) continue;
    const std::uint64_t some = std::min(back, event.taken);
    event.taken -= some;
    back -= some;
  }
  return found->fate;
}

std::vector<Doubt> Drops::take_doubts() { return std::exchange(doubts_, {}); }
std::int64_t Drops::take_placed() { return std::exchange(placed_, 0); }

void Drops::merge(const Drops& other) {
  const std::uint64_t mark = std::max(mark_, other.mark_);
  if (mark == 0) return;  // nothing was ever dropped
  last_claim_ = std::max(last_claim_, other.last_claim_);
  events_.clear();
  claims_.clear();
  mark_ = mark;
  forgotten_ = 0;
  Drop start;  // it is done while no collector runs
  start.of(DropPlace::down) = 1;
  add(start);
}

}  // namespace flowspan::exporter
