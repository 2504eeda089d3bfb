// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "exporter/sequence.hpp"

#include <algorithm>

// NetFlow v5 and v7 number flows, not datagrams: flow_sequence is the number of flows the engine exported before this
// datagram (Cisco, "NetFlow Export Datagram Format": "sequence counter of total flows seen"). So the next datagram's
// number should be this one's plus the flows it brought. What else a number can mean:
//
//  ahead      flows are missing. They are counted as lost and the gap is remembered, because
//  late       a datagram that fills a gap was only reordered on its way: its flows are taken off the loss again.
//  seen       the same number, uptime and export time once more: the network doubled the datagram.
//  absurd     a jump that no loss explains (more flows than the engine could have sent in the silence): a reset. It
//             is counted, and no loss is made of it.
//  restart    the process began anew. A boot time is known: export time minus SysUptime, modulo 2^32 ms. It stays put
//             when SysUptime wraps after 49.7 days (both sides of the subtraction are taken modulo 2^32), and when flows
//             are lost. It moves when the exporter's clock is set, too: but then SysUptime has gone on as our own clock
//             has, and the number mostly continues. So: a later boot time, an uptime that did not go on, and a number or
//             uptime that dropped.
//  another's  two processes behind one address with the same engine (two softflowds on a host) number their flows
//             independently. A single expected number would see loss and resets with every datagram for ever. So up to
//             max_lanes numbers are expected: a jump opens a lane beside the old one, and when the old lane goes on
//             nevertheless, what the jump was counted as is taken back. If both began near each other within one boot
//             (started by the same script), the jump looks like loss and the other process like late datagrams: when
//             interleave_proof of them came in unbroken order, between datagrams in order, the gap was none.
//
// A datagram cut short advances by the flows it brought; if its count told the truth, the next number shows the loss, and if
// it lied, there is none. Flows that it was to bring are remembered, so that their gap is known for what it is.
// Everything is counted in flows modulo 2^32, so the wrap of the number itself is nothing special.

namespace flowspan::exporter {
namespace {

// a - b on the circle of 2^32.
std::int32_t difference(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b); }

std::int64_t distance(std::uint32_t a, std::uint32_t b) {
  const std::int64_t signed_distance = difference(a, b);
  return signed_distance < 0 ? -signed_distance : signed_distance;
}

std::uint32_t boot_time(const Numbered& datagram) {
  return static_cast<std::uint32_t>(datagram.export_ms) - datagram.sys_uptime;
}

// 0 when the clock was set back; never an overflow, whatever times a capture file has.
std::uint64_t since(Time before, Time now) {
  return now > before ? static_cast<std::uint64_t>(now) - static_cast<std::uint64_t>(before) : 0;
}

void take_off(std::uint64_t& counter, std::uint64_t count) { counter -= std::min(counter, count); }

}  // namespace

bool Sequence::Lane::same_process(const Numbered& datagram) const {
  if (distance(boot_time(datagram), boot) <= boot_tolerance_ms) return true;
  // The clock may have been set. Then the uptime went on as our clock did, give or take a thousandth.
  const auto silence = static_cast<std::int64_t>(since(received, datagram.received) / millisecond);
  const auto expected = static_cast<std::uint32_t>(uptime + static_cast<std::uint64_t>(silence));
  return distance(datagram.sys_uptime, expected) <= boot_tolerance_ms + silence / 1'000;
}

bool Sequence::Lane::may_be_lost(std::uint32_t flows, Time now) const {
  const std::uint64_t silence = since(received, now) / millisecond;
  return flows <= largest_burst + fastest_rate / 1'000 * std::min<std::uint64_t>(silence, UINT32_MAX);
}

bool Sequence::Lane::saw(const Numbered& datagram) const {
  const Seen wanted{datagram.sequence, datagram.sys_uptime, static_cast<std::uint32_t>(datagram.export_ms)};
  const auto end = seen.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(seen_count, max_recent));
  return std::find(seen.begin(), end, wanted) != end;
}

