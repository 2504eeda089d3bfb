// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "simulate/conversation.hpp"
#include "simulate/label.hpp"
#include "simulate/site.hpp"

namespace flowspan::simulate {

/// When and where something happens.
struct Episode {
  Kind kind{};
  Time begin = 0;
  Duration span = 0;           ///< until its last conversation begins
  std::uint32_t exporter = 0;  ///< behind this router
  std::uint32_t number = 0;    ///< of all episodes: gives each a foreign host of its own
  std::uint32_t nth = 0;       ///< of its kind
  double rate = 0;             ///< flows a second of the background, which it should stand out from but not drown
};

/// Hosts that misbehave: a number of conversations, one after the other.
class Misbehaviour {
 public:
  virtual ~Misbehaviour() = default;
  /// Its description, with counters of zero.
  virtual Label label() const = 0;
  virtual std::uint32_t steps() const = 0;
  /// When conversation `step` begins; never before the one before it.
  virtual Time time_of(std::uint32_t step) = 0;
  virtual Conversation converse(std::uint32_t step, Time begin) = 0;
};

/// Not for Kind::loss and Kind::restart, which are no traffic.
std::unique_ptr<Misbehaviour> make_misbehaviour(const Episode& episode, const Site& site, std::uint64_t seed);

}  // namespace flowspan::simulate
