// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/senders.hpp"

#include <optional>

namespace flowspan::simulate {
namespace {

constexpr std::uint32_t first_address = 0x7F00'0101;  // 127.0.1.1
constexpr std::uint32_t in_a_row = 254;               // no address ends in 0 or 255

Ip loopback_address(unsigned exporter) {
  return Ip::v4(first_address + (exporter / in_a_row << 8) + exporter % in_a_row);
}

bool is_loopback(const Ip& ip) { return ip.is_v4() && ip.as_v4() >> 24 == 127; }

}  // namespace

Result<Senders> Senders::open(const source::Address& target, unsigned exporters) {
  Senders senders;
  senders.own_addresses_ = is_loopback(target.ip);
  for (unsigned i = 0; i < exporters; ++i) {
    std::optional<Ip> from;
    if (senders.own_addresses_) from = loopback_address(i);
    auto sender = source::UdpSender::open(target, send_buffer, from);
    if (!sender) {
      if (i > 0) return fail(sender.error().text + "; a smaller --exporters needs fewer sockets");
      // Not every system has all of 127.0.0.0/8.
      if (senders.own_addresses_) sender = source::UdpSender::open(target, send_buffer);
      senders.own_addresses_ = false;
      if (!sender) return fail(std::move(sender.error()));
    }
    senders.senders_.push_back(std::move(*sender));
  }
  return senders;
}

void Senders::send(unsigned exporter, Bytes payload) {
  Datagram datagram;
  datagram.payload = payload;
  senders_[exporter]->send_waiting({&datagram, 1});
}

source::SendCounters Senders::counters() const {
  source::SendCounters sum;
  for (const auto& sender : senders_) {
    const auto counters = sender->counters();
    sum.sent += counters.sent;
    sum.refused += counters.refused;
    sum.unreachable += counters.unreachable;
  }
  return sum;
}

std::string Senders::name(unsigned exporter) const { return senders_[exporter]->local().ip.to_string(); }

}  // namespace flowspan::simulate