void Sequence::Lane::remember(const Numbered& datagram) {
  seen[seen_count % max_recent] = {datagram.sequence, datagram.sys_uptime,
                                   static_cast<std::uint32_t>(datagram.export_ms)};
  // Stays in [max_recent, 2 * max_recent) once the ring is full.
  if (++seen_count == 2 * max_recent) seen_count = max_recent;
}

void Sequence::Lane::add_hole(Hole hole) {
  if (hole.count == 0) return;
  if (holes.size() == max_holes) holes.erase(holes.begin());
  holes.push_back(hole);
}

Sequence::Lane* Sequence::exact(const Numbered& datagram) {
  Lane* found = nullptr;
  for (Lane& lane : lanes_) {
    if (lane.next != datagram.sequence) continue;
    if (lane.same_process(datagram)) return &lane;
    found = &lane;
  }
  return found;
}

// A lane that has not gone on yet may have been opened by a single stray datagram, and is believed last.
Sequence::Lane* Sequence::nearest(const Numbered& datagram, bool same_process) {
  Lane* found = nullptr;
  for (Lane& lane : lanes_) {
    if (same_process && !lane.same_process(datagram)) continue;
    const bool closer =
        found == nullptr || distance(datagram.sequence, lane.next) <= distance(datagram.sequence, found->next);
    if (found == nullptr || (lane.proven == found->proven ? closer : lane.proven)) found = &lane;
  }
  return found;
}

Sequence::Lane& Sequence::open_lane(const Numbered& datagram) {
  if (lanes_.size() == max_lanes) {
    lanes_.erase(std::min_element(lanes_.begin(), lanes_.end(),
                                  [](const Lane& a, const Lane& b) { return a.received < b.received; }));
  }
  Lane& lane = lanes_.emplace_back();
  lane.next = datagram.sequence + datagram.flows;
  lane.told = datagram.sequence;
  lane.most = datagram.flows;
  lane.boot = boot_time(datagram);
  lane.uptime = datagram.sys_uptime;
  lane.received = datagram.received;
  lane.remember(datagram);
  return lane;
}

void Sequence::advance(Lane& lane, const Numbered& datagram, Counters& counters) {
  const std::uint32_t boot = boot_time(datagram);
  if (distance(boot, lane.boot) > boot_tolerance_ms) ++counters.clock_steps;
  lane.next = datagram.sequence + datagram.flows;
  lane.most = std::max(lane.most, datagram.flows);
  lane.proven = true;
  lane.boot = boot;
  lane.uptime = datagram.sys_uptime;
  lane.received = datagram.received;
  if (lane.late_run > 0) ++lane.late_advances;
  lane.remember(datagram);

  // This lane lives: the younger ones were opened by another process, not by a restart or reset of this one.
  for (Lane* younger = &lane + 1; younger != lanes_.data() + lanes_.size(); ++younger) {
    if (younger->charge == Charge::none || ++younger->comebacks < comeback_proof) continue;
    take_off(younger->charge == Charge::restart ? counters.restarts : counters.resets, 1);
    younger->charge = Charge::none;
  }
}

// Whether the datagram fills a gap, in whole or in part.
bool Sequence::late(const Numbered& datagram, Counters& counters, SequenceNews& news, Drops* drops) {
  for (Lane& lane : lanes_) {
    if (!lane.same_process(datagram)) continue;
    for (std::size_t i = 0; i < lane.holes.size(); ++i) {
      const Hole& hole = lane.holes[i];
      if (datagram.sequence - hole.from >= hole.count || since(hole.found, datagram.received) > late_limit) continue;
      fill(lane, i, datagram, counters, news, drops);
      return true;
    }
  }
  return false;
}

