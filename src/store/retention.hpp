// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "store/store.hpp"

namespace flowspan::store {

/// What of the file system is to stay free: the larger of the two.
struct MinFree {
  double fraction = 0;
  std::uint64_t bytes = 0;
};

struct RetentionRules {
  std::optional<Duration> keep = {};             ///< flows received (imports: imported) longer ago go
  std::optional<std::uint64_t> keep_bytes = {};  ///< of segment files; the oldest go first
  std::optional<MinFree> min_free = {};
  Duration unlink_after = Store::default_unlink_after;
};

/// What retention did, for the log.
struct RetentionReport {
  std::uint64_t segments = 0;  ///< retired now
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint64_t imports = 0;   ///< whose last segment went
  std::optional<Time> oldest;  ///< the time of what was retired
  std::optional<Time> newest;
  std::uint64_t unlinked = 0;  ///< files removed from the disk now
  bool by_age = false;
  bool by_bytes = false;
  bool by_space = false;
  bool at_once = false;  ///< the disk was so full that files went without waiting for questions

  /// "retired 3 segments (1,234,567 flows, 40 MiB) received until 2026-11-23T16:00:00Z: older than 90d"
  std::string text() const;
  bool any() const { return segments != 0 || unlinked != 0; }
};

/// Retires what the rules say in one transaction and unlinks what was retired `unlink_after` ago. When less than half of
/// min_free is left, retired files are unlinked at once. Only segments go, never journals or quarantine.
Result<RetentionReport> apply_retention(Store& store, const RetentionRules& rules, Time now);

/// The disk is full: gives the reserve back, unlinks everything retired, and retires and unlinks the oldest segments
/// until `bytes` are free or no segment is left. Makes the reserve again if there is room.
Result<RetentionReport> make_room(Store& store, std::uint64_t bytes, Time now);

}  // namespace flowspan::store
