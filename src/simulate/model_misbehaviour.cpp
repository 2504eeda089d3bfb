// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// The part of the model that plays misbehaviour and keeps its labels.

#include <fmt/format.h>

#include <algorithm>

#include "simulate/model.hpp"
#include "simulate/schedule.hpp"

namespace flowspan::simulate {

void Network::Model::begin_period(std::uint32_t period) {
  for (const Episode& episode : schedule(plan_, period)) {
    const auto index = static_cast<std::uint32_t>(acting_.size());
    Acting& acting = acting_.emplace_back(Acting{episode, make_misbehaviour(episode, site_, plan_.seed), 0});
    Label label;
    label.kind = episode.kind;
    label.exporter = episode.exporter;
    labels.push_back(acting.misbehaviour ? acting.misbehaviour->label() : label);
    if (acting.misbehaviour) {
      push(acting.misbehaviour->time_of(0), Happening::step, index);
    } else {
      push(episode.begin, episode.kind == Kind::loss ? Happening::loss : Happening::restart, index);
    }
  }
  if (!plan_.flows && !plan_.duration)
    push(plan_.start + period_of(plan_) * (period + 1), Happening::period, period + 1);
}

void Network::Model::take_step(std::uint32_t index, Time now) {
  Acting& acting = acting_[index];
  Random random{plan_.seed, 0x57E9, index, acting.step};
  admit(acting.misbehaviour->converse(acting.step, now), index, random);
  if (++acting.step < acting.misbehaviour->steps())
    push(acting.misbehaviour->time_of(acting.step), Happening::step, index);
  else
    acting.misbehaviour.reset();
}

void Network::Model::begin_loss(std::uint32_t index) {
  const Episode& episode = acting_[index].episode;
  const double share = loss_random_.uniform(0.1, 0.4);
  paths_[episode.exporter] = {index, share, true};
  labels[index].note = fmt::format("{:.0f} % of the datagrams", share * 100);
  push(episode.begin + episode.span, Happening::loss_over, index);
}

void Network::Model::end_loss(std::uint32_t index) {
  Path& path = paths_[acting_[index].episode.exporter];
  if (path.label == index) path = {};
}

/// The label of the loss that takes the exporter's next datagram, or no_label.
std::uint32_t Network::Model::loss_of(std::uint32_t exporter) {
  Path& path = paths_[exporter];
  if (path.label == no_label) return no_label;
  const bool lost = path.certain || loss_random_.chance(path.share);
  path.certain = false;
  return lost ? path.label : no_label;
}

void Network::Model::restart(std::uint32_t index, Time now) {
  const Episode& episode = acting_[index].episode;
  Router& router = routers_[episode.exporter];
  Label& label = labels[index];
  label.start = now;
  label.end = now + episode.span;
  label.note =
      fmt::format("after SysUptime {} ms and sequence {}", (now - router.booted()) / millisecond, router.sequence());
  exported_ -= router.waiting().size();
  router.restart(label.end);
}

void Network::Model::count(const Outgoing& outgoing) {
  const Record& record = outgoing.record;
  ++sums.flows;
  sums.bytes += record.bytes;
  sums.packets += record.packets;
  if (outgoing.label == no_label) return;
  Label& label = labels[outgoing.label];
  const bool first = label.flows + label.answers == 0;
  label.start = first ? record.first : std::min(label.start, record.first);
  label.end = first ? record.last : std::max(label.end, record.last);
  if (outgoing.answer) {
    ++label.answers;
    return;
  }
  ++label.flows;
  label.packets += record.packets;
  label.bytes += record.bytes;
}

void Network::Model::count_lost(const Pending& pending) {
  ++sums.lost_datagrams;
  sums.lost_flows += pending.datagram.flows;
  Label& label = labels[pending.loss_label];
  if (label.datagrams == 0) label.start = pending.datagram.time;
  label.end = pending.datagram.time;
  label.flows += pending.datagram.flows;
  ++label.datagrams;
}

}  // namespace flowspan::simulate
