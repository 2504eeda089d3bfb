// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "simulate/datagram.hpp"
#include "simulate/label.hpp"
#include "simulate/metering.hpp"

namespace flowspan::simulate {

/// What is simulated. The same plan gives the same datagrams.
struct Plan {
  Version version = Version::v5;
  unsigned exporters = 1;  ///< routers
  std::uint64_t seed = 1;
  double rate = 200;  ///< flows a second of all routers, on average over the day curve
  bool flat = false;  ///< the same rate at any time of day
  Time start = 0;
  std::optional<std::uint64_t> flows;  ///< ends after so many, those that get lost included
  std::optional<Duration> duration;    ///< ends after so long
  Timeouts timeouts;
  unsigned sampling = 1;   ///< one packet in so many is seen
  bool engines = false;    ///< each router says an engine of its own (v5, v8): for routers that share an address
  std::vector<Kind> with;  ///< misbehaviour; in a run without end each comes again every ten minutes

  static constexpr unsigned most_exporters = 4000;
  static constexpr double most_rate = 200'000;
  static constexpr unsigned most_sampling = 16'383;  ///< 14 bits in the header

  /// Engine type and id of a router, in one number.
  std::uint16_t engine_of(unsigned exporter) const {
    return engines && says_engine(version) ? static_cast<std::uint16_t>(exporter) : std::uint16_t{0};
  }
};

/// A datagram that a router exports.
struct Export {
  Time time = 0;            ///< when it is sent
  unsigned exporter = 0;    ///< by which router
  Bytes payload;            ///< lives until the next call of the network
  std::uint32_t flows = 0;  ///< records in it; in v8 each is the sum of several flows
  bool lost = false;        ///< left out: the network loses it, do not send it
};

/// What take() has given.
struct Sums {
  std::uint64_t flows = 0, datagrams = 0;            ///< sent
  std::uint64_t bytes = 0, packets = 0;              ///< of the sent flows, as exported
  std::uint64_t lost_flows = 0, lost_datagrams = 0;  ///< left out
};

/// A network with routers that export flows: the traffic of a company of many hosts, and misbehaviour. Reads no clock:
/// ask when the next datagram is due, wait or not, take it.
///
///   simulate::Network network(plan);
///   while (const auto due = network.due()) { wait(*due); send(network.take()); }
class Network {
 public:
  explicit Network(const Plan& plan);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// When the next datagram is to be sent; never falls; nothing at the plan's end.
  std::optional<Time> due();
  /// The next datagram, which counts as sent (or lost) from now on. Only after due() told a time.
  Export take();

  const Sums& sums() const;
  /// What misbehaved, as far as it was taken.
  const std::vector<Label>& labels() const;

 private:
  class Model;
  std::unique_ptr<Model> model_;
};

}  // namespace flowspan::simulate
