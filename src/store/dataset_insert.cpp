// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/dataset_insert.hpp"

#include <sqlite3.h>

#include <array>

namespace flowspan::store {
namespace {

constexpr const char* insert_row =
    "INSERT INTO Flow (SYS_UPTIME, UNIXS, FIRST, LAST, IP_SOURCE, IP_DEST, PROTO, SOURCE_PROTO, DEST_PROTO, timestamp) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

using Text = std::array<char, Ip::max_text>;

template <typename T>
void bind(sqlite3_stmt* statement, int place, const std::optional<T>& value) {
  if (value)
    sqlite3_bind_int64(statement, place, static_cast<std::int64_t>(*value));
  else
    sqlite3_bind_null(statement, place);
}

/// The text lives in `text` until the row is added.
void bind(sqlite3_stmt* statement, int place, const std::optional<Ip>& ip, Text& text) {
  if (ip)
    sqlite3_bind_text(statement, place, text.data(), static_cast<int>(ip->write(text.data())), SQLITE_STATIC);
  else
    sqlite3_bind_null(statement, place);
}

}  // namespace

Result<DatasetInsert> DatasetInsert::prepare(Dataset& dataset) {
  auto statement = dataset.prepare(insert_row);
  if (!statement) return fail(statement.error());
  return DatasetInsert(dataset, std::move(*statement));
}

Status DatasetInsert::add(std::span<const DatasetRow> rows) {
  sqlite3_stmt* statement = statement_.get();
  Text source;
  Text destination;
  for (const DatasetRow& row : rows) {
    bind(statement, 1, row.sys_uptime);
    bind(statement, 2, row.unixs);
    bind(statement, 3, row.first);
    bind(statement, 4, row.last);
    bind(statement, 5, row.source, source);
    bind(statement, 6, row.destination, destination);
    bind(statement, 7, row.proto);
    bind(statement, 8, row.source_port);
    bind(statement, 9, row.destination_port);
    sqlite3_bind_double(statement, 10, static_cast<double>(row.received_us) / 1e6);
    const auto done = dataset_->step(statement);
    sqlite3_reset(statement);
    if (!done) return fail(done.error());
  }
  return {};
}

}  // namespace flowspan::store
