// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/metering.hpp"

#include <algorithm>
#include <limits>

namespace flowspan::simulate {
namespace {

constexpr std::uint64_t counter_limit = std::numeric_limits<std::uint32_t>::max();

/// Number of the first packet at or after `time`; train.packets when there is none.
std::uint32_t first_at(const Train& train, Time time) {
  if (time <= train.first) return 0;
  if (train.spacing == 0) return train.packets;
  const Duration packet = (time - train.first + train.spacing - 1) / train.spacing;
  return static_cast<std::uint32_t>(std::min<Duration>(packet, train.packets));
}

}  // namespace

bool Metering::next(Part& part) {
  if (at_end()) return false;
  part = {};
  part.first = part.last = stream_.trains[train_].time_of(packet_);
  const Time deadline = part.first + timeouts_.active;
  while (count_train(part, deadline)) {
  }
  if (part.expiry == Expiry::counter_full) return true;
  const bool ended = at_end() && stream_.ends;
  const Time silent = part.last + (ended ? stream_.linger : timeouts_.idle);
  part.exported = std::min(silent, deadline);
  part.expiry = deadline < silent ? Expiry::active : ended ? Expiry::ended : Expiry::idle;
  return true;
}

/// Counts packets of the present train; whether the next train's may belong to the part as well.
bool Metering::count_train(Part& part, Time deadline) {
  if (at_end()) return false;
  const Train& train = stream_.trains[train_];
  const bool fresh = part.packets == 0;
  const Time expires = fresh ? deadline : std::min(deadline, part.last + timeouts_.idle);
  if (!fresh && train.time_of(packet_) >= expires) return false;
  const bool sparse = train.spacing >= timeouts_.idle;
  std::uint32_t end = sparse ? packet_ + 1 : std::max(first_at(train, deadline), packet_ + 1);
  const std::uint64_t largest = train.bytes / train.packets + 1;
  const std::uint64_t room = std::min((counter_limit - part.bytes) / largest, counter_limit - part.packets);
  if (end - packet_ > room) {
    if (room > 0) count_packets(part, packet_ + static_cast<std::uint32_t>(room));
    part.exported = part.last;
    part.expiry = Expiry::counter_full;
    return false;
  }
  count_packets(part, end);
  return packet_ == 0;  // the train is through
}

void Metering::count_packets(Part& part, std::uint32_t end) {
  const Train& train = stream_.trains[train_];
  part.tcp_flags |= flags_of(end);
  part.packets += end - packet_;
  part.bytes += static_cast<std::uint32_t>(train.bytes_before(end) - train.bytes_before(packet_));
  part.last = train.time_of(end - 1);
  packet_ = end;
  if (packet_ == train.packets) {
    ++train_;
    packet_ = 0;
  }
}

/// Of the packets from the present one up to, not including, `end` of this train.
std::uint8_t Metering::flags_of(std::uint32_t end) const {
  const bool first = train_ == 0 && packet_ == 0;
  const bool last = train_ + 1 == stream_.trains.size() && end == stream_.trains[train_].packets;
  const std::uint32_t others = end - packet_ - (first ? 1u : 0u) - (last && !(first && end == 1) ? 1u : 0u);
  std::uint8_t flags = others > 0 ? stream_.middle_flags : std::uint8_t{0};
  if (first) flags |= stream_.first_flags;
  if (last) flags |= stream_.last_flags;
  return flags;
}

void Metering::skip_until(Time time) {
  while (!at_end()) {
    const Train& train = stream_.trains[train_];
    packet_ = std::max(packet_, first_at(train, time));
    if (packet_ < train.packets) return;
    ++train_;
    packet_ = 0;
  }
}

}  // namespace flowspan::simulate
