// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Conversations of hosts as the flows that a border router exports of them: two of most, each when it expires.

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "traffic_model.hpp"

namespace traffic {

/// What a kind of conversation looks like; shares are per 1024.
struct Service {
  std::uint16_t share;
  std::uint16_t port;  ///< 0: an ephemeral one too
  std::uint8_t proto;
  std::uint16_t inbound;   ///< per mille that begin outside
  std::uint16_t single;    ///< per mille of one packet each way
  std::uint16_t answered;  ///< per mille
  std::uint8_t size_bits;  ///< packets of the larger side: 2 to 2^size_bits
  std::uint16_t up_size;   ///< mean bytes of a packet, from the client
  std::uint16_t down_size;
  std::uint8_t time_bits;  ///< milliseconds: up to 2^time_bits
};
// clang-format off
inline constexpr auto services = std::to_array<Service>({
    {330,   443,  6, 120,  40, 970, 15,  180, 1100, 17},
    {150,   443, 17,  20,  60, 960, 15,  160, 1080, 17},
    {170,    53, 17, 180, 930, 960,  3,   71,  180,  9},
    { 61,    80,  6, 250,  60, 950, 13,  220,  980, 15},
    { 30,     0,  1, 450, 600, 700,  6,   84,   84, 15},  // ICMP: the port is type and code
    { 26,   123, 17, 100, 950, 930,  2,   76,   76,  6},
    { 84,     0, 17, 500, 350, 780, 13,  420,  640, 17},  // peers, games, calls
    { 34,     0,  6, 500, 180, 800, 14,  300,  900, 17},
    { 12,  3478, 17,  30, 400, 900, 13,  190,  210, 16},
    { 10,  5228,  6,  20, 100, 970,  6,  110,  140, 17},
    { 10,    25,  6, 600, 150, 940,  9,  700,  120, 13},
    { 10,   993,  6,  50, 100, 970,  9,  130,  500, 17},
    {  8,    22,  6, 700, 120, 900, 10,  140,  300, 15},
    {  8,  8080,  6, 300, 150, 900, 10,  240,  900, 14},
    {  5,  4500, 17, 100, 100, 950, 15,  500,  600, 17},
    {  4,  3389,  6, 900, 300, 800, 16,  400,  700, 17},
    {  2,     0, 50, 500,  50, 900, 14,  640,  640, 17},  // ESP
    {  2,     0, 47, 500,  50, 900, 14,  640,  640, 17},  // GRE
    {130,     1,  6, 985, 990,  90,  2,   44,   44,  8},  // scans: the port is drawn
});
// clang-format on
inline constexpr std::size_t scan = services.size() - 1;

/// Makes flow after flow; the flow clock goes on by 1/rate seconds with each.
class Flows {
 public:
  static constexpr std::uint64_t idle_ms = 15'000, active_ms = 60'000;  // a router's usual timeouts

  Flows(std::uint64_t seed, std::uint64_t start_ms, double flows_per_second)
      : random_(seed), hosts_(seed), start_ms_(start_ms), ms_per_flow_(1000 / flows_per_second) {
    for (std::size_t service = 0; service < services.size(); ++service)
      chosen_.insert(chosen_.end(), services[service].share, static_cast<std::uint8_t>(service));
    waiting_.resize(static_cast<std::size_t>(std::clamp(flows_per_second, 16.0, 4096.0)));
    for (Flow& flow : waiting_) flow = converse().first;
  }

  /// The answer to a flow expires up to some thousand flows after it, so the two do not stand side by side.
  Flow next() {
    ++made_;
    if (expired_) {
      expired_ = false;
      return answer_;
    }
    const auto [there, back] = converse();
    if (answered_) {
      answer_ = std::exchange(waiting_[random_.below(static_cast<std::uint32_t>(waiting_.size()))], back);
      expired_ = true;
    }
    return there;
  }
  std::uint64_t clock_ms() const {
    return start_ms_ + static_cast<std::uint64_t>(static_cast<double>(made_) * ms_per_flow_);
  }

