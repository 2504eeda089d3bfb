// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The catalog's rows as structures. All of these run inside a transaction of Catalog.

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "engine/parquet_out.hpp"
#include "store/segment.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {

struct KnownFields {
  flow::FieldSet fields;
  bool knows_more = false;  ///< numbers that this version does not know were passed over
};
/// Column numbers as JSON, "[1,3,4]", and back.
std::string fields_json(const flow::FieldSet& fields);
KnownFields fields_of_json(std::string_view json);

/// The power of two of seconds that is not shorter than the span; -1 when a bound is unknown.
int span_class(const std::optional<Time>& min, const std::optional<Time>& max);

/// Takes over what the Parquet writer saw.
void set_stats(Segment& segment, const engine::ParquetFile& file);

/// Adds the row and sets segment.id.
Status insert_segment(sqlite::Database& db, Segment& segment);
/// Takes the segment out of the catalog and notes its file as retired; false when it was not there.
Result<bool> retire_segment(sqlite::Database& db, std::int64_t id, Time now);
Result<std::vector<WriterState>> select_writers(sqlite::Database& db);
Result<std::vector<Quarantined>> select_quarantined(sqlite::Database& db);
Result<std::vector<ImportRecord>> select_imports(sqlite::Database& db);
Result<Totals> select_totals(sqlite::Database& db);

/// Columns of `segments` in the order that SegmentRows reads.
#define FLOWSPAN_SEGMENT_COLUMNS                                                                              \
  "id, name, writer, sequence, from_file, from_offset, to_file, to_offset, \"rows\", file_bytes, fields, "    \
  "received_min, received_max, first_min, first_max, last_min, last_max, raw_bytes, raw_packets, datagrams, " \
  "lost_flows, dropped_datagrams, decode_errors, level, import_id, committed_at, "                            \
  "dropped_flows, down_flows, undecodable_flows, unclear_flows"

/// Adds the losses that the catalog's row has in seven columns from `column` on, in the order of FLOWSPAN_LOSS_SUMS.
void add_losses(const sqlite::Query& row, int column, Loss& loss);
#define FLOWSPAN_LOSS_SUMS                                                                               \
  "coalesce(sum(lost_flows), 0), coalesce(sum(dropped_datagrams), 0), coalesce(sum(decode_errors), 0), " \
  "coalesce(sum(dropped_flows), 0), coalesce(sum(down_flows), 0), coalesce(sum(undecodable_flows), 0), " \
  "coalesce(sum(unclear_flows), 0)"

/// Reads the rows of a query of FLOWSPAN_SEGMENT_COLUMNS; remembers the few different column lists.
class SegmentRows {
 public:
  Segment read(const sqlite::Query& row);
  Status read_all(sqlite::Query query, std::vector<Segment>& segments);

 private:
  std::unordered_map<std::string, KnownFields> fields_;
};

/// Every segment, by (received_min, writer, sequence).
Result<std::vector<Segment>> select_segments(sqlite::Database& db);
void sort_segments(std::vector<Segment>& segments);

}  // namespace flowspan::store