void Sequence::fill(Lane& lane, std::size_t hole_index, const Numbered& datagram, Counters& counters,
                    SequenceNews& news, Drops* drops) {
  const Hole hole = lane.holes[hole_index];
  lane.holes.erase(lane.holes.begin() + static_cast<std::ptrdiff_t>(hole_index));
  const std::uint32_t before = datagram.sequence - hole.from;
  const std::uint32_t filled = std::min(datagram.flows, hole.count - before);
  Hole after{datagram.sequence + filled, hole.count - before - filled, hole.found, hole.fate, hole.claim};
  news.recovered += filled;
  counters.reordered_flows += filled;

  if (lane.late_run > 0 && lane.late_next == datagram.sequence) {
    ++lane.late_run;
  } else {
    lane.late_run = 1;
    lane.late_advances = 0;
  }
  lane.late_next = datagram.sequence + datagram.flows;
  lane.remember(datagram);
  const bool another = lane.late_run >= interleave_proof && lane.late_advances >= interleave_proof / 2;
  if (another) {
    news.recovered += after.count;
    after.count = 0;
    lane.late_run = 0;
  }
  lane.add_hole({hole.from, before, hole.found, hole.fate, hole.claim});
  lane.add_hole(after);
  take_off(counters.lost_flows, news.recovered);

  // What was announced with the gap was announced for this hour; and a gap that was none announced nothing.
  const flow::Fate fate = drops != nullptr ? drops->take_back(hole.claim, hole.fate, news.recovered) : hole.fate;
  const auto recovered = static_cast<std::int64_t>(news.recovered);
  news.findings.push_back({hole.found, fate, -recovered, -recovered});
  news.late = filled;
  if (another)
    open_lane(datagram).proven = true;
  else
    news.announced += filled;
}

// The parts of a gap that damaged datagrams were to bring, in order.
std::vector<Sequence::Hole> Sequence::undecodable_of(std::uint32_t from, std::uint32_t count, Time found) {
  std::vector<Hole> holes;
  std::erase_if(damaged_, [&](const Damaged& damaged) {
    const std::uint32_t begin = damaged.from - from;
    if (begin >= count) return false;
    holes.push_back({damaged.from, std::min(damaged.count, count - begin), found, flow::Fate::undecodable, 0});
    return true;
  });
  std::sort(holes.begin(), holes.end(), [&](const Hole& a, const Hole& b) { return a.from - from < b.from - from; });
  std::uint32_t end = 0;  // of the hole before, from `from`
  std::erase_if(holes, [&](const Hole& hole) {
    const std::uint32_t begin = hole.from - from;
    if (begin < end) return true;  // said twice
    end = begin + hole.count;
    return false;
  });
  return holes;
}

// `gap` flows are missing before the datagram.
void Sequence::lose(Lane& lane, std::uint32_t gap, const Numbered& datagram, SequenceNews& news, Drops* drops) {
  news.lost += gap;
  std::uint64_t rest = gap;
  const std::vector<Hole> undecodable = undecodable_of(lane.next, gap, datagram.received);
  for (const Hole& hole : undecodable) {
    news.findings.push_back({datagram.received, hole.fate, hole.count, 0});
    rest -= hole.count;
  }
  Verdict verdict;
  if (drops != nullptr && rest > 0)
    verdict = drops->judge({datagram.exporter, datagram.interface, lane.mark, rest,
                            std::max(lane.most, datagram.flows + datagram.undecodable), datagram.received});
  if (rest > 0) news.findings.push_back({datagram.received, verdict.fate, static_cast<std::int64_t>(rest), 0});
  std::uint32_t at = lane.next;
  const auto lost_before = [&](std::uint32_t end) {
    lane.add_hole({at, end - at, datagram.received, verdict.fate, verdict.claim});
    at = end;
  };
  for (const Hole& hole : undecodable) {
    lost_before(hole.from);
    lane.add_hole(hole);
    at += hole.count;
  }
  lost_before(datagram.sequence);
}

