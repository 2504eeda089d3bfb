// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace flowspan::store {

/// Which time a window speaks of.
enum class TimeColumn {
  received,
  first,
  last,
  active,  ///< a flow is in the window when first_time .. last_time touches it
};

/// from <= time < to; an end that is not given is open.
struct Window {
  TimeColumn column = TimeColumn::last;
  std::optional<Time> from = {};
  std::optional<Time> to = {};
};

/// What a question reads, all as of one moment. The files stay for Store::default_unlink_after at least.
struct Snapshot {
  /// Segments that may have flows of the window, and those whose times are not known, by (received, writer, sequence).
  std::vector<Segment> segments;
  /// Active writers: the flows after their positions are in the journal only.
  std::vector<WriterState> writers;
  /// Stretches of journals after those positions that a reader must skip.
  std::vector<Quarantined> quarantined;
  Totals totals;                 ///< of the whole store
  Loss loss;                     ///< of the ranges that were received in the window, or may have been
  std::uint64_t rows = 0;        ///< of `segments`
  std::uint64_t file_bytes = 0;  ///< of `segments`

  /// The columns that at least one of the segments has.
  flow::FieldSet fields() const;
  /// The segments' files.
  std::vector<std::filesystem::path> files(const Store& store) const;
};

/// With `newest`: only the segments that may have one of so many flows received last, by the catalog's bounds, and the
/// losses since then; the journal after them is taken to have none, so it can only push more of them out.
Result<Snapshot> take_snapshot(Store& store, const Window& window, std::optional<std::uint64_t> newest = {});

}  // namespace flowspan::store
