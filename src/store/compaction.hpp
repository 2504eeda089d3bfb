// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/segment.hpp"
#include "store/store.hpp"

namespace flowspan::store {

struct CompactionRules {
  std::uint64_t tier_rows = 1'000;  ///< the first tier ends here, each further one at `tier_factor` times as many
  std::uint64_t tier_factor = 8;
  std::size_t fan_in = 8;                     ///< so many neighbours make a merge
  std::uint64_t large_bytes = 64ull << 20;    ///< from here on a segment is left alone
  std::uint64_t target_bytes = 512ull << 20;  ///< no merge is to be larger
  Duration day_over = hour;                   ///< after midnight, when the rest of a day is merged
  bool all = false;                           ///< by hand: large ones too, every day, as far as target_bytes allows
};

/// Segments that become one, in the order of their rows.
struct Merge {
  std::vector<std::int64_t> inputs;  ///< ids
  std::uint64_t rows = 0;
  std::uint64_t file_bytes = 0;
};

/// What is worth merging now. Merges share no segment; each is within one UTC day of received time and within the
/// collected flows or one import. A segment is merged with others only when its rows at least double by it (or a day ends), so that
/// a row is written O(log n) times.
std::vector<Merge> plan_compaction(std::span<const Segment> segments, const CompactionRules& rules, Time now);

struct CompactionOptions {
  CompactionRules rules = {};
  std::uint64_t memory_limit = 384ull << 20;
  /// Looked at between merges.
  const std::atomic<bool>* stop = nullptr;
  /// After each merge: how many are done, how many were planned.
  std::function<void(std::size_t, std::size_t)> progress = {};
  /// Lowers the priority of the calling thread (it belongs to the compaction).
  bool background = false;
};

struct CompactionReport {
  std::uint64_t merges = 0;
  std::uint64_t inputs = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;
  std::uint64_t skipped = 0;  ///< merges given up because retention or another process took an input
  std::uint64_t failed = 0;   ///< merges that went wrong (logged); their segments were kept as they are
  bool stopped = false;
  /// "merged 288 segments into 3 (432,000 flows, 20 MiB to 9 MiB)"
  std::string text() const;
};

/// Plans and merges until nothing is worth merging. busy when another process compacts. Inputs are retired, never
/// overwritten; a crash at any step leaves the catalog whole.
Result<CompactionReport> compact(Store& store, const CompactionOptions& options, Time now);

}  // namespace flowspan::store
