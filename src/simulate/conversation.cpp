// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/conversation.hpp"

#include <algorithm>
#include <cmath>

namespace flowspan::simulate {
namespace {

constexpr std::uint8_t icmp = 1, tcp_proto = 6;
constexpr std::uint16_t echo_request = 0x0800, echo_reply = 0x0000;
constexpr std::uint64_t tcp_headers = 52;  // IP, TCP, time stamp option
constexpr std::uint64_t udp_headers = 28;
constexpr std::uint64_t syn_bytes = 60;
constexpr std::uint64_t rst_bytes = 40;
constexpr std::uint64_t smallest_payload = 12;
constexpr double most_bytes = 4e9;  // of one exchange
constexpr Duration most_linger = 2 * second;

/// Packets and bytes on the wire.
struct Amount {
  std::uint32_t packets = 0;
  std::uint64_t bytes = 0;
};

Amount data(double payload_bytes, std::uint16_t payload, std::uint64_t headers) {
  const auto bytes =
      static_cast<std::uint64_t>(std::clamp(payload_bytes, static_cast<double>(smallest_payload), most_bytes));
  const auto packets = static_cast<std::uint32_t>((bytes + payload - 1) / payload);
  // The last packet is seldom full, but never smaller than a header with something in it.
  return {packets, std::max(bytes, smallest_payload * packets) + headers * packets};
}

void acknowledge(Amount& amount, std::uint32_t packets, std::uint8_t proto) {
  if (packets < 2) return;
  const std::uint32_t acks = proto == tcp_proto ? packets / 2 : packets / 6;  // QUIC's are rarer
  amount.packets += acks;
  amount.bytes += acks * (proto == tcp_proto ? tcp_headers : udp_headers + smallest_payload + 4);
}

void add_train(Stream& stream, Time first, Duration lasts, const Amount& amount) {
  const Duration spacing = amount.packets > 1 ? lasts / (amount.packets - 1) : 0;
  stream.trains.push_back({first, spacing, amount.packets, amount.bytes});
}

}  // namespace

ConversationBuilder::ConversationBuilder(const Key& key, unsigned exporter) {
  conversation_.up.key = key;
  conversation_.down.key = {key.dst, key.src, key.dst_port, key.src_port, key.proto, key.tos};
  if (key.proto == icmp) {
    conversation_.up.key.dst_port = echo_request;
    conversation_.down.key.dst_port = echo_reply;
    conversation_.up.key.src_port = conversation_.down.key.src_port = 0;
  }
  conversation_.up.exporter = conversation_.down.exporter = exporter;
  conversation_.down.answer = true;
}

Time ConversationBuilder::add(const Exchange& exchange) {
  const std::uint8_t proto = conversation_.up.key.proto;
  const std::uint64_t headers = proto == tcp_proto ? tcp_headers : udp_headers;
  Amount up = data(exchange.request, exchange.payload, headers);
  Amount down = data(exchange.response, exchange.payload, headers);
  const std::uint32_t asked = up.packets;
  acknowledge(up, down.packets, proto);
  acknowledge(down, asked, proto);
  const auto larger = static_cast<double>(std::max(up.bytes, down.bytes));
  const auto lasts = static_cast<Duration>(larger / exchange.speed * static_cast<double>(second));
  if (proto == tcp_proto && conversation_.up.trains.empty()) shake_hands(exchange);
  const Time begin = std::max(exchange.begin, free_from_);
  add_train(conversation_.up, begin, lasts, up);
  add_train(conversation_.down, begin + exchange.way, lasts, down);
  return free_from_ = begin + lasts + exchange.way + millisecond;
}

/// SYN and ACK there, SYN with ACK back.
void ConversationBuilder::shake_hands(const Exchange& exchange) {
  const Duration way = exchange.way + millisecond / 10;
  conversation_.up.trains.push_back({exchange.begin, way, 2, syn_bytes + tcp_headers});
  conversation_.down.trains.push_back({exchange.begin + exchange.way, 0, 1, syn_bytes});
  conversation_.up.first_flags = tcp::syn;
  conversation_.down.first_flags = tcp::syn | tcp::ack;
  free_from_ = exchange.begin + way + millisecond / 10;
}

Time ConversationBuilder::add_equal(const Exchange& exchange) {
  const double bytes = std::clamp(exchange.request, static_cast<double>(exchange.payload), most_bytes);
  Amount amount;
  amount.packets = static_cast<std::uint32_t>(bytes / exchange.payload);
  amount.bytes = amount.packets * (exchange.payload + (conversation_.up.key.proto == icmp ? 20 : udp_headers));
  const auto lasts =
      static_cast<Duration>((amount.packets - 1) * exchange.payload / exchange.speed * static_cast<double>(second));
  const Time begin = std::max(exchange.begin, free_from_);
  add_train(conversation_.up, begin, lasts, amount);
  add_train(conversation_.down, begin + exchange.way, lasts, amount);
  return free_from_ = begin + lasts + exchange.way + millisecond;
}

void ConversationBuilder::finish(Random& random, End end) {
  Stream& up = conversation_.up;
  Stream& down = conversation_.down;
  if (up.key.proto != tcp_proto || up.trains.empty()) return;
  for (Stream* stream : {&up, &down}) {
    stream->middle_flags = stream->last_flags = tcp::ack | tcp::psh;
    stream->linger = static_cast<Duration>(random.uniform() * static_cast<double>(most_linger));
  }
  if (end == End::silent) return;
  up.ends = true;
  if (end == End::reset) {
    up.last_flags = tcp::rst | tcp::ack;
    up.trains.push_back({free_from_, 0, 1, rst_bytes});
    return;
  }
  down.ends = true;
  up.last_flags = down.last_flags = tcp::fin | tcp::ack;
  up.trains.push_back({free_from_, millisecond, 2, 2 * tcp_headers});
  down.trains.push_back({free_from_ + millisecond, millisecond, 2, 2 * tcp_headers});
}

Conversation unanswered(const Key& key, unsigned exporter, Time begin) {
  ConversationBuilder builder(key, exporter);
  Conversation conversation = builder.take();
  Stream& up = conversation.up;
  up.first_flags = up.middle_flags = up.last_flags = tcp::syn;
  up.trains = {{begin, second, 2, 2 * syn_bytes}, {begin + 3 * second, 0, 1, syn_bytes}};
  return conversation;
}

Conversation refused(const Key& key, unsigned exporter, Time begin, Duration way) {
  ConversationBuilder builder(key, exporter);
  Conversation conversation = builder.take();
  conversation.up.first_flags = conversation.up.last_flags = tcp::syn;
  conversation.up.trains = {{begin, 0, 1, syn_bytes}};
  conversation.down.first_flags = conversation.down.last_flags = tcp::rst | tcp::ack;
  conversation.down.ends = true;
  conversation.down.linger = second;
  conversation.down.trains = {{begin + way, 0, 1, rst_bytes}};
  return conversation;
}

}  // namespace flowspan::simulate
