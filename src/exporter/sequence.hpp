// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "exporter/counters.hpp"
#include "exporter/drops.hpp"

namespace flowspan::exporter {

/// A datagram as far as the sequence of its flows is concerned.
struct Numbered {
  std::uint32_t sequence = 0;    ///< number of its first flow
  std::uint32_t flows = 0;       ///< how many it brought, at least one
  std::uint32_t sys_uptime = 0;  ///< ms since boot, modulo 2^32
  std::int64_t export_ms = 0;    ///< ms since 1970 by the exporter's clock
  Time received = 0;
  std::uint32_t undecodable = 0;  ///< flows that its header counts and that it does not bring: damaged
  std::uint32_t interface = 0;    ///< where it came in
  Ip exporter = {};
};

/// Flows found missing, or found again.
struct Finding {
  Time when = 0;  ///< received time of the datagram behind the gap
  flow::Fate fate{};
  std::int64_t lost = 0;
  std::int64_t announced = 0;  ///< what that hour's announcements change by
};

/// What a datagram's number says.
struct SequenceNews {
  std::uint64_t lost = 0;         ///< flows newly known to be missing
  std::uint64_t recovered = 0;    ///< flows counted as lost before, that were not
  std::int64_t announced = 0;     ///< flows by which the numbers advanced, without those of `findings`
  std::uint64_t late = 0;         ///< of its flows those that were missing
  std::uint64_t repeated = 0;     ///< of its flows those that another datagram had brought
  std::int64_t restarts = 0;      ///< negative: one that was counted before was none
  std::int64_t resets = 0;        ///< as restarts
  std::vector<Finding> findings;  ///< lost and recovered, one by one
};

/// The flows of one engine are numbered together, those of NetFlow v8 for each scheme by itself. NetFlow v7 has no
/// engine: zeros.
struct EngineKey {
  std::uint8_t version = 0;
  std::uint8_t type = 0;
  std::uint8_t id = 0;
  std::uint8_t scheme = 0;  ///< of aggregation; 0 but in NetFlow v8
  friend constexpr auto operator<=>(const EngineKey&, const EngineKey&) = default;
};

/// Named limits of the sequence check; sequence.cpp tells how they are used.
inline constexpr std::size_t max_lanes = 4;               ///< processes that share an address and an engine
inline constexpr std::size_t max_holes = 16;              ///< gaps that a late datagram may still fill, per lane
inline constexpr Duration late_limit = minute;            ///< what comes later fills no gap any more
inline constexpr std::size_t max_damaged = 16;            ///< damaged datagrams whose gap is still to be seen
inline constexpr std::size_t max_recent = 16;             ///< datagrams among which a duplicate is recognised, per lane
inline constexpr std::int64_t boot_tolerance_ms = 3'000;  ///< a boot time that moves less has not moved
inline constexpr std::uint32_t largest_burst = 1u << 20;  ///< flows that may be lost at once however short the silence
inline constexpr std::uint64_t fastest_rate = 2'000'000;  ///< flows/s that an engine may lose in a longer silence
inline constexpr std::uint32_t step_and_gap = 10'000;     ///< flows that may be lost together with a step of the clock
inline constexpr std::uint32_t interleave_proof = 16;     ///< late datagrams in a row that show a second process
inline constexpr std::uint32_t comeback_proof = 2;        ///< datagrams of an old lane that show it never ended

/// Follows the numbers of one engine's flows and tells loss from reordering, duplicates, restarts and mixed senders.
class Sequence {
 public:
  /// Adds what it learns to the counters. `drops` says where missing flows went; without it they were lost on the way.
  SequenceNews observe(const Numbered& datagram, Counters& counters, Drops* drops = nullptr);
  /// A datagram said that it has flows `from` .. `from + count`, and they could not be read.
  void note_damaged(std::uint32_t from, std::uint32_t count);

 private:
  friend struct SequenceState;  // saves and loads

  /// Flows that are missing: `count` from number `from`.
  struct Hole {
    std::uint32_t from = 0;
    std::uint32_t count = 0;
    Time found = 0;  // received time of the datagram behind the gap
    flow::Fate fate = flow::Fate::network;
    std::uint64_t claim = 0;  // of the drops that explain it
  };
  /// Flows that a datagram was to bring and did not.
  struct Damaged {
    std::uint32_t from = 0;
    std::uint32_t count = 0;
  };
  /// Enough of a datagram to know it again.
  struct Seen {
    std::uint32_t sequence = 0;
    std::uint32_t sys_uptime = 0;
    std::uint32_t export_ms = 0;
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  /// What opening a lane was counted as; taken back when the lane before it goes on.
  enum class Charge : std::uint8_t { none, restart, reset };

  /// One process' numbers.
  struct Lane {
    std::uint32_t next = 0;    // number that the next flow should have
    std::uint32_t boot = 0;    // ms, modulo 2^32: export time - uptime
    std::uint32_t uptime = 0;  // of the latest datagram
    Time received = 0;         // of the latest datagram
    bool proven = false;       // has gone on at least once
    Charge charge = Charge::none;
    std::uint32_t comebacks = 0;      // datagrams of older lanes since this one began
    std::uint32_t late_next = 0;      // number after the latest late datagram
    std::uint32_t late_run = 0;       // late datagrams in a row
    std::uint32_t late_advances = 0;  // datagrams in order during that run
    std::uint32_t seen_count = 0;
    std::array<Seen, max_recent> seen{};  // ring
    std::uint64_t mark = 0;               // Drops::mark() at the latest datagram in order
    std::uint32_t most = 1;               // flows of its largest datagram
    std::uint32_t told = 0;               // up to here the numbers were announced
    std::vector<Hole> holes;              // oldest first

    bool same_process(const Numbered& datagram) const;
    bool may_be_lost(std::uint32_t flows, Time now) const;
    bool saw(const Numbered& datagram) const;
    void remember(const Numbered& datagram);
    void add_hole(Hole hole);
  };

  Lane* exact(const Numbered& datagram);
  Lane* nearest(const Numbered& datagram, bool same_process);
  Lane& open_lane(const Numbered& datagram);
  void advance(Lane& lane, const Numbered& datagram, Counters& counters);
  bool late(const Numbered& datagram, Counters& counters, SequenceNews& news, Drops* drops);
  void fill(Lane& lane, std::size_t hole_index, const Numbered& datagram, Counters& counters, SequenceNews& news,
            Drops* drops);
  void lose(Lane& lane, std::uint32_t gap, const Numbered& datagram, SequenceNews& news, Drops* drops);
  std::vector<Hole> undecodable_of(std::uint32_t from, std::uint32_t count, Time found);
  void jump(const Numbered& datagram, Counters& counters, SequenceNews& news, Drops* drops);
  void follow(const Numbered& datagram, Counters& counters, SequenceNews& news, Drops* drops);

  std::vector<Lane> lanes_;       // in the order in which they were opened
  std::vector<Damaged> damaged_;  // oldest first
};

/// The sequences of one exporter, the most recently used first.
class Engines {
 public:
  struct Engine {
    EngineKey key;
    Sequence sequence;
  };

  /// The engine's sequence, made if `may_grow` or there is none at all yet; else the least recently used is forgotten for
  /// it, and counted.
  Sequence& use(const EngineKey& key, bool may_grow, Counters& counters);
  /// nullptr when the engine is not known.
  Sequence* find(const EngineKey& key);
  std::size_t size() const { return engines_.size(); }
  const std::vector<Engine>& all() const { return engines_; }

 private:
  friend struct SequenceState;
  std::vector<Engine> engines_;
};

}  // namespace flowspan::exporter
