// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/router.hpp"

#include <algorithm>

namespace flowspan::simulate {

bool Router::add(const Outgoing& outgoing, Time now) {
  const bool aggregates = identity_.version == Version::v8;
  if (waiting_.empty()) deadline_ = now + (aggregates ? longest_aggregation : longest_wait);
  waiting_.push_back(outgoing);
  if (!aggregates) return waiting_.size() >= most_records(identity_.version);
  aggregate_.push_back(aggregation_.add(outgoing.record));
  return aggregation_.full();
}

Header Router::next_header(Time now, std::uint32_t records) {
  Header header;
  header.exported = now;
  header.booted = booted_;
  header.sequence = sequence_;
  header.engine = identity_.engine;
  header.sampling = identity_.sampling;
  header.router = identity_.address;
  sequence_ += records;
  return header;
}

std::vector<Exported> Router::flush(Time now) {
  if (identity_.version == Version::v8) return flush_aggregates(now);
  std::vector<Record> records;
  for (const Outgoing& outgoing : waiting_) records.push_back(outgoing.record);
  std::vector<Exported> all(1);
  all[0].records = static_cast<std::uint32_t>(records.size());
  encode(identity_.version, next_header(now, all[0].records), records, all[0].payload);
  all[0].flows = std::move(waiting_);
  forget();
  return all;
}

std::vector<Exported> Router::flush_aggregates(Time now) {
  const auto aggregates = aggregation_.aggregates();
  const std::size_t most = most_records(identity_.scheme);
  std::vector<Exported> all((aggregates.size() + most - 1) / most);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto part = aggregates.subspan(i * most, std::min(most, aggregates.size() - i * most));
    all[i].records = static_cast<std::uint32_t>(part.size());
    encode(identity_.scheme, next_header(now, all[i].records), part, all[i].payload);
  }
  for (std::size_t i = 0; i < waiting_.size(); ++i) all[aggregate_[i] / most].flows.push_back(waiting_[i]);
  forget();
  return all;
}

void Router::restart(Time up) {
  up_since_ = booted_ = up / millisecond * millisecond;
  sequence_ = 0;
  forget();
}

void Router::forget() {
  waiting_.clear();
  aggregation_.clear();
  aggregate_.clear();
  deadline_.reset();
}

}  // namespace flowspan::simulate
