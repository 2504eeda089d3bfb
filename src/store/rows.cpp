// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/rows.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace flowspan::store {

using sqlite::Blob;
using sqlite::Database;
using sqlite::Query;

Loss& Loss::operator+=(const Loss& other) {
  lost_flows += other.lost_flows;
  dropped_datagrams += other.dropped_datagrams;
  decode_errors += other.decode_errors;
  dropped_flows += other.dropped_flows;
  down_flows += other.down_flows;
  undecodable_flows += other.undecodable_flows;
  unclear_flows += other.unclear_flows;
  return *this;
}

std::uint64_t Loss::network_flows() const {
  const std::uint64_t others = dropped_flows + down_flows + undecodable_flows + unclear_flows;
  return lost_flows > others ? lost_flows - others : 0;
}

Loss loss_of(const flow::Missing& missing) {
  Loss loss;
  loss.lost_flows = static_cast<std::uint64_t>(missing.lost_flows);
  loss.dropped_datagrams = static_cast<std::uint64_t>(missing.dropped_datagrams);
  loss.decode_errors = static_cast<std::uint64_t>(missing.decode_errors);
  loss.dropped_flows = static_cast<std::uint64_t>(missing.dropped_flows);
  loss.down_flows = static_cast<std::uint64_t>(missing.down_flows);
  loss.undecodable_flows = static_cast<std::uint64_t>(missing.undecodable_flows);
  loss.unclear_flows = static_cast<std::uint64_t>(missing.unclear_flows);
  return loss;
}

void Loss::settle() {
  for (std::uint64_t* flows : {&lost_flows, &dropped_flows, &down_flows, &undecodable_flows, &unclear_flows})
    if (static_cast<std::int64_t>(*flows) < 0) *flows = 0;
}

std::string fields_json(const flow::FieldSet& fields) {
  std::string json = "[";
  for (flow::FieldIndex i = 0; i < flow::field_count; ++i) {
    if (!fields[i]) continue;
    if (json.size() > 1) json += ',';
    json += std::to_string(flow::fields[i].number);
  }
  return json + ']';
}

KnownFields fields_of_json(std::string_view json) {
  KnownFields known;
  const char* const end = json.data() + json.size();
  for (const char* at = json.data(); at < end;) {
    unsigned number = 0;
    const auto [after, code] = std::from_chars(at, end, number);
    if (code != std::errc{}) {
      ++at;
      continue;
    }
    at = after;
    flow::FieldIndex index = 0;
    while (index < flow::field_count && flow::fields[index].number != number) ++index;
    if (index < flow::field_count)
      known.fields.set(index);
    else
      known.knows_more = true;
  }
  return known;
}

int span_class(const std::optional<Time>& min, const std::optional<Time>& max) {
  if (!min || !max || *max < *min) return -1;
  const auto span = static_cast<std::uint64_t>(*max) - static_cast<std::uint64_t>(*min);
  int power = 0;
  while (power < 33 && span > static_cast<std::uint64_t>(second) << power) ++power;
  return span > static_cast<std::uint64_t>(second) << power ? -1 : power;
}

void set_stats(Segment& segment, const engine::ParquetFile& file) {
  const auto bounds = [](const std::optional<engine::TimeRange>& range) {
    return range ? TimeBounds{range->min, range->max} : TimeBounds{};
  };
  segment.rows = file.stats.rows;
  segment.file_bytes = file.file_bytes;
  segment.received = bounds(file.stats.received);
  segment.first = bounds(file.stats.first);
  segment.last = bounds(file.stats.last);
  segment.raw_bytes = file.stats.bytes;
  segment.raw_packets = file.stats.packets;
}

void add_losses(const Query& row, int column, Loss& loss) {
  loss += Loss{row.number(column),     row.number(column + 1), row.number(column + 2), row.number(column + 3),
               row.number(column + 4), row.number(column + 5), row.number(column + 6)};
}

Status insert_segment(Database& db, Segment& s) {
  auto row = db.query(
      "INSERT INTO segments (name, writer, sequence, from_file, from_offset, to_file, to_offset, \"rows\", file_bytes, "
      "fields, received_min, received_max, first_min, first_max, last_min, last_max, raw_bytes, raw_packets, "
      "datagrams, "
      "lost_flows, dropped_datagrams, decode_errors, dropped_flows, down_flows, undecodable_flows, unclear_flows, "
      "level, "
      "import_id, committed_at, received_class, first_class, "
      "last_class, active_class) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  row.all(s.name, s.writer, s.sequence, s.from.file, s.from.offset, s.to.file, s.to.offset, s.rows, s.file_bytes,
          fields_json(s.fields), s.received.min, s.received.max, s.first.min, s.first.max, s.last.min, s.last.max,
          s.raw_bytes, s.raw_packets, s.datagrams, s.loss.lost_flows, s.loss.dropped_datagrams, s.loss.decode_errors,
          s.loss.dropped_flows, s.loss.down_flows, s.loss.undecodable_flows, s.loss.unclear_flows, s.level, s.import_id,
          s.committed_at, span_class(s.received.min, s.received.max), span_class(s.first.min, s.first.max),
          span_class(s.last.min, s.last.max), span_class(s.first.min, s.last.max));
  if (auto done = row.run(); !done) return done;
  s.id = db.last_id();
  return {};
}

