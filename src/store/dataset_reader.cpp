// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/dataset_reader.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "base/time.hpp"

namespace flowspan::store {
namespace {

using flow::FlowBatch;
using flow::operator""_field;

constexpr const char* select_rows =
    "SELECT ID, SYS_UPTIME, UNIXS, FIRST, LAST, IP_SOURCE, IP_DEST, PROTO, SOURCE_PROTO, DEST_PROTO, timestamp "
    "FROM Flow ORDER BY ID";
enum Place { id, sys_uptime, unixs, first, last, ip_source, ip_dest, proto, source_proto, dest_proto, timestamp };

constexpr std::int64_t most_u32 = 0xffff'ffff;
constexpr std::int64_t most_seconds = 9'223'372'036;  // what a Time can tell
constexpr std::size_t most_shown = 60;

std::string_view text_of(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return {text != nullptr ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

template <typename T>
std::optional<T> number_in(std::string_view text) {
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "2017-03-01 12:00:00", as SQLite's CURRENT_TIMESTAMP writes it, or any ISO 8601.
std::optional<double> seconds_in(std::string_view text) {
  if (const auto number = number_in<double>(text)) return number;
  std::string iso(text);
  if (iso.size() > 10 && iso[10] == ' ') iso[10] = 'T';
  if (iso.empty() || iso[0] < '0' || iso[0] > '9') return std::nullopt;
  const auto time = parse_time(iso, 0);
  if (!time) return std::nullopt;
  return static_cast<double>(*time) / static_cast<double>(second);
}

/// One column: `value` gives what a row has, or nothing.
template <typename T, typename Value>
void put_column(const std::vector<DatasetRow>& rows, FlowBatch& batch, flow::FieldIndex field, Value value) {
  if (!batch.wants(field)) return;
  T* out = batch.put<T>(field);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto found = value(rows[i]);
    out[i] = found ? static_cast<T>(*found) : T{};
    if (!found) batch.set_null(field, i);
  }
}

/// The exporter's time in UNIX ms.
std::optional<std::int64_t> time_ms(const DatasetRow& row, std::optional<std::int64_t> router_time) {
  if (!router_time || !row.sys_uptime) return router_time;
  if (!row.unixs) return std::nullopt;
  const auto ago = static_cast<std::int32_t>(*row.sys_uptime - static_cast<std::uint32_t>(*router_time));
  return *row.unixs * 1000 - ago;
}

void put_rows(const std::vector<DatasetRow>& rows, FlowBatch& batch) {
  using Maybe = std::optional<std::int64_t>;
  const auto half = [](const std::optional<Ip>& ip, std::uint64_t Ip::*member) {
    return ip ? std::optional((*ip).*member) : std::nullopt;
  };
  batch.add_rows(rows.size());
  put_column<std::int64_t>(rows, batch, "received_time"_field,
                           [](const DatasetRow& r) { return Maybe(r.received_us); });
  put_column<std::int64_t>(rows, batch, "export_time"_field, [](const DatasetRow& r) -> Maybe {
    return r.unixs ? Maybe(*r.unixs * second) : std::nullopt;
  });
  put_column<std::uint32_t>(rows, batch, "sys_uptime"_field, [](const DatasetRow& r) { return r.sys_uptime; });
  put_column<std::int64_t>(rows, batch, "first_time"_field, [](const DatasetRow& r) { return time_ms(r, r.first); });
  put_column<std::int64_t>(rows, batch, "last_time"_field, [](const DatasetRow& r) { return time_ms(r, r.last); });
  put_column<std::uint8_t>(rows, batch, "ip_version"_field, [](const DatasetRow& r) -> Maybe {
    const auto& ip = r.source ? r.source : r.destination;
    return ip ? Maybe(ip->is_v4() ? 4 : 6) : std::nullopt;
  });
  put_column<std::uint64_t>(rows, batch, "src_hi"_field, [&](const auto& r) { return half(r.source, &Ip::hi); });
  put_column<std::uint64_t>(rows, batch, "src_lo"_field, [&](const auto& r) { return half(r.source, &Ip::lo); });
  put_column<std::uint64_t>(rows, batch, "dst_hi"_field, [&](const auto& r) { return half(r.destination, &Ip::hi); });
  put_column<std::uint64_t>(rows, batch, "dst_lo"_field, [&](const auto& r) { return half(r.destination, &Ip::lo); });
  put_column<std::uint16_t>(rows, batch, "src_port"_field, [](const auto& r) { return r.source_port; });
  put_column<std::uint16_t>(rows, batch, "dst_port"_field, [](const auto& r) { return r.destination_port; });
  put_column<std::uint8_t>(rows, batch, "proto"_field, [](const auto& r) { return r.proto; });
}

/// Fields that a dataset knows nothing of, and that would else tell their usual value.
flow::FieldSet unsaid() {
  static const flow::FieldSet said = dataset_fields().set("ip_version"_field);
  flow::FieldSet fields;
  for (flow::FieldIndex i = 0; i < flow::field_count; ++i) fields[i] = flow::fields[i].absent != flow::null && !said[i];
  return fields;
}

}  // namespace

Result<std::unique_ptr<DatasetReader>> DatasetReader::open(const std::filesystem::path& file) {
  auto dataset = Dataset::open(file, Dataset::Access::read);
  if (!dataset) return fail(dataset.error());
  std::unique_ptr<DatasetReader> reader(new DatasetReader(std::move(*dataset)));
  if (Status begun = reader->dataset_->exec("BEGIN"); !begun) return fail(begun.error());
  const auto rows = reader->dataset_->number("SELECT count(*) FROM Flow");
  if (!rows) return fail(rows.error());
  reader->rows_ = static_cast<std::uint64_t>(*rows);
  if (Status ready = reader->rewind(); !ready) return fail(ready.error());
  return reader;
}

flow::FieldSet DatasetReader::fields() { return dataset_fields().set("ip_version"_field) | unsaid(); }

Status DatasetReader::rewind() {
  auto statement = dataset_->prepare(select_rows);
  if (!statement) return fail(statement.error());
  statement_ = std::move(*statement);
  skipped_.clear();
  rows_read_ = 0;
  at_end_ = false;
  left_ = ~std::uint64_t{0};
  return {};
}

Result<bool> DatasetReader::read(FlowBatch& batch) {
  batch.clear();
  taken_.clear();
  while (taken_.size() < FlowBatch::target_rows && left_ > 0 && !at_end_) {
    const auto more = dataset_->step(statement_.get());
    if (!more) return fail(more.error());
    if (!*more) {
      at_end_ = true;  // one more step would begin anew
      break;
    }
    ++rows_read_;
    DatasetRow row;
    if (!take(row)) continue;
    taken_.push_back(row);
    --left_;
  }
  if (taken_.empty()) return false;
  put_rows(taken_, batch);
  const flow::FieldSet nothing = unsaid();
  for (flow::FieldIndex i = 0; i < flow::field_count; ++i)
    if (nothing[i]) batch.put_null(i);
  batch.seal();
  return true;
}

bool DatasetReader::refuse(int column, const char* why) {
  SkippedRows& skipped = skipped_[sqlite3_column_name(statement_.get(), column)];
  if (++skipped.rows > 1) return false;
  skipped.example = "row " + std::string(text_of(statement_.get(), id)) + ": '" +
                    std::string(text_of(statement_.get(), column).substr(0, most_shown)) + "' " + why;
  return false;
}

bool DatasetReader::whole(int column, std::int64_t most, std::optional<std::int64_t>& value, const char* why) {
  sqlite3_stmt* row = statement_.get();
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL: return true;
    case SQLITE_INTEGER: value = sqlite3_column_int64(row, column); break;
    case SQLITE_FLOAT: {
      const double number = sqlite3_column_double(row, column);
      if (!(number >= 0 && number <= static_cast<double>(most)) || number != std::floor(number))
        return refuse(column, why);
      value = static_cast<std::int64_t>(number);
      break;
    }
    case SQLITE_TEXT: value = number_in<std::int64_t>(text_of(row, column)); break;
    default: break;
  }
  return (value && *value >= 0 && *value <= most) || refuse(column, why);
}

bool DatasetReader::address(int column, std::optional<Ip>& ip) {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return true;
  ip = Ip::parse(text_of(statement_.get(), column));
  return ip || refuse(column, "is no address");
}

bool DatasetReader::received(std::optional<std::int64_t> unixs_value, std::int64_t& us) {
  std::optional<double> seconds;
  switch (sqlite3_column_type(statement_.get(), timestamp)) {
    case SQLITE_NULL:
      if (unixs_value) seconds = static_cast<double>(*unixs_value);
      break;
    case SQLITE_TEXT: seconds = seconds_in(text_of(statement_.get(), timestamp)); break;
    case SQLITE_BLOB: break;
    default: seconds = sqlite3_column_double(statement_.get(), timestamp);
  }
  if (!seconds || !(*seconds >= 0 && *seconds < static_cast<double>(most_seconds)))
    return refuse(timestamp, "is no time of arrival in seconds since 1970");
  us = std::llround(*seconds * 1e6);
  return true;
}

bool DatasetReader::take(DatasetRow& row) {
  std::optional<std::int64_t> uptime;
  std::optional<std::int64_t> protocol;
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> to;
  if (!whole(sys_uptime, most_u32, uptime, "is no SysUptime (0 to 4294967295 ms)")) return false;
  const std::int64_t most_time = uptime ? most_u32 : most_seconds * 1000;
  const char* no_time = uptime ? "is no SysUptime (0 to 4294967295 ms)" : "is no time in ms since 1970";
  if (!whole(unixs, most_u32, row.unixs, "is no second since 1970") || !whole(first, most_time, row.first, no_time) ||
      !whole(last, most_time, row.last, no_time) || !address(ip_source, row.source) ||
      !address(ip_dest, row.destination) || !whole(proto, 0xff, protocol, "is no protocol (0 to 255)") ||
      !whole(source_proto, 0xffff, from, "is no port (0 to 65535)") ||
      !whole(dest_proto, 0xffff, to, "is no port (0 to 65535)") || !received(row.unixs, row.received_us))
    return false;
  if (uptime) row.sys_uptime = static_cast<std::uint32_t>(*uptime);
  if (protocol) row.proto = static_cast<std::uint8_t>(*protocol);
  if (from) row.source_port = static_cast<std::uint16_t>(*from);
  if (to) row.destination_port = static_cast<std::uint16_t>(*to);
  return true;
}

}  // namespace flowspan::store
