// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/aggregation.hpp"

#include <algorithm>

namespace flowspan::simulate {
namespace {

std::uint32_t network(std::uint32_t address, unsigned mask) {
  return mask == 0 ? 0 : address & ~std::uint32_t{0} << (32 - mask);
}

/// Of a flow what its aggregate has in common with it; zero elsewhere.
Record common_of(Scheme scheme, const Record& flow) {
  Record common;
  if (scheme == Scheme::proto_port) {
    common.proto = flow.proto;
    common.src_port = flow.src_port;
    common.dst_port = flow.dst_port;
    return common;
  }
  common.src_as = flow.src_as;
  common.dst_as = flow.dst_as;
  common.in_if = flow.in_if;
  common.out_if = flow.out_if;
  if (scheme == Scheme::as) return common;
  common.src = network(flow.src, flow.src_mask);
  common.dst = network(flow.dst, flow.dst_mask);
  common.src_mask = flow.src_mask;
  common.dst_mask = flow.dst_mask;
  return common;
}

/// Sums have 32 bits.
bool has_room(const Record& sum, const Record& flow) {
  return sum.bytes + flow.bytes >= flow.bytes && sum.packets + flow.packets >= flow.packets;
}

}  // namespace

Aggregation::Key Aggregation::key_of(const Record& r) {
  return {r.src, r.dst, r.src_mask, r.dst_mask, r.src_as, r.dst_as, r.in_if, r.out_if, r.src_port, r.dst_port, r.proto};
}

std::size_t Aggregation::add(const Record& flow) {
  const Record common = common_of(scheme_, flow);
  const auto [known, is_new] = index_.try_emplace(key_of(common), aggregates_.size());
  if (is_new || !has_room(aggregates_[known->second].record, flow)) {
    known->second = aggregates_.size();
    Aggregate& aggregate = aggregates_.emplace_back(Aggregate{common, 0});
    aggregate.record.first = flow.first;
    aggregate.record.last = flow.last;
  }
  Aggregate& aggregate = aggregates_[known->second];
  ++aggregate.flows;
  aggregate.record.packets += flow.packets;
  aggregate.record.bytes += flow.bytes;
  aggregate.record.first = std::min(aggregate.record.first, flow.first);
  aggregate.record.last = std::max(aggregate.record.last, flow.last);
  return known->second;
}

void Aggregation::clear() {
  aggregates_.clear();
  index_.clear();
}

}  // namespace flowspan::simulate
