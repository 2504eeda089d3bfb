// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// The rules of exporter/drops.hpp once more, as plainly as they can be written: everything is looked at each time. Drops
// must say the same of whatever happens.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "exporter/exporters.hpp"

namespace flowspan::exporter {
namespace {

using flow::Fate;

class PlainDrops {
 public:
  void add(const Drop& drop) {
    if (events_.size() == Drops::max_events) {
      forgotten_ = events_.front().number;
      events_.pop_front();
    }
    const std::uint64_t down = drop.of(DropPlace::down);
    std::uint64_t all = 0;
    for (const std::uint64_t datagrams : drop.datagrams) all += datagrams;
    events_.push_back({++mark_, drop, all - down});
  }

  Verdict judge(const Gap& gap) {
    if (gap.flows == 0 || gap.since >= mark_) return {};
    if (gap.since < forgotten_) return {Fate::unclear, 0};
    Fate fate = Fate::network;
    std::uint64_t left = 0;
    bool down = false;
    for (const Event& event : events_) {
      if (!of(gap, event)) continue;
      left += event.left;
      down = down || event.drop.of(DropPlace::down) > 0;
      for (const auto& [place, its] : fates)
        if (event.drop.of(place) > 0) fate = fate == Fate::network || fate == its ? its : Fate::unclear;
    }
    if (fate == Fate::network) return {};
    std::uint64_t wanted = datagrams_for(gap.flows, gap.most);
    Claim claim{gap, fate, 0, 0};
    if (!down && wanted > left) {
      doubt(gap);
      claim.fate = Fate::unclear;
    } else if (!down) {
      placed += static_cast<std::int64_t>(wanted);
      for (Event& event : events_) {
        const std::uint64_t some = of(gap, event) ? std::min(wanted, event.left) : 0;
        if (some == 0) continue;
        wanted -= some;
        event.left -= some;
        event.taken += some;
        if (claim.first == 0) claim.first = event.number;
        claim.last = event.number;
      }
    }
    claims_.push_back(claim);
    return {claim.fate, claims_.size()};
  }

  Fate take_back(std::uint64_t number, Fate fate, std::uint64_t flows) {
    if (number == 0 || number + Drops::max_claims <= claims_.size()) return fate;
    Claim& claim = claims_[number - 1];
    std::uint64_t back = datagrams_for(claim.gap.flows, claim.gap.most);
    claim.gap.flows -= std::min(claim.gap.flows, flows);
    if (claim.first == 0 || claim.fate == Fate::unclear) return claim.fate;
    back -= datagrams_for(claim.gap.flows, claim.gap.most);
    placed -= static_cast<std::int64_t>(back);
    for (Event& event : events_) {
      if (event.number < claim.first || event.number > claim.last || !touch(event.drop, claim.gap)) continue;
      const std::uint64_t some = std::min(back, event.taken);
      back -= some;
      event.left += some;
      event.taken -= some;
    }
    return claim.fate;
  }

  std::vector<Doubt> doubts;
  std::int64_t placed = 0;

 private:
  struct Event {
    std::uint64_t number;
    Drop drop;
    std::uint64_t left;
    std::uint64_t taken = 0;
  };
  struct Claim {
    Gap gap;
    Fate fate;
    std::uint64_t first;
    std::uint64_t last;
  };
  static constexpr std::array<std::pair<DropPlace, Fate>, 5> fates{{{DropPlace::kernel, Fate::kernel},
                                                                    {DropPlace::ring, Fate::ring},
                                                                    {DropPlace::journal, Fate::journal},
                                                                    {DropPlace::down, Fate::down},
                                                                    {DropPlace::quarantine, Fate::quarantine}}};

  static std::uint64_t datagrams_for(std::uint64_t flows, std::uint32_t most) { return (flows + most - 1) / most; }
  static bool touch(const auto& a, const auto& b) {
    return a.interface == b.interface || a.interface == Drop::all_interfaces || b.interface == Drop::all_interfaces;
  }
  static bool of(const Gap& gap, const Event& event) { return event.number > gap.since && touch(event.drop, gap); }

