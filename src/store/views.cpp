// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/views.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/scan_sql.hpp"

namespace flowspan::store {
namespace {

using engine::sql_literal;
using flow::operator""_field;

struct AddressColumn {
  std::string_view name;
  flow::FieldIndex hi;
  flow::FieldIndex lo;
};
constexpr std::array addresses{
    AddressColumn{"exporter", "exporter_hi"_field, "exporter_lo"_field},
    AddressColumn{"src_addr", "src_hi"_field, "src_lo"_field},
    AddressColumn{"dst_addr", "dst_hi"_field, "dst_lo"_field},
    AddressColumn{"next_hop", "next_hop_hi"_field, "next_hop_lo"_field},
    AddressColumn{"bypassed_router", "bypassed_router_hi"_field, "bypassed_router_lo"_field},
};

constexpr std::array columns{
    ViewColumn{"exporter", "VARCHAR", "address of the sender of the datagram"},
    ViewColumn{"src_addr", "VARCHAR", "source address"},
    ViewColumn{"dst_addr", "VARCHAR", "destination address"},
    ViewColumn{"next_hop", "VARCHAR", "address of the next router"},
    ViewColumn{"bypassed_router", "VARCHAR", "address of the router bypassed by the switch (NetFlow v7, v8)"},
    ViewColumn{"raw_bytes", "UBIGINT", "layer 3 bytes, as exported"},
    ViewColumn{"raw_packets", "UBIGINT", "packets, as exported"},
    ViewColumn{"duration_ms", "BIGINT", "last_time - first_time in milliseconds"},
    ViewColumn{"exporter_name", "VARCHAR", "the exporter's configured name, else its address"},
    ViewColumn{"in_if_name", "VARCHAR", "configured name of the input interface, else its index"},
    ViewColumn{"out_if_name", "VARCHAR", "configured name of the output interface, else its index"},
};

/// 2^64 - 2048: the largest double that a UBIGINT holds.
constexpr std::string_view most = "18446744073709549568.0";

std::vector<ExporterSettings> longest_first(const ViewOptions& options) {
  auto exporters = options.exporters;
  std::stable_sort(exporters.begin(), exporters.end(),
                   [](const auto& a, const auto& b) { return a.match.length > b.match.length; });
  return exporters;
}

std::string between(std::string_view column, std::uint64_t first, std::uint64_t last) {
  if (first == last) return fmt::format("{} = {}::UBIGINT", column, first);
  return fmt::format("{} BETWEEN {}::UBIGINT AND {}::UBIGINT", column, first, last);
}

std::string matches(const Prefix& prefix) {
  const Ip first = prefix.first();
  const Ip last = prefix.last();
  if (first.hi != last.hi) return between("exporter_hi", first.hi, last.hi);
  return between("exporter_hi", first.hi, last.hi) + " AND " + between("exporter_lo", first.lo, last.lo);
}

bool scales_by_settings(const ViewOptions& options) {
  return std::any_of(options.exporters.begin(), options.exporters.end(),
                     [](const auto& e) { return e.default_sampling || e.forced_sampling; });
}

bool scales(const ViewOptions& options) {
  return !options.raw && (options.sampling_said || scales_by_settings(options));
}

/// The rate of a row, NULL when nobody says it.
std::string rate_sql(const ViewOptions& options) {
  if (!scales_by_settings(options)) return "sampling_rate";
  std::string sql = "CASE";
  for (const auto& exporter : longest_first(options)) {
    std::string rate = "sampling_rate";
    if (exporter.forced_sampling)
      rate = fmt::format("{}::DOUBLE", *exporter.forced_sampling);
    else if (exporter.default_sampling)
      rate = fmt::format("coalesce(sampling_rate, {}::DOUBLE)", *exporter.default_sampling);
    sql += fmt::format(" WHEN {} THEN {}", matches(exporter.match), rate);
  }
  return sql + " ELSE sampling_rate END";
}

std::string counter_sql(std::string_view name, const ViewOptions& options) {
  if (!scales(options)) return std::string(name);
  const std::string rate = rate_sql(options);
  // A rate of 1, and 0 as some devices say it, leave the exact number.
  return fmt::format(
      "CASE WHEN coalesce({1}, 1) IN (0, 1) THEN {0} ELSE CAST(least(round({0} * {1}), {2}) AS UBIGINT) END AS {0}",
      name, rate, most);
}

/// NetFlow up to v8 tells ICMP's type and code in the destination port: type * 256 + code.
std::string icmp_sql(std::string_view name, std::string_view from_port) {
  return fmt::format("coalesce({0}, CASE WHEN proto = 1 AND export_version < 9 THEN CAST({1} AS UTINYINT) END) AS {0}",
                     name, from_port);
}

std::string exporter_name_sql(std::string_view addr, const ViewOptions& options) {
  const std::string address = fmt::format("{}(exporter_hi, exporter_lo)", addr);
  std::string sql;
  for (const auto& exporter : longest_first(options))
    sql += fmt::format(" WHEN {} THEN {}", matches(exporter.match),
                       exporter.name.empty() ? address : sql_literal(exporter.name));
  if (sql.empty()) return address;
  return fmt::format("CASE{} ELSE {} END", sql, address);
}

std::string interface_name_sql(std::string_view column, const ViewOptions& options) {
  const std::string number = fmt::format("CAST({} AS VARCHAR)", column);
  std::string sql;
  for (const auto& exporter : longest_first(options)) {
    std::string names;
    for (const auto& [index, name] : exporter.interfaces)
      names += fmt::format(" WHEN {} THEN {}", index, sql_literal(name));
    if (!names.empty()) names = fmt::format("CASE {}{} ELSE {} END", column, names, number);
    sql += fmt::format(" WHEN {} THEN {}", matches(exporter.match), names.empty() ? number : names);
  }
  if (sql.empty()) return number;
  return fmt::format("CASE{} ELSE {} END", sql, number);
}

/// `addr` is the name of the function that makes text of two halves.
std::string select_sql(std::string_view relation, std::string_view addr, const ViewOptions& options) {
  std::string list;
  const auto add = [&](const std::string& item) { list += (list.empty() ? "" : ", ") + item; };
  for (flow::FieldIndex i = 0; i < flow::field_count; ++i) {
    const auto name = flow::fields[i].name;
    if (i == "bytes"_field || i == "packets"_field)
      add(counter_sql(name, options));
    else if (i == "icmp_type"_field || i == "icmp_code"_field)
      add(icmp_sql(name, i == "icmp_type"_field ? "dst_port >> 8" : "dst_port & 255"));
    else
      add(std::string(name));
    for (const auto& address : addresses)
      if (address.lo == i)
        add(fmt::format("{}({}, {}) AS {}", addr, flow::fields[address.hi].name, name, address.name));
  }
  add("bytes AS raw_bytes");
  add("packets AS raw_packets");
  add("epoch_ms(last_time) - epoch_ms(first_time) AS duration_ms");
  add(exporter_name_sql(addr, options) + " AS exporter_name");
  add(interface_name_sql("in_if", options) + " AS in_if_name");
  add(interface_name_sql("out_if", options) + " AS out_if_name");
  return fmt::format("SELECT {} FROM {}", list, relation);
}

struct RelationColumns {
  std::string names;    ///< all fields
  std::string stored;   ///< the same, those that no file has as constants
  flow::FieldSet read;  ///< from the files
};

RelationColumns relation_columns(const flow::FieldSet& present) {
  RelationColumns relation;
  relation.read = present;
  if (present.none()) relation.read.set("received_time"_field);  // something must be read to count the flows
  for (flow::FieldIndex i = 0; i < flow::field_count; ++i) {
    const flow::Field& field = flow::fields[i];
    const std::string_view comma = i == 0 ? "" : ", ";
    relation.names += fmt::format("{}{}", comma, field.name);
    if (relation.read[i])
      relation.stored += fmt::format("{}{}", comma, field.name);
    else
      relation.stored += fmt::format("{}CAST({} AS {}) AS {}", comma, engine::sql_absent(field),
                                     engine::sql_read_type(field.type), field.name);
  }
  return relation;
}

/// The place of the source with this number, which counts from 0.
std::string place_sql(std::span<const std::uint32_t> places, std::string_view number) {
  return fmt::format("([{}]::UINTEGER[])[CAST({} AS BIGINT) + 1]", fmt::join(places, ", "), number);
}

constexpr std::string_view ipv6_groups =
    "format('{:x}:{:x}:{:x}:{:x}:{:x}:{:x}:{:x}:{:x}', (hi >> 48) & 65535, (hi >> 32) & 65535, (hi >> 16) & 65535, "
    "hi & 65535, (lo >> 48) & 65535, (lo >> 32) & 65535, (lo >> 16) & 65535, lo & 65535)";

/// RFC 5952: the longest run of at least two zero groups, the first of equals, becomes "::".
std::string shorten_sql() {
  std::string sql = "CASE";
  for (int more = 7; more >= 1; --more) {
    const auto pattern = fmt::format("'(^|:)0(:0){{{}}}(:|$)'", more);
    sql += fmt::format(" WHEN regexp_matches(t, {0}) THEN regexp_replace(t, {0}, '::')", pattern);
  }
  return sql + " ELSE t END";
}

}  // namespace

std::span<const ViewColumn> view_columns() { return columns; }

std::string flows_sql(std::string_view relation, const ViewOptions& options) {
  return select_sql(fmt::format("({})", relation), "addr", options);
}

std::string relation_sql(std::span<const std::filesystem::path> files, bool live, const flow::FieldSet& present) {
  const auto [names, stored, read] = relation_columns(present);
  if (live && files.empty()) return fmt::format("SELECT {} FROM live_flows()", names);
  std::string sql = fmt::format("SELECT {} FROM {}", stored, engine::read_parquet_sql(files, read));
  if (live) sql += fmt::format(" UNION ALL BY NAME SELECT {} FROM live_flows()", names);
  return sql;
}

std::string placed_relation_sql(std::span<const std::filesystem::path> files, const Places& places,
                                const flow::FieldSet& present) {
  const auto [names, stored, read] = relation_columns(present);
  std::string sql;
  if (!files.empty())
    sql = fmt::format("SELECT {}, {} AS place, file_row_number::UBIGINT AS place_row FROM {}", stored,
                      place_sql(places.files, "file_index"), engine::read_parquet_sql(files, read));
  if (!places.live.empty())
    sql += fmt::format("{}SELECT {}, {} AS place, reader_row AS place_row FROM live_flows_in_order()",
                       sql.empty() ? "" : " UNION ALL BY NAME ", names, place_sql(places.live, "reader"));
  return sql;
}

std::string portable_views(std::span<const std::filesystem::path> files, const ViewOptions& options) {
  return fmt::format(
      "-- flowspan: the view \"flows\" over {} Parquet files, for any DuckDB from 1.0 on.\n"
      "-- The list of files is as of now: print it again when the store has changed.\n"
      "CREATE OR REPLACE MACRO flowspan_groups(hi, lo) AS {};\n"
      "CREATE OR REPLACE MACRO flowspan_shorten(t) AS {};\n"
      "CREATE OR REPLACE MACRO flowspan_addr(hi, lo) AS CASE WHEN hi IS NULL OR lo IS NULL THEN NULL "
      "WHEN hi = 0 AND lo >> 32 = 65535 THEN format('{{}}.{{}}.{{}}.{{}}', (lo >> 24) & 255, (lo >> 16) & 255, "
      "(lo >> 8) & 255, lo & 255) ELSE flowspan_shorten(flowspan_groups(hi, lo)) END;\n"
      "CREATE OR REPLACE VIEW flows AS {};\n",
      files.size(), ipv6_groups, shorten_sql(), select_sql(engine::read_parquet_sql(files), "flowspan_addr", options));
}

}  // namespace flowspan::store
