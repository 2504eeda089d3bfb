// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/datagram.hpp"
#include "base/ip.hpp"
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
  static bool touches(std::uint32_t a, std::uint32_t b);
  std::size_t first_after(std::uint64_t mark) const;
  Claim take(const Gap& gap, std::size_t begin, std::uint64_t datagrams);
  void doubt(const Gap& gap, std::size_t begin);
  Verdict remember(Claim claim);

  std::uint64_t mark_ = 0;
  std::uint64_t forgotten_ = 0;  // the latest drop that is not in events_ any more
  std::uint64_t last_claim_ = 0;
  std::deque<Event> events_;  // ascending
  std::deque<Claim> claims_;  // ascending
  std::vector<Doubt> doubts_;
  std::int64_t placed_ = 0;
};

}  // namespace flowspan::exporter