  void doubt(const Gap& gap) {
    for (Event& event : events_)
      if (of(gap, event)) event.taken += std::exchange(event.left, 0);
    for (std::size_t i = claims_.size() - std::min(claims_.size(), Drops::max_claims); i < claims_.size(); ++i) {
      Claim& claim = claims_[i];
      if (claim.first == 0 || claim.last <= gap.since || claim.fate == Fate::unclear || !touch(claim.gap, gap))
        continue;
      doubts.push_back({claim.gap.exporter, claim.gap.found, claim.fate, static_cast<std::int64_t>(claim.gap.flows)});
      placed -= static_cast<std::int64_t>(datagrams_for(claim.gap.flows, claim.gap.most));
      claim.fate = Fate::unclear;
    }
  }

  std::uint64_t mark_ = 0;
  std::uint64_t forgotten_ = 0;
  std::deque<Event> events_;
  std::vector<Claim> claims_;  // number - 1 is the index
};

std::vector<std::tuple<Ip, Time, Fate, std::int64_t>> sorted(const std::vector<Doubt>& doubts) {
  std::vector<std::tuple<Ip, Time, Fate, std::int64_t>> all;
  for (const Doubt& doubt : doubts) all.emplace_back(doubt.exporter, doubt.found, doubt.from, doubt.flows);
  std::sort(all.begin(), all.end());
  return all;
}

Drops saved_and_loaded(const Drops& drops) {
  Exporters exporters;
  exporters.drops() = drops;
  auto loaded = Exporters::load(exporters.save());
  EXPECT_TRUE(loaded);
  return loaded->drops();
}

class DropsRules : public testing::TestWithParam<unsigned> {
 protected:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  std::uint32_t interface(bool all) {
    return all ? Drop::all_interfaces : static_cast<std::uint32_t>(below(1 + GetParam() % 3));
  }
  Drop drop() {
    Drop made;
    made.interface = interface(below(5) == 0);
    made.of(static_cast<DropPlace>(below(40) == 0 ? below(drop_places) : 0)) = 1 + below(20);
    return made;
  }
  Gap gap(Time found) {
    const std::uint64_t back = below(3) == 0 ? below(Drops::max_events + 1'000) : below(20);
    return {Ip::v4(static_cast<std::uint32_t>(below(1'000))), interface(below(200) == 0),
            drops.mark() - std::min(back, drops.mark()),      below(GetParam() % 2 == 0 ? 200 : 20'000),
            static_cast<std::uint32_t>(1 + below(30)),        found};
  }

  Drops drops;
  PlainDrops plain;

 private:
  std::mt19937 random_{GetParam()};
};

TEST_P(DropsRules, HoldWhateverHappens) {
  std::vector<Verdict> verdicts;
  for (Time now = 1; now <= 9'000; ++now) {
    const std::uint64_t what = below(10);
    if (what <= GetParam()) {
      const Drop made = drop();
      drops.add(made);
      plain.add(made);
    } else if (what == 9 && !verdicts.empty()) {
      const Verdict& verdict = verdicts[below(verdicts.size())];
      const std::uint64_t flows = below(40);
      ASSERT_EQ(drops.take_back(verdict.claim, verdict.fate, flows),
                plain.take_back(verdict.claim, verdict.fate, flows));
    } else {
      const Gap made = gap(now);
      verdicts.push_back(drops.judge(made));
      const Verdict expected = plain.judge(made);
      ASSERT_EQ(verdicts.back().fate, expected.fate) << now;
      ASSERT_EQ(verdicts.back().claim, expected.claim) << now;
    }
    if (below(20) != 0) continue;
    ASSERT_EQ(sorted(drops.take_doubts()), sorted(std::exchange(plain.doubts, {}))) << now;
    ASSERT_EQ(drops.take_placed(), std::exchange(plain.placed, 0)) << now;
    if (below(50) == 0) drops = saved_and_loaded(drops);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DropsRules, testing::Values(1, 2, 3, 4, 5, 6, 7, 8));

}  // namespace
}  // namespace flowspan::exporter
