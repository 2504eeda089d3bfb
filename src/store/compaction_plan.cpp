// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "store/compaction.hpp"

namespace flowspan::store {
namespace {

/// Late flows of a day that is over wait so long for each other.
constexpr Duration late_wait = hour;

/// Segments that may be merged with each other: what was collected, or one import (its number), of one UTC day.
using Group = std::vector<const Segment*>;
using GroupKey = std::pair<std::int64_t, std::int64_t>;

std::int64_t day_of(Time time) { return time / day - (time % day < 0 ? 1 : 0); }

std::map<GroupKey, Group> group(std::span<const Segment> segments, const CompactionRules& rules) {
  std::map<GroupKey, Group> groups;
  for (const auto& segment : segments) {
    if (!segment.received.min || segment.knows_more) continue;
    if (segment.file_bytes >= (rules.all ? rules.target_bytes : rules.large_bytes)) continue;
    groups[{segment.import_id.value_or(0), day_of(*segment.received.min)}].push_back(&segment);
  }
  for (auto& [key, members] : groups)
    std::sort(members.begin(), members.end(), [](const Segment* a, const Segment* b) {
      return std::tie(a->received.min, a->writer, a->sequence, a->id) <
             std::tie(b->received.min, b->writer, b->sequence, b->id);
    });
  return groups;
}

unsigned tier_of(std::uint64_t rows, const CompactionRules& rules) {
  unsigned tier = 0;
  for (std::uint64_t end = rules.tier_rows; rows >= end && tier < 32; end *= rules.tier_factor) ++tier;
  return tier;
}

/// Neighbours that are about to become one.
struct Candidate {
  Merge merge;
  std::uint64_t largest = 0;
  Time newest = 0;

  void add(const Segment& segment) {
    merge.inputs.push_back(segment.id);
    merge.rows += segment.rows;
    merge.file_bytes += segment.file_bytes;
    largest = std::max(largest, segment.rows);
    newest = std::max(newest, segment.committed_at);
  }
  /// Every row is then in a segment at least twice as large as before: it can be moved only O(log n) times.
  bool doubles() const { return largest <= merge.rows / 2; }
};

/// Cuts neighbours into candidates of up to target_bytes.
std::vector<Candidate> cut(std::span<const Segment* const> run, const CompactionRules& rules) {
  std::vector<Candidate> all(1);
  for (const Segment* segment : run) {
    if (!all.back().merge.inputs.empty() && all.back().merge.file_bytes + segment->file_bytes > rules.target_bytes)
      all.emplace_back();
    all.back().add(*segment);
  }
  return all;
}

/// A day that nothing more comes to: as few files as possible.
void plan_whole(const Group& members, const CompactionRules& rules, Time now, std::vector<Merge>& plan) {
  for (auto& candidate : cut(members, rules)) {
    if (candidate.merge.inputs.size() < 2) continue;
    if (rules.all || candidate.doubles() || candidate.newest <= now - late_wait)
      plan.push_back(std::move(candidate.merge));
  }
}

/// A day in progress: runs of neighbours of at most one tier, the lowest tiers first.
void plan_tiers(const Group& members, const CompactionRules& rules, std::vector<Merge>& plan) {
  std::vector<unsigned> tiers;
  tiers.reserve(members.size());
  for (const Segment* segment : members) tiers.push_back(tier_of(segment->rows, rules));
  const unsigned highest = tiers.empty() ? 0 : *std::max_element(tiers.begin(), tiers.end());
  std::vector<bool> used(members.size());
  for (unsigned tier = 0; tier <= highest; ++tier) {
    for (std::size_t begin = 0; begin < members.size();) {
      std::size_t end = begin;
      while (end < members.size() && tiers[end] <= tier && !used[end]) ++end;
      std::size_t at = begin;
      for (auto& candidate : cut(std::span(members).subspan(begin, end - begin), rules)) {
        const auto count = candidate.merge.inputs.size();
        if (count >= rules.fan_in && candidate.doubles()) {
          for (std::size_t i = at; i < at + count; ++i) used[i] = true;
          plan.push_back(std::move(candidate.merge));
        }
        at += count;
      }
      begin = end + 1;
    }
  }
}

}  // namespace

std::vector<Merge> plan_compaction(std::span<const Segment> segments, const CompactionRules& rules, Time now) {
  std::vector<Merge> plan;
  for (const auto& [key, members] : group(segments, rules)) {
    const auto [import, number] = key;
    const bool is_over = import != 0 || day_of(now - rules.day_over) > number;
    if (is_over || rules.all)
      plan_whole(members, rules, now, plan);
    else
      plan_tiers(members, rules, plan);
  }
  return plan;
}

}  // namespace flowspan::store
