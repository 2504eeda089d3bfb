// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "simulate/site.hpp"

namespace flowspan::simulate {

/// Where the ends of a conversation are; the first one asks.
enum class Way : std::uint8_t { to_world, from_world, within };

/// Median and spread of a lognormal distribution.
struct Spread {
  double median = 0;
  double sigma = 0;
};

/// How the packets of an exchange follow one another.
enum class Pace : std::uint8_t {
  transfer,  ///< the larger side is sent in full packets, and acknowledged
  equal,     ///< both sides send alike, small packets at a steady pace: a call, a ping
};

/// A kind of conversation: who with whom, and the distributions of its exchanges of a request and a response.
struct Service {
  std::string_view name;
  unsigned share;      ///< of all conversations, per mille
  std::uint8_t proto;  ///< 1 ICMP, 6 TCP, 17 UDP
  std::uint16_t port;  ///< of the server
  Way way;
  Role client;  ///< of the asking end, where it is one of ours
  Role server;  ///< of the asked end, where it is one of ours
  Spread exchanges;
  Spread request;         ///< payload bytes
  Spread response;        ///< payload bytes; of Pace::equal: as the request
  Spread pause;           ///< seconds between two exchanges
  double speed;           ///< bytes a second, median
  std::uint16_t payload;  ///< bytes in a full packet
  Pace pace = Pace::transfer;
  std::uint8_t tos = 0;
};

/// A service as often as its share says.
const Service& choose_service(Random& random);

}  // namespace flowspan::simulate