 private:
  /// Who is busy with what: most conversations have the ends of an earlier one, as those of a page or of a resolver.
  struct Session {
    const Host* inside = nullptr;
    const Host* outside = nullptr;
    std::uint8_t service = 0;
    bool inbound = false;
  };
  Session begin_session() {
    Session session;
    session.service = chosen_[random_.below(static_cast<std::uint32_t>(chosen_.size()))];
    const bool scanning = session.service == scan;
    session.inbound = random_.below(1000) < services[session.service].inbound;
    session.outside = scanning && session.inbound ? &hosts_.scanner(random_) : &hosts_.external(random_);
    session.inside = !session.inbound ? &hosts_.client(random_)
                     : scanning       ? &hosts_.any_internal(random_)
                                      : &hosts_.server(random_);
    return session;
  }
  static std::uint8_t proto_of(const Session& session) { return services[session.service].proto; }
  Session choose_session() {
    Session& session = sessions_[random_.below(static_cast<std::uint32_t>(sessions_.size()))];
    // Where there are no ports, flows of one session could be alike in everything.
    const bool alone = session.service == scan || (proto_of(session) != 6 && proto_of(session) != 17);
    if (session.inside == nullptr || alone || random_.chance(350)) session = begin_session();
    return session;
  }

  std::pair<Flow, Flow> converse() {
    const Session session = choose_session();
    const Service& service = services[session.service];
    const bool inbound = session.inbound;
    const bool scanning = session.service == scan;
    const Host& outside = *session.outside;
    const Host& inside = *session.inside;
    const std::uint64_t dice = random_.next();
    const bool single = (dice >> 40) % 1000 < service.single;
    answered_ = (dice >> 20 & 0xFFFFF) % 1000 < service.answered;
    Flow there = ports(service, scanning, dice & 0xFFFFF);
    Flow back = answer_to(there);
    amounts(service, single, scanning, there, back);
    times(service, single, there, back);
    if (there.proto == 6) flags(single, scanning, there, back);
    route(inbound ? outside : inside, inbound ? inside : outside, there);
    route(inbound ? inside : outside, inbound ? outside : inside, back);
    there.tos = back.tos = tos(random_.below(32));
    return {there, back};
  }

  Flow ports(const Service& service, bool scanning, std::uint64_t dice) {
    constexpr std::array<std::uint16_t, 16> scanned{23,   22,   445,  3389, 8080, 5060, 2323, 8728,
                                                    6379, 1433, 5555, 3306, 8443, 81,   5900, 9200};
    Flow flow;
    flow.proto = service.proto;
    if (service.proto == 1) {
      flow.dst_port = (dice & 15) == 0 ? 0x0303 : (dice & 15) == 1 ? 0x0B00 : 0x0800;
    } else if (service.proto == 6 || service.proto == 17) {
      // Windows and Linux draw from different ranges; an address translator from all.
      flow.src_port = static_cast<std::uint16_t>((dice & 7) < 3   ? 49152 + (dice >> 3 & 0x3FFF)
                                                 : (dice & 7) < 6 ? 32768 + (dice >> 3) % 28232
                                                                  : 1024 + (dice >> 3) % 64512);
      flow.dst_port = service.port;
      if (service.port == 0) flow.dst_port = static_cast<std::uint16_t>(1024 + random_.below(64512));
      if (scanning)
        flow.dst_port = random_.chance(600) ? scanned[random_.log_uniform(4) - 1]
                                            : static_cast<std::uint16_t>(1 + random_.below(65535));
    }
    return flow;
  }
  static Flow answer_to(const Flow& there) {
    Flow back = there;
    if (there.proto == 1) {
      back.dst_port = there.dst_port == 0x0800 ? 0 : 0x0303;
    } else {
      std::swap(back.src_port, back.dst_port);
    }
    return back;
  }

  /// Ended conversations of TCP are exported within two seconds, others when nothing came for idle_ms, long ones in
  /// pieces of active_ms.
  void times(const Service& service, bool single, Flow& there, Flow& back) {
    const std::uint64_t now = clock_ms();
    const std::uint64_t least = 4 + (there.packets + back.packets) / 8;  // nobody sends at the speed of light
    const std::uint64_t lasted = single ? 0 : least + random_.log_uniform(service.time_bits);
    closed_ = there.proto == 6 && lasted < active_ms && random_.chance(870);
    const std::uint64_t waited = lasted >= active_ms ? random_.below(900)
                                 : closed_           ? random_.below(2000)
                                                     : idle_ms + random_.below(4000);
    there.last = now - waited;
    const std::uint64_t length = lasted >= active_ms ? active_ms - random_.below(60) : lasted;
    there.first = there.last - length;
    const std::uint64_t way = 1 + random_.below(length > 40 || single ? 40 : static_cast<std::uint32_t>(length) + 1);
    back.first = there.first + way;
    back.last = single ? back.first : std::max(back.first, there.last + way / 2);
    if (back.last > now) back.last = now;
    if (back.first > back.last) back.first = back.last;
  }