void Sequence::note_damaged(std::uint32_t from, std::uint32_t count) {
  if (count == 0) return;
  if (damaged_.size() == max_damaged) damaged_.erase(damaged_.begin());
  damaged_.push_back({from, count});
}

// A number that no lane expects, and that was not seen before.
void Sequence::jump(const Numbered& datagram, Counters& counters, SequenceNews& news, Drops* drops) {
  if (late(datagram, counters, news, drops)) return;
  Lane* same = nearest(datagram, true);
  Lane& lane = same != nullptr ? *same : *nearest(datagram, false);
  const std::int32_t ahead = difference(datagram.sequence, lane.next);
  const bool uptime_dropped = datagram.sys_uptime < lane.uptime;
  const bool later_boot = difference(boot_time(datagram), lane.boot) > boot_tolerance_ms;
  const bool restarted = same == nullptr && later_boot && (uptime_dropped || datagram.sequence < lane.next);
  const auto gap = static_cast<std::uint32_t>(ahead);
  const bool lost =
      ahead > 0 && !restarted && lane.may_be_lost(gap, datagram.received) && (same != nullptr || gap <= step_and_gap);
  if (lost) {
    lose(lane, gap, datagram, news, drops);
    counters.lost_flows += gap;
    return advance(lane, datagram, counters);
  }
  ++(restarted ? counters.restarts : counters.resets);
  open_lane(datagram).charge = restarted ? Charge::restart : Charge::reset;
}

void Sequence::follow(const Numbered& datagram, Counters& counters, SequenceNews& news, Drops* drops) {
  if (Lane* lane = exact(datagram)) {
    advance(*lane, datagram, counters);
  } else if (lanes_.empty()) {
    open_lane(datagram);
  } else if (std::any_of(lanes_.begin(), lanes_.end(), [&](const Lane& known) { return known.saw(datagram); })) {
    ++counters.duplicate_datagrams;
    news.repeated = datagram.flows;
  } else {
    jump(datagram, counters, news, drops);
  }
}

SequenceNews Sequence::observe(const Numbered& datagram, Counters& counters, Drops* drops) {
  SequenceNews news;
  const std::uint64_t restarts = counters.restarts;
  const std::uint64_t resets = counters.resets;
  // Flows come under these numbers: the header that counted more than it brought was wrong.
  std::erase_if(damaged_, [&](const Damaged& damaged) { return damaged.from == datagram.sequence; });
  follow(datagram, counters, news, drops);
  note_damaged(datagram.sequence + datagram.flows, datagram.undecodable);
  news.restarts = static_cast<std::int64_t>(counters.restarts - restarts);
  news.resets = static_cast<std::int64_t>(counters.resets - resets);
  // From the numbers alone, whatever they were taken for: so that the account of what became of them can be wrong.
  for (Lane& lane : lanes_) {
    if (lane.told == lane.next) continue;
    news.announced += static_cast<std::uint32_t>(lane.next - lane.told);
    lane.told = lane.next;
    if (drops != nullptr) lane.mark = drops->mark();
  }
  return news;
}

Sequence* Engines::find(const EngineKey& key) {
  const auto found =
      std::find_if(engines_.begin(), engines_.end(), [&](const Engine& engine) { return engine.key == key; });
  return found == engines_.end() ? nullptr : &found->sequence;
}

Sequence& Engines::use(const EngineKey& key, bool may_grow, Counters& counters) {
  const auto found =
      std::find_if(engines_.begin(), engines_.end(), [&](const Engine& engine) { return engine.key == key; });
  if (found != engines_.end()) {
    std::rotate(engines_.begin(), found, found + 1);
    return engines_.front().sequence;
  }
  if (!engines_.empty() && !may_grow) {
    engines_.pop_back();
    ++counters.forgotten_engines;
  }
  return engines_.insert(engines_.begin(), Engine{key, {}})->sequence;
}

}  // namespace flowspan::exporter
