// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/migrations.hpp"

#include <array>
#include <string_view>

#include "store/catalog.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

// Times are nanoseconds since 1970 UTC. docs/formats/catalog.md describes every column. A window of time is found by
// *_class: the power of two of seconds that is not shorter than max - min (-1: a bound is not known).
constexpr std::string_view format_1 = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE writers (
  writer INTEGER PRIMARY KEY,
  file INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  next_sequence INTEGER NOT NULL DEFAULT 1,
  attempts INTEGER NOT NULL DEFAULT 0,
  active INTEGER NOT NULL DEFAULT 1,
  state BLOB NOT NULL
);

CREATE TABLE imports (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL,
  size INTEGER NOT NULL,
  digest TEXT NOT NULL,
  modified INTEGER,
  imported_at INTEGER NOT NULL,
  datagrams INTEGER NOT NULL,
  flows INTEGER NOT NULL
);
CREATE INDEX imports_digest ON imports (digest);

CREATE TABLE segments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  writer INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  from_file INTEGER NOT NULL,
  from_offset INTEGER NOT NULL,
  to_file INTEGER NOT NULL,
  to_offset INTEGER NOT NULL,
  "rows" INTEGER NOT NULL,
  file_bytes INTEGER NOT NULL,
  fields TEXT NOT NULL,
  received_min INTEGER,
  received_max INTEGER,
  first_min INTEGER,
  first_max INTEGER,
  last_min INTEGER,
  last_max INTEGER,
  raw_bytes INTEGER NOT NULL,
  raw_packets INTEGER NOT NULL,
  datagrams INTEGER NOT NULL,
  lost_flows INTEGER NOT NULL,
  dropped_datagrams INTEGER NOT NULL,
  decode_errors INTEGER NOT NULL,
  level INTEGER NOT NULL,
  import_id INTEGER REFERENCES imports (id),
  committed_at INTEGER NOT NULL,
  received_class INTEGER NOT NULL,
  first_class INTEGER NOT NULL,
  last_class INTEGER NOT NULL,
  active_class INTEGER NOT NULL
);
CREATE INDEX segments_received ON segments (received_class, received_min);
CREATE INDEX segments_first ON segments (first_class, first_min);
CREATE INDEX segments_last ON segments (last_class, last_min);
CREATE INDEX segments_active ON segments (active_class, first_min);
CREATE INDEX segments_import ON segments (import_id) WHERE import_id IS NOT NULL;

CREATE TABLE totals (segments INTEGER NOT NULL, "rows" INTEGER NOT NULL, file_bytes INTEGER NOT NULL);
INSERT INTO totals VALUES (0, 0, 0);
CREATE TRIGGER segments_added AFTER INSERT ON segments BEGIN
  UPDATE totals SET segments = segments + 1, "rows" = "rows" + NEW."rows", file_bytes = file_bytes + NEW.file_bytes;
END;
CREATE TRIGGER segments_removed AFTER DELETE ON segments BEGIN
  UPDATE totals SET segments = segments - 1, "rows" = "rows" - OLD."rows", file_bytes = file_bytes - OLD.file_bytes;
END;

CREATE TABLE losses (
  id INTEGER PRIMARY KEY,
  writer INTEGER NOT NULL,
  received_min INTEGER NOT NULL,
  received_max INTEGER NOT NULL,
  datagrams INTEGER NOT NULL,
  lost_flows INTEGER NOT NULL,
  dropped_datagrams INTEGER NOT NULL,
  decode_errors INTEGER NOT NULL
);
CREATE INDEX losses_received ON losses (received_max);

CREATE TABLE retired (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL, retired_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX retired_at ON retired (retired_at);

CREATE TABLE quarantined (
  id INTEGER PRIMARY KEY,
  writer INTEGER NOT NULL,
  file INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  length INTEGER NOT NULL,
  exporter TEXT NOT NULL,
  reason TEXT NOT NULL,
  path TEXT NOT NULL,
  at INTEGER NOT NULL
);
)sql";

// The loss ledger (docs/guide/account.md), and what it says of each segment's losses.
constexpr std::string_view format_2 = R"sql(
ALTER TABLE segments ADD COLUMN dropped_flows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN down_flows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN undecodable_flows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN unclear_flows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE losses ADD COLUMN dropped_flows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE losses ADD COLUMN down_flows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE losses ADD COLUMN undecodable_flows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE losses ADD COLUMN unclear_flows INTEGER NOT NULL DEFAULT 0;

CREATE TABLE account (
  begins INTEGER NOT NULL,
  span INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  exporter_hi INTEGER NOT NULL,
  exporter_lo INTEGER NOT NULL,
  datagrams INTEGER NOT NULL,
  announced INTEGER NOT NULL,
  stored INTEGER NOT NULL,
  unnumbered INTEGER NOT NULL,
  repeated INTEGER NOT NULL,
  network INTEGER NOT NULL,
  kernel INTEGER NOT NULL,
  ring INTEGER NOT NULL,
  journal INTEGER NOT NULL,
  down INTEGER NOT NULL,
  quarantined INTEGER NOT NULL,
  undecodable INTEGER NOT NULL,
  unclear INTEGER NOT NULL,
  late INTEGER NOT NULL,
  restarts INTEGER NOT NULL,
  resets INTEGER NOT NULL,
  PRIMARY KEY (begins, span, import_id, exporter_hi, exporter_lo)
) WITHOUT ROWID;

CREATE TABLE account_refused (
  begins INTEGER NOT NULL,
  span INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  exporter_hi INTEGER NOT NULL,
  exporter_lo INTEGER NOT NULL,
  reason TEXT NOT NULL,
  datagrams INTEGER NOT NULL,
  PRIMARY KEY (begins, span, import_id, exporter_hi, exporter_lo, reason)
) WITHOUT ROWID;

CREATE TABLE account_writers (
  begins INTEGER NOT NULL,
  span INTEGER NOT NULL,
  writer INTEGER NOT NULL,
  datagrams INTEGER NOT NULL,
  kernel INTEGER NOT NULL,
  ring INTEGER NOT NULL,
  journal INTEGER NOT NULL,
  quarantined INTEGER NOT NULL,
  starts INTEGER NOT NULL,
  placed INTEGER NOT NULL,
  PRIMARY KEY (begins, span, writer)
) WITHOUT ROWID;
)sql";

/// Step N leads from format N to N + 1. A step is never changed once it was released: add one, and a golden store.
constexpr std::array<std::string_view, Catalog::format> steps{format_1, format_2};

}  // namespace

Status migrate(sqlite::Database& db, std::int64_t from) {
  for (auto format = from; format < Catalog::format; ++format)
    if (auto done = db.exec(std::string(steps[static_cast<std::size_t>(format)])); !done) return done;
  return db.exec("PRAGMA application_id = " + std::to_string(Catalog::application_id) +
                 "; PRAGMA user_version = " + std::to_string(Catalog::format));
}

}  // namespace flowspan::store