  void amounts(const Service& service, bool single, bool scanning, Flow& there, Flow& back) {
    const std::uint64_t dice = random_.next();
    const auto most = single ? 1 : 2 + static_cast<std::uint32_t>(random_.heavy_tailed(service.size_bits));
    const auto least = single ? 1 : 1 + static_cast<std::uint32_t>(most * (32 + (dice & 63)) / 128);
    const bool down = service.down_size >= service.up_size;
    there.packets = down ? least : most;
    back.packets = down ? most : least;
    there.bytes = scanning
                      ? 40 + 4 * static_cast<std::uint32_t>(dice >> 8 & 3) * static_cast<std::uint32_t>(dice >> 10 & 1)
                      : bytes(there.packets, service.up_size, dice >> 8);
    back.bytes = scanning ? 40 : bytes(back.packets, service.down_size, dice >> 32);
  }
  /// Packets of 40 to 1500 bytes about a mean that differs from flow to flow; every packet has a size of its own.
  static std::uint32_t bytes(std::uint32_t packets, std::uint32_t mean, std::uint64_t dice) {
    const auto about = mean * (64 + (dice & 127)) / 128 + (dice >> 7 & 15);
    const auto size = std::min<std::uint64_t>(std::max<std::uint64_t>(about, 40), 1480);
    return static_cast<std::uint32_t>(packets * size + (dice >> 11) % (packets * 16ull + 1));
  }

  void flags(bool single, bool scanning, Flow& there, Flow& back) {
    const std::uint64_t dice = random_.next();
    if (scanning || (single && !answered_)) {
      there.flags = 0x02;
      back.flags = (dice & 7) == 0 ? 0x12 : 0x14;
    } else if (single) {
      there.flags = (dice & 3) == 0 ? 0x04 : 0x10;
      back.flags = 0x10;
    } else if (!closed_) {
      there.flags = back.flags = (dice & 7) == 0 ? 0x10 : 0x18;
      if ((dice >> 3 & 3) == 0) there.flags |= 0x02, back.flags |= 0x02;
    } else {
      there.flags = back.flags = 0x1B;
      if ((dice & 7) == 0) there.flags = 0x1F;
      if ((dice >> 3 & 15) == 0) back.flags = 0x1E;
      if ((dice >> 7 & 31) == 0) there.flags |= 0xC0;
    }
  }

  static std::uint8_t tos(std::uint32_t dice) {
    constexpr std::array<std::uint8_t, 32> classes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0,    0,    0,
                                                   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x28, 0x20, 0xB8, 0x48};
    return classes[dice];
  }

  /// Some packets leave by another way than their answers come; some are discarded: interface 0, no next hop.
  void route(const Host& from, const Host& to, Flow& flow) {
    const std::uint64_t dice = random_.next();
    flow.src = from.address;
    flow.dst = to.address;
    flow.src_as = from.as;
    flow.dst_as = to.as;
    flow.src_mask = from.mask;
    flow.dst_mask = to.mask;
    flow.in_if = from.interface;
    if (from.as != 0 && (from.address * 2654435761u >> 30) == 0)
      flow.in_if = static_cast<std::uint16_t>(501 + (from.address >> 9) % 3);
    const bool discarded = (dice & 63) == 0;
    flow.out_if = discarded ? 0 : to.interface;
    flow.next_hop = discarded ? 0 : to.next_hop;
  }

  Random random_;
  Hosts hosts_;
  std::uint64_t start_ms_;
  double ms_per_flow_;
  std::uint64_t made_ = 0;
  std::vector<std::uint8_t> chosen_;  // service by share
  std::vector<Session> sessions_{8192};
  std::vector<Flow> waiting_;  // answers that have not expired
  Flow answer_;                // one of them that has, and is the next flow
  bool expired_ = false;
  bool answered_ = false;  // of the conversation that is being made
  bool closed_ = false;
};

}  // namespace traffic
