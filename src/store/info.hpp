// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace flowspan::store {

/// What `flowspan store info` tells.
struct StoreInfo {
  std::string id;
  Time created = 0;
  std::string created_by;
  int format = 0;
  Totals totals;
  std::uint64_t raw_bytes = 0;
  std::uint64_t raw_packets = 0;
  std::uint64_t datagrams = 0;
  Loss loss;
  TimeBounds received;
  TimeBounds first;
  TimeBounds last;
  std::map<std::uint32_t, Totals> by_level;
  std::vector<ImportRecord> imports;
  std::vector<WriterState> writers;
  std::vector<Quarantined> quarantined;
  std::uint64_t journal_files = 0;
  std::uint64_t journal_bytes = 0;          ///< on disk
  std::uint64_t journal_backlog_bytes = 0;  ///< not yet committed
  std::uint64_t retired_files = 0;          ///< out of the catalog, still on disk
  std::uint64_t retired_bytes = 0;
  bool reserve = false;
  DiskSpace disk;
  std::vector<std::pair<std::string, std::string>> notes;  ///< e.g. the retention of the last collector

  /// 0 when there are no rows.
  double bytes_per_flow() const;
};

Result<StoreInfo> store_info(Store& store);
/// Only the sums, at no cost.
Result<Totals> store_totals(Store& store);

}  // namespace flowspan::store
