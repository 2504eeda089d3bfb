// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "exporter/exporters.hpp"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace flowspan::exporter {
namespace {

// Secret, so that the buckets of addresses can not be foreseen; it has no influence on what is remembered.
std::uint64_t new_seed() {
  std::random_device random;
  return std::uint64_t{random()} << 32 | random();
}

void count(Sender& sender, const Datagram& datagram, std::uint16_t version) {
  ++sender.counters.datagrams;
  sender.counters.bytes_received += datagram.payload.size();
  if (sender.counters.datagrams == 1) sender.first_seen = sender.last_seen = datagram.received;
  sender.last_seen = std::max(sender.last_seen, datagram.received);
  sender.last_version = version;
  sender.last_port = datagram.from.port;
}

// All entries, the one not heard for longest first: the order in which they are inserted again.
template <typename Entry>
std::vector<Entry> oldest_first(const LruTable<Entry>& table) {
  std::vector<Entry> entries;
  entries.reserve(table.size());
  table.for_each([&](const Entry& entry) { entries.push_back(entry); });
  std::reverse(entries.begin(), entries.end());
  return entries;
}

template <typename Entry>
std::vector<Entry> merged(const LruTable<Entry>& ours, const LruTable<Entry>& theirs) {
  const std::vector<Entry> a = oldest_first(ours);
  const std::vector<Entry> b = oldest_first(theirs);
  std::vector<Entry> all;
  all.reserve(a.size() + b.size());
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all),
             [](const Entry& x, const Entry& y) { return x.last_seen < y.last_seen; });
  return all;
}

// The earlier of two entries of one address goes into the later one.
void absorb(Sender& later, const Sender& earlier) {
  later.counters += earlier.counters;
  later.first_seen = std::min(later.first_seen, earlier.first_seen);
  later.last_seen = std::max(later.last_seen, earlier.last_seen);
}

}  // namespace

Exporters::Exporters() : exporters_(new_seed()), strangers_(new_seed()) {}

Exporter& Exporters::exporter(const Datagram& datagram, std::uint16_t version) {
  Exporter* known = exporters_.use(datagram.from.ip);
  if (known == nullptr) {
    Exporter newcomer;
    newcomer.ip = datagram.from.ip;
    if (strangers_.use(datagram.from.ip) != nullptr) static_cast<Sender&>(newcomer) = strangers_.take(datagram.from.ip);
    known = &add(std::move(newcomer));
  }
  count(*known, datagram, version);
  return *known;
}

void Exporters::refuse(const Datagram& datagram, std::uint16_t version, Reason reason) {
  Sender* sender = exporters_.use(datagram.from.ip);
  if (sender == nullptr) sender = strangers_.use(datagram.from.ip);
  if (sender == nullptr && strangers_.size() < max_strangers) {
    Sender stranger;
    stranger.ip = datagram.from.ip;
    sender = &strangers_.insert(stranger);
  }
  if (sender == nullptr) {
    ++others_.datagrams;
    others_.bytes_received += datagram.payload.size();
    ++others_.errors[static_cast<std::size_t>(reason)];
    return;
  }
  count(*sender, datagram, version);
  ++sender->counters.errors[static_cast<std::size_t>(reason)];
}

SequenceNews Exporters::observe(Exporter& exporter, const EngineKey& engine, const Numbered& datagram) {
  const std::size_t before = exporter.engines.size();
  const bool may_grow = before < max_engines && engine_count_ < max_engines_of_all;
  Sequence& sequence = exporter.engines.use(engine, may_grow, exporter.counters);
  engine_count_ += exporter.engines.size() - before;
  return sequence.observe(datagram, exporter.counters, &drops_);
}

void Exporters::note_damaged(const Ip& ip, const EngineKey& engine, std::uint32_t from, std::uint32_t count) {
  Exporter* const exporter = exporters_.use(ip);
  Sequence* const sequence = exporter != nullptr ? exporter->engines.find(engine) : nullptr;
  if (sequence != nullptr) sequence->note_damaged(from, count);
}

Counters Exporters::totals() const {
  Counters totals = others_;
  const auto add_up = [&](const Sender& sender) { totals += sender.counters; };
  exporters_.for_each(add_up);
  strangers_.for_each(add_up);
  return totals;
}

Exporter& Exporters::add(Exporter exporter) {
  if (exporters_.size() == max_exporters) {
    const Exporter oldest = exporters_.take(exporters_.oldest().ip);
    others_ += oldest.counters;
    engine_count_ -= oldest.engines.size();
    ++forgotten_;
  }
  engine_count_ += exporter.engines.size();
  return exporters_.insert(std::move(exporter));
}

void Exporters::add(const Sender& stranger) {
  if (strangers_.size() == max_strangers)
    others_ += stranger.counters;
  else
    strangers_.insert(stranger);
}

Exporters Exporters::take_if(const std::function<bool(const Ip&)>& fits) {
  Exporters taken;
  taken.drops_ = drops_;
  taken.drops_.merge({});
  for (Exporter& exporter : oldest_first(exporters_)) {
    if (!fits(exporter.ip)) continue;
    engine_count_ -= exporter.engines.size();
    exporters_.take(exporter.ip);
    taken.add(std::move(exporter));
  }
  for (const Sender& stranger : oldest_first(strangers_)) {
    if (fits(stranger.ip)) taken.add(strangers_.take(stranger.ip));
  }
  return taken;
}

void Exporters::merge(Exporters&& other) {
  Exporters sum;
  sum.others_ = others_;
  sum.others_ += other.others_;
  sum.forgotten_ = forgotten_ + other.forgotten_;
  sum.drops_ = drops_;
  sum.drops_.merge(other.drops_);
  for (Exporter& exporter : merged(exporters_, other.exporters_)) {
    if (sum.exporters_.find(exporter.ip) != nullptr) {
      const Exporter earlier = sum.exporters_.take(exporter.ip);
      sum.engine_count_ -= earlier.engines.size();
      absorb(exporter, earlier);
    }
    sum.add(std::move(exporter));
  }
  for (Sender& stranger : merged(strangers_, other.strangers_)) {
    if (Exporter* known = sum.exporters_.use(stranger.ip)) {
      known->counters += stranger.counters;
      continue;
    }
    if (sum.strangers_.find(stranger.ip) != nullptr) absorb(stranger, sum.strangers_.take(stranger.ip));
    sum.add(stranger);
  }
  *this = std::move(sum);
}

}  // namespace flowspan::exporter
