// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/snapshot.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "store/rows.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

constexpr Time earliest = std::numeric_limits<Time>::min();
constexpr Time latest = std::numeric_limits<Time>::max();

// A segment of class c is not longer than 2^c seconds, so of each class only those that begin in
// [from - 2^c s, to) can touch the window: one short walk over the index per class. ?1 from, ?2 to (exclusive).
#define FLOWSPAN_WINDOW(CLASS, MIN, MAX)                                                            \
  "WITH RECURSIVE class (c) AS (SELECT 0 UNION ALL SELECT c + 1 FROM class WHERE c < 33) "          \
  "SELECT " FLOWSPAN_SEGMENT_COLUMNS " FROM class CROSS JOIN segments WHERE " CLASS " = c AND " MIN \
  " >= CASE WHEN ?1 < -9223372036854775807 + (1000000000 << c) THEN -9223372036854775807 "          \
  "ELSE ?1 - (1000000000 << c) END AND " MIN " < ?2 AND " MAX                                       \
  " >= ?1 "                                                                                         \
  "UNION ALL SELECT " FLOWSPAN_SEGMENT_COLUMNS " FROM segments WHERE " CLASS " = -1"

constexpr std::array<std::string_view, 4> window_queries{
    FLOWSPAN_WINDOW("received_class", "received_min", "received_max"),
    FLOWSPAN_WINDOW("first_class", "first_min", "first_max"),
    FLOWSPAN_WINDOW("last_class", "last_min", "last_max"),
    FLOWSPAN_WINDOW("active_class", "first_min", "last_max"),
};

Status select_window(sqlite::Database& db, const Window& window, std::vector<Segment>& segments) {
  SegmentRows rows;
  if (!window.from && !window.to)
    return rows.read_all(db.query("SELECT " FLOWSPAN_SEGMENT_COLUMNS " FROM segments"), segments);
  auto query = db.query(window_queries[static_cast<std::size_t>(window.column)]);
  query.all(window.from.value_or(earliest), window.to.value_or(latest));
  return rows.read_all(std::move(query), segments);
}

/// The latest time from which on these segments have so many flows for certain; `earliest` when they have not.
Time received_since(std::vector<Segment>& segments, std::uint64_t flows) {
  const auto min_of = [](const Segment& segment) { return segment.received.min.value_or(earliest); };
  std::sort(segments.begin(), segments.end(),
            [&](const Segment& a, const Segment& b) { return min_of(a) > min_of(b); });
  std::uint64_t rows = 0;
  for (const auto& segment : segments)
    if ((rows += segment.rows) >= flows) return min_of(segment);
  return earliest;
}

/// Losses of ranges without flows. Times of flows are not known there: the time of receiving stands for them.
Status add_losses_of(sqlite::Database& db, const Window& window, Loss& loss) {
  auto row = db.query("SELECT " FLOWSPAN_LOSS_SUMS
                      " FROM losses "
                      "WHERE received_max >= ? AND received_min < ?");
  row.all(window.from.value_or(earliest), window.to.value_or(latest));
  const auto found = row.step();
  if (!found) return fail(found.error());
  if (*found) add_losses(row, 0, loss);
  return {};
}

}  // namespace

flow::FieldSet Snapshot::fields() const {
  flow::FieldSet all;
  for (const auto& segment : segments) all |= segment.fields;
  return all;
}

std::vector<std::filesystem::path> Snapshot::files(const Store& store) const {
  std::vector<std::filesystem::path> files;
  files.reserve(segments.size());
  for (const auto& segment : segments) files.push_back(store.path() / segment.name);
  return files;
}

Result<Snapshot> take_snapshot(Store& store, const Window& window, std::optional<std::uint64_t> newest) {
  Snapshot snapshot;
  Window lost = window;
  auto read = store.catalog().read([&](sqlite::Database& db) -> Status {
    if (auto done = select_window(db, window, snapshot.segments); !done) return done;
    if (newest) {
      const Time since = received_since(snapshot.segments, *newest);
      std::erase_if(snapshot.segments,
                    [&](const Segment& segment) { return segment.received.max.value_or(earliest) < since; });
      lost.from = std::max(since, lost.from.value_or(earliest));
    }
    auto writers = select_writers(db);
    if (!writers) return fail(std::move(writers.error()));
    for (auto& writer : *writers)
      if (writer.active) snapshot.writers.push_back(std::move(writer));
    auto quarantined = select_quarantined(db);
    if (!quarantined) return fail(std::move(quarantined.error()));
    for (auto& stretch : *quarantined)
      for (const auto& writer : snapshot.writers)
        if (stretch.writer == writer.writer && stretch.position >= writer.position) {
          snapshot.quarantined.push_back(std::move(stretch));
          break;
        }
    auto totals = select_totals(db);
    if (!totals) return fail(std::move(totals.error()));
    snapshot.totals = *totals;
    return add_losses_of(db, lost, snapshot.loss);
  });
  if (!read) return fail(std::move(read.error()));
  sort_segments(snapshot.segments);
  for (const auto& segment : snapshot.segments) {
    snapshot.rows += segment.rows;
    snapshot.file_bytes += segment.file_bytes;
    snapshot.loss += segment.loss;
  }
  snapshot.loss.settle();
  return snapshot;
}

}  // namespace flowspan::store
