// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include "simulate/services.hpp"
#include "simulate/stream.hpp"

namespace flowspan::simulate {

/// Both directions of a conversation; `down` has no trains when nobody answered.
struct Conversation {
  Stream up;
  Stream down;
};

/// A request and its response: so many payload bytes, and how fast the larger side goes.
struct Exchange {
  Time begin = 0;
  double request = 0;
  double response = 0;
  double speed = 1e6;            ///< bytes a second
  Duration way = 0;              ///< until the first packet of the answer
  std::uint16_t payload = 1448;  ///< bytes in a full packet
};

/// How a TCP connection ends.
enum class End : std::uint8_t {
  closed,  ///< FIN from both sides
  reset,   ///< RST from the asking side
  silent,  ///< not at all
};

/// What two ends make of the packets of TCP, UDP or ICMP: handshake, data, acknowledgements, end.
class ConversationBuilder {
 public:
  /// `key` is that of the asking direction.
  ConversationBuilder(const Key& key, unsigned exporter);

  /// Exchanges come in order; one that begins before the one before it has ended waits for it. When it ends.
  Time add(const Exchange& exchange);
  /// Both sides send packets of `payload` bytes at the speed.
  Time add_equal(const Exchange& exchange);
  /// TCP: the flags, and the packets of the end. Does nothing for UDP and ICMP.
  void finish(Random& random, End end);
  Conversation take() { return std::move(conversation_); }

 private:
  void shake_hands(const Exchange& exchange);

  Conversation conversation_;
  Time free_from_ = 0;  // when the latest exchange has ended
};

/// SYNs that nobody answers, at 0, 1 and 3 seconds (RFC 6298's doubling).
Conversation unanswered(const Key& key, unsigned exporter, Time begin);
/// A SYN and the RST that refuses it.
Conversation refused(const Key& key, unsigned exporter, Time begin, Duration way);

/// A conversation of the background behind this router.
Conversation converse(const Site& site, unsigned exporter, Time begin, Random& random);

}  // namespace flowspan::simulate