Result<bool> retire_segment(Database& db, std::int64_t id, Time now) {
  auto noted = db.query(
                     "INSERT OR REPLACE INTO retired (name, bytes, retired_at) "
                     "SELECT name, file_bytes, ?2 FROM segments WHERE id = ?1")
                   .all(id, now)
                   .run();
  if (!noted) return fail(noted.error());
  if (auto gone = db.query("DELETE FROM segments WHERE id = ?").bind(id).run(); !gone) return fail(gone.error());
  return db.changes() > 0;
}

Result<std::vector<WriterState>> select_writers(Database& db) {
  std::vector<WriterState> writers;
  auto row =
      db.query("SELECT writer, file, \"offset\", state, next_sequence, attempts, active FROM writers ORDER BY writer");
  while (true) {
    const auto more = row.step();
    if (!more) return fail(more.error());
    if (!*more) return writers;
    writers.push_back({.writer = static_cast<std::uint32_t>(row.integer(0)),
                       .position = {static_cast<std::uint32_t>(row.integer(1)), row.number(2)},
                       .state = row.string(3),
                       .next_sequence = row.number(4),
                       .attempts = static_cast<std::uint32_t>(row.integer(5)),
                       .active = row.integer(6) != 0});
  }
}

Result<std::vector<Quarantined>> select_quarantined(Database& db) {
  std::vector<Quarantined> all;
  auto row =
      db.query("SELECT writer, file, \"offset\", length, exporter, reason, path, at FROM quarantined ORDER BY id");
  while (true) {
    const auto more = row.step();
    if (!more) return fail(more.error());
    if (!*more) return all;
    all.push_back({.writer = static_cast<std::uint32_t>(row.integer(0)),
                   .position = {static_cast<std::uint32_t>(row.integer(1)), row.number(2)},
                   .length = row.number(3),
                   .exporter = row.string(4),
                   .reason = row.string(5),
                   .file = row.string(6),
                   .at = row.integer(7)});
  }
}

Result<std::vector<ImportRecord>> select_imports(Database& db) {
  std::vector<ImportRecord> all;
  auto row =
      db.query("SELECT id, path, size, digest, modified, imported_at, datagrams, flows FROM imports ORDER BY id");
  while (true) {
    const auto more = row.step();
    if (!more) return fail(more.error());
    if (!*more) return all;
    all.push_back({.id = row.integer(0),
                   .path = row.string(1),
                   .size = row.number(2),
                   .digest = row.string(3),
                   .modified = row.maybe_integer(4),
                   .imported_at = row.integer(5),
                   .datagrams = row.number(6),
                   .flows = row.number(7)});
  }
}

Result<Totals> select_totals(Database& db) {
  auto row = db.query("SELECT segments, \"rows\", file_bytes FROM totals");
  const auto found = row.step();
  if (!found) return fail(found.error());
  if (!*found) return Totals{};
  return Totals{row.number(0), row.number(1), row.number(2)};
}

Segment SegmentRows::read(const Query& row) {
  Segment s;
  s.id = row.integer(0);
  s.name = row.string(1);
  s.writer = static_cast<std::uint32_t>(row.integer(2));
  s.sequence = row.number(3);
  s.from = {static_cast<std::uint32_t>(row.integer(4)), row.number(5)};
  s.to = {static_cast<std::uint32_t>(row.integer(6)), row.number(7)};
  s.rows = row.number(8);
  s.file_bytes = row.number(9);
  const auto [known, is_new] = fields_.try_emplace(row.string(10));
  if (is_new) known->second = fields_of_json(known->first);
  s.fields = known->second.fields;
  s.knows_more = known->second.knows_more;
  s.received = {row.maybe_integer(11), row.maybe_integer(12)};
  s.first = {row.maybe_integer(13), row.maybe_integer(14)};
  s.last = {row.maybe_integer(15), row.maybe_integer(16)};
  s.raw_bytes = row.number(17);
  s.raw_packets = row.number(18);
  s.datagrams = row.number(19);
  s.loss = {row.number(20), row.number(21), row.number(22), row.number(26),
            row.number(27), row.number(28), row.number(29)};
  s.level = static_cast<std::uint32_t>(row.integer(23));
  s.import_id = row.maybe_integer(24);
  s.committed_at = row.integer(25);
  return s;
}

Status SegmentRows::read_all(Query query, std::vector<Segment>& segments) {
  while (true) {
    const auto more = query.step();
    if (!more) return fail(more.error());
    if (!*more) return {};
    segments.push_back(read(query));
  }
}

void sort_segments(std::vector<Segment>& segments) {
  const auto key = [](const Segment& s) { return std::tie(s.received.min, s.writer, s.sequence, s.id); };
  std::sort(segments.begin(), segments.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

Result<std::vector<Segment>> select_segments(Database& db) {
  std::vector<Segment> segments;
  auto done = SegmentRows().read_all(db.query("SELECT " FLOWSPAN_SEGMENT_COLUMNS " FROM segments"), segments);
  if (!done) return fail(done.error());
  sort_segments(segments);
  return segments;
}

}  // namespace flowspan::store
