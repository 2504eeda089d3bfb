// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inside of Network: events in order of time.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <vector>

#include "simulate/day_curve.hpp"
#include "simulate/misbehaviour.hpp"
#include "simulate/network.hpp"
#include "simulate/router.hpp"
#include "simulate/site.hpp"

namespace flowspan::simulate {

class Network::Model {
 public:
  explicit Model(const Plan& plan);

  std::optional<Time> due();
  Export take();

  Sums sums;
  std::vector<Label> labels;  // of acting_, one by one

 private:
  enum class Happening : std::uint8_t { conversation, expiry, flush, period, step, loss, loss_over, restart };
  struct Event {
    Time time = 0;
    std::uint64_t number = 0;  // of all events: their order at one time
    Happening happening{};
    std::uint32_t index = 0;
    bool operator<(const Event& other) const {  // the earliest is on top
      return time != other.time ? time > other.time : number > other.number;
    }
  };
  /// A stream in the cache of its router, and what is exported of it next.
  struct Cached {
    Metering metering;
    Part part;
  };
  struct Acting {
    Episode episode;
    std::unique_ptr<Misbehaviour> misbehaviour;  // none of loss and restart, nor of what is over
    std::uint32_t step = 0;
  };
  /// The network between a router and the collector.
  struct Path {
    std::uint32_t label = no_label;  // of the loss that is going on
    double share = 0;                // of datagrams that get lost
    bool certain = false;            // the next one does
  };
  struct Pending {
    Export datagram;
    std::vector<std::byte> payload;
    std::vector<Outgoing> records;
    std::uint32_t loss_label = no_label;
  };

  void push(Time time, Happening happening, std::uint32_t index);
  void handle(const Event& event);
  void end(Time now);

  void plan_conversation(Time now);
  void begin_conversation(Time now);
  void admit(const Conversation& conversation, std::uint32_t label, Random& random);
  void wait_for_next_part(std::uint32_t slot);
  void expire(std::uint32_t slot, Time now);
  void send(const Outgoing& outgoing, std::uint32_t exporter, Time now);
  void flush(std::uint32_t exporter, Time now);

  void begin_period(std::uint32_t period);
  void take_step(std::uint32_t index, Time now);
  void begin_loss(std::uint32_t index);
  void end_loss(std::uint32_t index);
  void restart(std::uint32_t index, Time now);
  std::uint32_t loss_of(std::uint32_t exporter);

  Record record_of(const Stream& stream, const Part& part) const;
  void count(const Outgoing& outgoing);
  void count_lost(const Pending& pending);

  Plan plan_;
  Site site_;
  DayCurve curve_;
  double mean_gap_ = 0;  // seconds between two conversations at the mean rate
  std::uint64_t conversations_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t exported_ = 0;  // flows that the routers exported, lost ones included
  bool ended_ = false;
  std::priority_queue<Event> queue_;
  std::vector<std::optional<Cached>> cache_;
  std::vector<std::uint32_t> free_slots_;
  std::vector<Router> routers_;
  std::vector<Path> paths_;  // of each router
  std::vector<Acting> acting_;
  std::deque<Pending> outbox_;
  Pending taken_;
  Random loss_random_;
};

}  // namespace flowspan::simulate
