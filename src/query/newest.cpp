// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/newest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "engine/scan_sql.hpp"

namespace flowspan::query {
namespace {

/// Of the journal, which comes after all segments.
constexpr std::uint64_t last_sequence = std::numeric_limits<std::uint64_t>::max();

/// To find the last of so few, a question need not know how many there are in all.
constexpr std::uint64_t few = 100'000;

std::string literal(Time received) { return fmt::format("make_timestamp({})", received / microsecond); }

/// The one row of a query; none when it has none.
Result<std::vector<engine::Value>> only_row(engine::Database& database, const std::string& sql) {
  auto rows = database.query(sql);
  if (!rows) return fail(std::move(rows.error()));
  auto table = rows->all();
  if (!table) return fail(std::move(table.error()));
  return table->rows.empty() ? std::vector<engine::Value>{} : std::move(table->rows[0]);
}

/// A time from on which the files have so many flows for certain, by the bounds of their row groups; nullopt: they have
/// fewer.
Result<std::optional<Time>> certain_since(engine::Database& database, std::span<const std::filesystem::path> files,
                                          std::uint64_t flows) {
  if (files.empty()) return std::optional<Time>{};
  const auto row =
      only_row(database, fmt::format("SELECT least_time FROM (SELECT stats_min_value::TIMESTAMP AS least_time, "
                                     "sum(row_group_num_rows) OVER (ORDER BY stats_min_value::TIMESTAMP DESC) AS flows "
                                     "FROM parquet_metadata({}) WHERE path_in_schema = 'received_time' AND "
                                     "stats_min_value IS NOT NULL) WHERE flows >= {} ORDER BY least_time DESC LIMIT 1",
                                     engine::sql_files(files), flows));
  if (!row) return fail(row.error());
  if (row->empty()) return std::optional<Time>{};
  return std::optional<Time>{std::get<engine::Timestamp>(row->at(0)).time};
}

Result<bool> has_fewer(engine::Database& database, const std::string& relation, std::uint64_t flows) {
  const auto row = only_row(database, fmt::format("SELECT count(*) < {} FROM ({})", flows, relation));
  if (!row) return fail(row.error());
  return std::get<bool>(row->at(0));
}

}  // namespace

store::Places places_of(const store::Snapshot& snapshot, std::span<const std::uint32_t> live_writers) {
  struct Source {
    std::tuple<std::uint32_t, std::uint64_t, std::int64_t> order;
    std::uint32_t* place;
  };
  store::Places places;
  places.files.resize(snapshot.segments.size());
  places.live.resize(live_writers.size());
  std::vector<Source> sources;
  for (std::size_t i = 0; i < snapshot.segments.size(); ++i) {
    const auto& segment = snapshot.segments[i];
    sources.push_back({{segment.writer, segment.sequence, segment.id}, &places.files[i]});
  }
  for (std::size_t i = 0; i < live_writers.size(); ++i)
    sources.push_back({{live_writers[i], last_sequence, 0}, &places.live[i]});
  std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.order < b.order; });
  std::uint32_t next = 0;
  for (const auto& source : sources) *source.place = next++;
  return places;
}

Result<std::optional<Boundary>> find_boundary(engine::Database& database, const std::string& placed_relation,
                                              std::span<const std::filesystem::path> files, std::uint64_t newest) {
  const auto since = certain_since(database, files, newest);
  if (!since) return fail(since.error());
  if (!*since && newest > few) {
    const auto fewer = has_fewer(database, placed_relation, newest);
    if (!fewer) return fail(fewer.error());
    if (*fewer) return std::optional<Boundary>{};
  }
  // Whoever asks for more flows than that gets all there are.
  const auto skipped = std::min<std::uint64_t>(newest, std::numeric_limits<std::int64_t>::max()) - 1;
  const auto row =
      only_row(database, fmt::format("SELECT received_time, place, place_row FROM ({}) {} ORDER BY received_time DESC "
                                     "NULLS LAST, place DESC, place_row DESC LIMIT 1 OFFSET {}",
                                     placed_relation,
                                     *since ? "WHERE received_time >= " + literal(**since) : std::string{}, skipped));
  if (!row) return fail(row.error());
  if (row->empty()) return std::optional<Boundary>{};
  const auto* received = std::get_if<engine::Timestamp>(&row->at(0));
  if (received == nullptr)
    return fail(
        "a flow says no time of receiving, so nobody knows which are the newest: run flowspan store verify --deep");
  return std::optional<Boundary>{{received->time, static_cast<std::uint32_t>(std::get<std::uint64_t>(row->at(1))),
                                  std::get<std::uint64_t>(row->at(2))}};
}

std::string since_boundary_sql(const std::string& placed_relation, const Boundary& boundary) {
  const auto time = literal(boundary.received);
  return fmt::format(
      "SELECT * FROM ({}) WHERE received_time >= {} AND (received_time > {} OR place > {} OR "
      "(place = {} AND place_row >= {}))",
      placed_relation, time, time, boundary.place, boundary.place, boundary.row);
}

}  // namespace flowspan::query
