// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/model.hpp"

#include <algorithm>
#include <array>

#include "simulate/schedule.hpp"

namespace flowspan::simulate {
namespace {

/// Before the start, so that the routers' caches are full of flows then: half an hour, which the longest conversations
/// take, but no longer than some hundred thousand flows do, if that still fills the caches.
Duration warm_up(const Plan& plan) {
  constexpr double flows = 300'000;
  const Duration enough = 30 * minute + plan.timeouts.active + plan.timeouts.idle;
  const auto affordable = static_cast<Duration>(std::min(flows / plan.rate, 1e5) * static_cast<double>(second));
  return std::clamp(affordable, std::min(plan.timeouts.idle + 5 * second, enough), enough);
}

/// How many records a conversation makes on average within `horizon`, measured.
double records_per_conversation(const Plan& plan, const Site& site, Duration horizon) {
  constexpr unsigned conversations = 20'000;
  std::uint64_t records = 0;
  for (unsigned i = 0; i < conversations; ++i) {
    Random random{plan.seed, 0xCA11, i};
    const Conversation conversation = converse(site, 0, 0, random);
    for (const Stream* stream : {&conversation.up, &conversation.down}) {
      Metering metering(sample(*stream, plan.sampling, random), plan.timeouts);
      Part part;
      while (metering.next(part) && part.exported < horizon) ++records;
    }
  }
  return static_cast<double>(std::max<std::uint64_t>(records, 1)) / conversations;
}

}  // namespace

Network::Model::Model(const Plan& plan)
    : plan_(plan), site_(plan.seed), curve_(plan.flat), paths_(plan.exporters), loss_random_{plan.seed, 0x1055} {
  const Duration warm = warm_up(plan_);
  mean_gap_ = records_per_conversation(plan_, site_, warm + period_of(plan_) / 2) / plan_.rate;
  Random random{plan_.seed, 0xB007};
  for (unsigned i = 0; i < plan_.exporters; ++i) {
    Router::Identity identity;
    identity.version = plan_.version;
    identity.address = Site::router_address(i);
    identity.engine = plan_.engine_of(i);
    identity.scheme = std::array{Scheme::prefix, Scheme::as, Scheme::proto_port}[i % 3];
    identity.sampling = static_cast<std::uint16_t>(plan_.sampling > 1 ? plan_.sampling : 0);
    const Duration up = day + random.below(40 * 24 * 3600) * second;
    routers_.emplace_back(identity, (plan_.start - up) / millisecond * millisecond);
  }
  plan_conversation(plan_.start - warm);
  if (!plan_.with.empty()) push(plan_.start, Happening::period, 0);
}

void Network::Model::push(Time time, Happening happening, std::uint32_t index) {
  queue_.push({time, events_++, happening, index});
}

std::optional<Time> Network::Model::due() {
  while (outbox_.empty() && !ended_) {
    const Event event = queue_.top();  // never empty: there is always a next conversation
    if (plan_.duration && event.time >= plan_.start + *plan_.duration) {
      end(plan_.start + *plan_.duration);
      break;
    }
    queue_.pop();
    handle(event);
  }
  if (outbox_.empty()) return std::nullopt;
  return outbox_.front().datagram.time;
}

void Network::Model::handle(const Event& event) {
  switch (event.happening) {
    case Happening::conversation: return begin_conversation(event.time);
    case Happening::expiry: return expire(event.index, event.time);
    case Happening::flush:
      if (routers_[event.index].deadline() == event.time) flush(event.index, event.time);
      return;
    case Happening::period: return begin_period(event.index);
    case Happening::step: return take_step(event.index, event.time);
    case Happening::loss: return begin_loss(event.index);
    case Happening::loss_over: return end_loss(event.index);
    case Happening::restart: return restart(event.index, event.time);
  }
}

void Network::Model::end(Time now) {
  ended_ = true;
  for (unsigned i = 0; i < plan_.exporters; ++i) flush(i, now);
}

void Network::Model::plan_conversation(Time now) {
  Random random{plan_.seed, 0x6A9, conversations_};
  const double gap = random.exponential() * mean_gap_ / curve_.factor(now);
  push(now + static_cast<Duration>(gap * static_cast<double>(second)), Happening::conversation, 0);
}

void Network::Model::begin_conversation(Time now) {
  Random random{plan_.seed, 0xC0, conversations_++};
  const auto exporter = random.below(plan_.exporters);
  admit(converse(site_, exporter, now, random), no_label, random);
  plan_conversation(now);
}

void Network::Model::admit(const Conversation& conversation, std::uint32_t label, Random& random) {
  for (const Stream* side : {&conversation.up, &conversation.down}) {
    Stream stream = sample(*side, plan_.sampling, random);
    if (stream.trains.empty()) continue;
    stream.label = label;
    auto slot = static_cast<std::uint32_t>(cache_.size());
    if (free_slots_.empty()) {
      cache_.emplace_back();
    } else {
      slot = free_slots_.back();
      free_slots_.pop_back();
    }
    cache_[slot].emplace(Cached{Metering(std::move(stream), plan_.timeouts), {}});
    wait_for_next_part(slot);
  }
}

void Network::Model::wait_for_next_part(std::uint32_t slot) {
  Cached& cached = *cache_[slot];
  if (cached.metering.next(cached.part)) return push(cached.part.exported, Happening::expiry, slot);
  cache_[slot].reset();
  free_slots_.push_back(slot);
}

void Network::Model::expire(std::uint32_t slot, Time now) {
  Cached& cached = *cache_[slot];
  const Stream& stream = cached.metering.stream();
  const Time up_since = routers_[stream.exporter].up_since();
  if (cached.part.first < up_since)  // the cache it was in is gone
    cached.metering.skip_until(up_since);
  else if (now >= plan_.start)
    send({record_of(stream, cached.part), stream.label, stream.answer}, stream.exporter, now);
  if (!ended_) wait_for_next_part(slot);
}

void Network::Model::send(const Outgoing& outgoing, std::uint32_t exporter, Time now) {
  Router& router = routers_[exporter];
  ++exported_;
  if (router.add(outgoing, now))
    flush(exporter, now);
  else if (router.waiting().size() == 1)
    push(*router.deadline(), Happening::flush, exporter);
  if (plan_.flows && exported_ >= *plan_.flows) end(now);
}

void Network::Model::flush(std::uint32_t exporter, Time now) {
  Router& router = routers_[exporter];
  if (router.waiting().empty()) return;
  for (Exported& exported : router.flush(now)) {
    Pending pending;
    pending.records = std::move(exported.flows);
    pending.payload = std::move(exported.payload);
    pending.loss_label = loss_of(exporter);
    pending.datagram.time = now;
    pending.datagram.exporter = exporter;
    pending.datagram.flows = exported.records;
    pending.datagram.lost = pending.loss_label != no_label;
    outbox_.push_back(std::move(pending));
  }
}

Export Network::Model::take() {
  taken_ = std::move(outbox_.front());
  outbox_.pop_front();
  taken_.datagram.payload = taken_.payload;
  if (taken_.datagram.lost) {
    count_lost(taken_);
    return taken_.datagram;
  }
  ++sums.datagrams;
  for (const Outgoing& outgoing : taken_.records) count(outgoing);
  return taken_.datagram;
}

Record Network::Model::record_of(const Stream& stream, const Part& part) const {
  const Route from = site_.route(stream.key.src);
  const Route to = site_.route(stream.key.dst);
  Record record;
  record.src = stream.key.src;
  record.dst = stream.key.dst;
  record.next_hop = to.next_hop;
  record.in_if = from.interface;
  record.out_if = to.interface;
  record.packets = part.packets;
  record.bytes = part.bytes;
  record.first = part.first;
  record.last = part.last;
  record.src_port = stream.key.src_port;
  record.dst_port = stream.key.dst_port;
  record.tcp_flags = part.tcp_flags;
  record.proto = stream.key.proto;
  record.tos = stream.key.tos;
  record.src_as = from.as;
  record.dst_as = to.as;
  record.src_mask = from.mask;
  record.dst_mask = to.mask;
  return record;
}

}  // namespace flowspan::simulate
