// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/misbehaviour.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ip.hpp"

namespace flowspan::simulate {
namespace {

constexpr std::uint8_t tcp_proto = 6;
constexpr Duration far = 40 * millisecond;  // one way to a foreign host
constexpr std::uint64_t syn_bytes = 44, rst_bytes = 40;

std::uint16_t port_above(std::uint32_t first, Random& random) {
  return static_cast<std::uint16_t>(first + random.below(65'536 - first));
}

/// What the misbehaviours of hosts have in common: steps at even distances, give or take.
class Steady : public Misbehaviour {
 public:
  Steady(const Episode& episode, const Site& site, std::uint64_t seed, std::uint32_t steps, double jitter)
      : episode_(episode),
        site_(site),
        random_{seed, 0xBAD, episode.number},
        foreign_(site.villain(episode.number)),
        steps_(std::max<std::uint32_t>(steps, 1)),
        jitter_(jitter) {}

  std::uint32_t steps() const override { return steps_; }
  Time time_of(std::uint32_t step) override {
    const double moved = step + (random_.uniform() - 0.5) * jitter_;
    const auto due = static_cast<Duration>(moved * static_cast<double>(distance()));
    return latest_ = std::max({latest_, episode_.begin, episode_.begin + due});
  }

 protected:
  Duration distance() const { return episode_.span / steps_; }
  Label describe(std::uint32_t src, std::uint32_t dst, std::uint16_t dst_port) const {
    Label label;
    label.kind = episode_.kind;
    label.exporter = episode_.exporter;
    label.src = Ip::v4(src).to_string();
    label.dst = Ip::v4(dst).to_string();
    label.dst_port = dst_port;
    label.proto = tcp_proto;
    return label;
  }
  std::uint32_t inside(Role role) { return site_.inside(episode_.exporter, role, random_); }
  Key key(std::uint32_t src, std::uint32_t dst, std::uint16_t dst_port) {
    return {src, dst, port_above(32'768, random_), dst_port, tcp_proto, 0};
  }
  Exchange exchange(Time begin, double request, double response, double speed = 1e6) const {
    return {begin, request, response, speed, far, 1448};
  }

  Episode episode_;
  const Site& site_;
  Random random_;
  std::uint32_t foreign_;

 private:
  std::uint32_t steps_;
  double jitter_;
  Time latest_ = 0;
};

/// How many conversations stand out from the background without drowning it.
std::uint32_t share_of(const Episode& episode, double share, std::uint32_t least, std::uint32_t most) {
  const double background = episode.rate * static_cast<double>(episode.span) / static_cast<double>(second);
  return static_cast<std::uint32_t>(std::clamp<double>(background * share, least, most));
}

/// A single SYN, and what comes back: nothing, RST, or SYN with ACK that the asking side resets.
Conversation probe(const Key& key, unsigned exporter, Time begin, bool exists, bool open) {
  Conversation conversation = refused(key, exporter, begin, far / 4);
  conversation.up.trains.front().bytes = syn_bytes;
  if (!exists) conversation.down.trains.clear();
  if (!exists || !open) return conversation;
  conversation.down.first_flags = conversation.down.last_flags = tcp::syn | tcp::ack;
  conversation.down.trains.front().bytes = syn_bytes;
  conversation.down.ends = false;
  conversation.up.middle_flags = conversation.up.last_flags = tcp::rst;
  conversation.up.ends = true;
  conversation.up.linger = second;
  conversation.up.trains.push_back({begin + far, 0, 1, rst_bytes});
  return conversation;
}

/// One port on all hosts of a network.
class HorizontalScan final : public Steady {
 public:
  HorizontalScan(const Episode& episode, const Site& site, std::uint64_t seed)
      : Steady(episode, site, seed, share_of(episode, 0.1, 40, 508), 0.2) {
    constexpr std::array<std::uint16_t, 6> ports{445, 3389, 23, 22, 5900, 8728};
    port_ = ports[random_.below(ports.size())];
    // Two neighbouring networks of clients, 6 pairs of them from 10.x.x2.0 on.
    network_ = site_.client_network(episode.exporter, random_.below(6) * 2);
  }
  Label label() const override {
    Label label = describe(foreign_, network_, port_);
    label.dst += "/23";
    label.note = "horizontal";
    return label;
  }
  Conversation converse(std::uint32_t step, Time begin) override {
    const std::uint32_t host = step % 508;
    const std::uint32_t target = network_ + (host / 254 << 8) + 1 + host % 254;
    const bool exists = host % 254 >= 19 && host % 254 < 139;  // where the clients are
    return probe(key(foreign_, target, port_), episode_.exporter, begin, exists && random_.chance(0.7),
                 random_.chance(0.1));
  }

 private:
  std::uint16_t port_;
  std::uint32_t network_;
};

/// All ports of one host.
class VerticalScan final : public Steady {
 public:
  VerticalScan(const Episode& episode, const Site& site, std::uint64_t seed)
      : Steady(episode, site, seed, share_of(episode, 0.1, 60, 1024), 0.2), target_(inside(Role::web)) {}
  Label label() const override {
    Label label = describe(foreign_, target_, 0);
    label.dst_port.reset();
    label.note = "vertical";
    return label;
  }
  Conversation converse(std::uint32_t step, Time begin) override {
    const auto port = static_cast<std::uint16_t>(1 + step);
    const bool open = port == 22 || port == 80 || port == 443;
    return probe(key(foreign_, target_, port), episode_.exporter, begin, true, open);
  }

 private:
  std::uint32_t target_;
};

/// Malware that asks for orders: a short connection, again and again.
class Beacon final : public Steady {
 public:
  static constexpr double jitter = 0.2;
  Beacon(const Episode& episode, const Site& site, std::uint64_t seed)
      : Steady(episode, site, seed, count(episode), jitter), infected_(inside(Role::client)) {}
  Label label() const override {
    Label label = describe(infected_, foreign_, 443);
    label.note = fmt::format("every {:.1f} s give or take {:.0f} %",
                             static_cast<double>(distance()) / static_cast<double>(second), jitter * 50);
    return label;
  }
  Conversation converse(std::uint32_t, Time begin) override {
    ConversationBuilder builder(key(infected_, foreign_, 443), episode_.exporter);
    builder.add(exchange(begin, 420 + random_.below(40), 180 + random_.below(20)));
    builder.finish(random_, End::closed);
    return builder.take();
  }

 private:
  static std::uint32_t count(const Episode& episode) {
    const auto minutes = static_cast<std::uint32_t>(episode.span / minute);
    return std::max<std::uint32_t>(minutes, 12);
  }
  std::uint32_t infected_;
};

/// SYNs of many that are not who they say, against one server.
class Flood final : public Steady {
 public:
  Flood(const Episode& episode, const Site& site, std::uint64_t seed)
      : Steady(episode, site, seed, share_of(episode, 1, 200, 100'000), 1), victim_(inside(Role::web)) {}
  Label label() const override {
    Label label = describe(0, victim_, 443);
    label.src = "198.19.0.0/16";
    label.note = "SYN";
    return label;
  }
  Conversation converse(std::uint32_t, Time begin) override {
    const Key spoofed{site_.spoofed(random_), victim_, port_above(1024, random_), 443, tcp_proto, 0};
    // The server answers as long as it has room.
    Conversation conversation = probe(spoofed, episode_.exporter, begin, random_.chance(0.35), true);
    conversation.up.trains.resize(1);
    conversation.up.ends = false;
    conversation.up.last_flags = conversation.up.middle_flags = tcp::syn;
    return conversation;
  }

 private:
  std::uint32_t victim_;
};

/// A large upload to one foreign host, in a few connections.
class Exfiltration final : public Steady {
 public:
  Exfiltration(const Episode& episode, const Site& site, std::uint64_t seed)
      : Steady(episode, site, seed, 3, 0), thief_(inside(Role::client)) {}
  Label label() const override {
    Label label = describe(thief_, foreign_, 443);
    label.note = "upload";
    return label;
  }
  Conversation converse(std::uint32_t, Time begin) override {
    const double speed = random_.uniform(1.5e6, 4e6);
    const double bytes = speed * static_cast<double>(distance()) / static_cast<double>(second) * 0.9;
    ConversationBuilder builder(key(thief_, foreign_, 443), episode_.exporter);
    builder.add(exchange(begin, std::min(bytes, 1.5e9), 4000, speed));
    builder.finish(random_, End::closed);
    return builder.take();
  }

 private:
  std::uint32_t thief_;
};

/// Password after password for SSH.
class Bruteforce final : public Steady {
 public:
  Bruteforce(const Episode& episode, const Site& site, std::uint64_t seed)
      : Steady(episode, site, seed, share_of(episode, 0.05, 30, 400), 0.6), server_(inside(Role::file)) {}
  Label label() const override {
    Label label = describe(foreign_, server_, 22);
    label.note = "SSH";
    return label;
  }
  Conversation converse(std::uint32_t, Time begin) override {
    ConversationBuilder builder(key(foreign_, server_, 22), episode_.exporter);
    const Time end = builder.add(exchange(begin, 1500 + random_.below(100), 1800 + random_.below(100), 2e4));
    const auto thinks = static_cast<Duration>(random_.uniform(0.8, 2.2) * static_cast<double>(second));
    builder.add(exchange(end + thinks, 150, 90, 2e4));
    builder.finish(random_, End::closed);
    return builder.take();
  }

 private:
  std::uint32_t server_;
};

}  // namespace

std::unique_ptr<Misbehaviour> make_misbehaviour(const Episode& episode, const Site& site, std::uint64_t seed) {
  switch (episode.kind) {
    case Kind::scan:
      if (episode.nth % 2 == 0) return std::make_unique<HorizontalScan>(episode, site, seed);
      return std::make_unique<VerticalScan>(episode, site, seed);
    case Kind::beacon: return std::make_unique<Beacon>(episode, site, seed);
    case Kind::flood: return std::make_unique<Flood>(episode, site, seed);
    case Kind::exfiltration: return std::make_unique<Exfiltration>(episode, site, seed);
    case Kind::bruteforce: return std::make_unique<Bruteforce>(episode, site, seed);
    default: return nullptr;
  }
}

}  // namespace flowspan::simulate
