// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include "base/datagram.hpp"
#include "base/ip.hpp"
#include "exporter/by_socket.hpp"
#include "flow/ledger.hpp"

namespace flowspan::exporter {

/// Flows that are missing between two datagrams of one engine.
struct Gap {
  Ip exporter;
  std::uint32_t interface = 0;
  std::uint64_t since = 0;  ///< Drops::mark() when the engine was heard before
  std::uint64_t flows = 0;
  std::uint32_t most = 1;  ///< flows that a datagram of this engine holds at most
  Time found = 0;          ///< received time of the datagram behind the gap
};

/// What a gap was found to be.
struct Verdict {
  flow::Fate fate = flow::Fate::network;
  std::uint64_t claim = 0;  ///< number to ask for it later; 0: there is nothing to ask
};

/// A verdict that turned out doubtful: `flows` of an exporter are no longer known to be of `from`, but unclear.
struct Doubt {
  Ip exporter;
  Time found = 0;
  flow::Fate from{};
  std::int64_t flows = 0;
};

/// The latest drops of this machine, and which gaps they explain. A drop is known by its place between datagrams, its
/// socket and its number of datagrams, but not by exporter; a gap by its engine and its number of flows. So:
///
/// - A gap in whose stretch nothing was dropped was lost on the way.
/// - A gap that takes no more datagrams than its stretch dropped, less those that earlier gaps have taken, is theirs.
/// - A gap that takes more shows that some of the gaps there were lost on the way, and not which: it is unclear, and so
///   is every gap from now on that had taken a drop of this stretch.
/// - A stretch with drops of several places leaves unclear which.
///
/// docs/guide/account.md says it for users. A function of what it was told; copyable; bounded.
///
/// A gap costs a few steps, however many drops and verdicts there are: it looks only at drops that have something left,
/// and leaves all of them but one with nothing; and a verdict is doubted once.
class Drops {
 public:
  static constexpr std::size_t max_events = 4'096;  ///< drops that are told apart
  static constexpr std::size_t max_claims = 4'096;  ///< verdicts that may still be doubted

  /// To be called before the datagram that came after the drop is looked at.
  void add(const Drop& drop);
  /// Grows with each drop.
  std::uint64_t mark() const { return mark_; }

  Verdict judge(const Gap& gap);
  /// `flows` of a gap came late after all; what they were thought to be until now. `fate` is what the verdict was.
  flow::Fate take_back(std::uint64_t claim, flow::Fate fate, std::uint64_t flows);

  /// Doubts that have come up since the last call.
  std::vector<Doubt> take_doubts();
  /// Datagrams that gaps have taken since the last call, less those given back.
  std::int64_t take_placed();

  /// Drops and verdicts that were looked at, one by one: what the time that it takes grows with.
  std::uint64_t looked_at() const { return looked_at_; }

  /// Both writers' datagrams go on in one: no drop of either can be told from the other's any more.
  void merge(const Drops& other);

 private:
  friend struct DropsState;  // saves and loads

  struct Event {
    std::uint64_t number = 0;
    std::uint32_t interface = 0;
    std::uint8_t places = 0;  // bit of each DropPlace
    std::uint64_t datagrams = 0;
    std::uint64_t taken = 0;
  };
  struct Claim {
    std::uint64_t number = 0;
    std::uint64_t first_event = 0;
    std::uint64_t last_event = 0;
    std::uint32_t interface = 0;
    Ip exporter;
    Time found = 0;
    flow::Fate fate{};
    std::uint32_t most = 1;
    std::uint64_t flows = 0;
  };
  Event& event(std::uint64_t number);
  void index(const Event& event);
  void index(const Claim& claim);
  void forget_oldest_event();
  void forget_oldest_claim();
  std::uint8_t places_of(const Gap& gap) const;
  std::vector<std::uint64_t> open_events(const Gap& gap, std::uint64_t wanted, std::uint64_t& left);
  void take(Claim& claim, std::span<const std::uint64_t> events, std::uint64_t datagrams);
  void doubt(const Gap& gap, std::span<const std::uint64_t> events);
  Verdict remember(Claim claim);

  std::uint64_t mark_ = 0;
  std::uint64_t forgotten_ = 0;  // the latest drop that is not in events_ any more
  std::uint64_t last_claim_ = 0;
  std::deque<Event> events_;  // ascending
  std::deque<Claim> claims_;  // ascending
  // Of events_ and claims_, by number:
  std::array<BySocket<std::uint64_t>, drop_places> at_place_;         // events
  BySocket<std::uint64_t> open_;                                      // events that have something left
  BySocket<std::uint64_t> taken_;                                     // events that gaps have taken from
  BySocket<std::pair<std::uint64_t, std::uint64_t>> may_be_doubted_;  // claims, behind their last event
  std::uint64_t looked_at_ = 0;
  std::vector<Doubt> doubts_;
  std::int64_t placed_ = 0;
};

}  // namespace flowspan::exporter
