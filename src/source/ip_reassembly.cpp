// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/ip_reassembly.hpp"

#include <algorithm>
#include <cstring>

namespace flowspan::source {
namespace {

constexpr std::uint32_t largest_payload = 65535;
// What a packet and a piece of it cost beside their bytes, rounded up.
constexpr std::size_t packet_overhead = 256;
constexpr std::size_t piece_overhead = 64;

}  // namespace

std::size_t Reassembly::KeyHash::operator()(const FragmentKey& key) const noexcept {
  const std::hash<Ip> hash;
  std::size_t x = hash(key.from) * 31 + hash(key.to);
  x = x * 31 + key.id;
  return x * 31 + key.protocol + (key.v6 ? 256 : 0);
}

void Reassembly::charge(Partial& partial, std::size_t bytes) {
  partial.cost += bytes;
  bytes_ += bytes;
}

void Reassembly::drop(Partials::iterator partial) {
  bytes_ -= partial->cost;
  by_key_.erase(partial->key);
  partials_.erase(partial);
}

void Reassembly::expire(Time time) {
  // A clock that steps back must not keep packets for ever, nor may one that leaps make the arithmetic overflow.
  latest_ = partials_.empty() ? time : std::max(latest_, time);
  while (!partials_.empty()) {
    const Partial& oldest = partials_.front();
    if (static_cast<std::uint64_t>(latest_) - static_cast<std::uint64_t>(oldest.started) <= std::uint64_t{timeout} ||
        oldest.started > latest_)
      break;
    if (!oldest.poisoned) ++counters_.incomplete;
    drop(partials_.begin());
  }
}

void Reassembly::make_room(std::size_t bytes) {
  while (!partials_.empty() && (partials_.size() >= max_packets || bytes_ + bytes > max_bytes)) {
    if (!partials_.front().poisoned) ++counters_.crowded_out;
    drop(partials_.begin());
  }
}

// The packet is given up, but its key stays for the timeout, so that its later fragments do not start it anew.
void Reassembly::poison(Partial& partial) {
  ++counters_.overlapping;
  partial.poisoned = true;
  partial.pieces = {};
  bytes_ -= partial.cost - packet_overhead;
  partial.cost = packet_overhead;
}

std::optional<Reassembly::Packet> Reassembly::add(Time time, const FragmentKey& key, const Fragment& fragment) {
  ++counters_.fragments;
  expire(time);
  const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(fragment.payload.size(), largest_payload + 1));
  const std::uint32_t end = fragment.offset + size;
  // Every fragment but the last is a multiple of 8 bytes (RFC 791 3.2), and none is empty.
  if (size == 0 || fragment.offset > largest_payload || end > largest_payload || (fragment.more && size % 8 != 0)) {
    ++counters_.bad_fragments;
    return std::nullopt;
  }
  auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    make_room(packet_overhead + piece_overhead + size);
    partials_.push_back({});
    partials_.back().key = key;
    partials_.back().started = latest_;
    found = by_key_.emplace(key, std::prev(partials_.end())).first;
    charge(partials_.back(), packet_overhead);
  }
  const auto partial = found->second;
  if (partial->poisoned) return std::nullopt;

  const auto after = std::lower_bound(partial->pieces.begin(), partial->pieces.end(), fragment.offset,
                                      [](const Piece& piece, std::uint32_t offset) { return piece.offset < offset; });
  if (after != partial->pieces.end() && after->offset == fragment.offset && after->payload.size() == size &&
      std::equal(after->payload.begin(), after->payload.end(), fragment.payload.begin())) {
    ++counters_.duplicate;
    return std::nullopt;
  }
  const bool over_next = after != partial->pieces.end() && after->offset < end;
  const bool over_previous =
      after != partial->pieces.begin() && std::prev(after)->offset + std::prev(after)->payload.size() > fragment.offset;
  const bool over_end = partial->length != 0 && (fragment.more ? end >= partial->length : end != partial->length);
  const bool before_others = !fragment.more && !partial->pieces.empty() &&
                             partial->pieces.back().offset + partial->pieces.back().payload.size() > end;
  if (over_next || over_previous || over_end || before_others) {
    poison(*partial);
    return std::nullopt;
  }
  if (bytes_ + size + piece_overhead > max_bytes) {
    // Older packets make room; this one must not, for it is in use.
    partials_.splice(partials_.end(), partials_, partial);
    while (partials_.size() > 1 && bytes_ + size + piece_overhead > max_bytes) {
      if (!partials_.front().poisoned) ++counters_.crowded_out;
      drop(partials_.begin());
    }
  }
  partial->pieces.insert(after, {fragment.offset, {fragment.payload.begin(), fragment.payload.end()}});
  charge(*partial, size + piece_overhead);
  partial->received += size;
  if (!fragment.more) partial->length = end;
  if (fragment.offset == 0) partial->protocol = fragment.protocol;
  if (partial->length == 0 || partial->received != partial->length) return std::nullopt;

  whole_.resize(partial->length);
  for (const Piece& piece : partial->pieces)
    std::memcpy(whole_.data() + piece.offset, piece.payload.data(), piece.payload.size());
  ++counters_.reassembled;
  counters_.fragments_used += partial->pieces.size();
  const Packet packet{partial->protocol, whole_};
  drop(partial);
  return packet;
}

void Reassembly::finish() {
  for (const Partial& partial : partials_)
    if (!partial.poisoned) ++counters_.incomplete;
  partials_.clear();
  by_key_.clear();
  bytes_ = 0;
}

}  // namespace flowspan::source
