// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "store/snapshot.hpp"

namespace flowspan::query {

/// What an answer rests on, as far as it is known without a further look at the flows.
struct Truth {
  /// Flows after the committed ones, decoded for this answer.
  struct Live {
    std::uint64_t flows = 0;
    Time until = 0;  ///< later ones are not in it
  };

  /// The answer is about the flows that arrived last.
  struct Newest {
    std::uint64_t flows = 0;            ///< so many were asked for
    std::optional<Time> received_from;  ///< of the oldest of them; nullopt: there are fewer flows than that
  };

  store::Window window;
  std::optional<Newest> newest;
  std::uint64_t files = 0;
  std::uint64_t flows = 0;  ///< in these files
  std::optional<Live> live;
  bool raw = false;               ///< counters as exported
  std::uint64_t unsampled = 0;    ///< flows in files that say no sampling rate at all
  bool rates_configured = false;  ///< the configuration gives or forces rates
  store::Loss loss;               ///< known of the window
  std::uint64_t quarantined = 0;  ///< stretches of journals that are skipped
  /// What the rows told about themselves: sentences without an end.
  std::vector<std::string> notes;
};

/// What the snapshot tells; the live part is the caller's to add.
Truth truth_of(const store::Snapshot& snapshot, const store::Window& window);
/// One line for people.
std::string truth_text(const Truth& truth);
/// The same as a JSON object.
std::string truth_json(const Truth& truth);

}  // namespace flowspan::query
