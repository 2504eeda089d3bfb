// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The SQL of the loss ledger. What runs every few seconds finds its rows by the primary keys, which begin with `begins`;
// a test looks at the plans.

#include <array>
#include <string_view>

#include "flow/ledger.hpp"

namespace flowspan::store::account_sql {

// The columns of flow::account_columns and flow::writer_columns, in their order.
#define FLOWSPAN_ACCOUNT_COLUMNS                                                                            \
  "datagrams, announced, stored, unnumbered, repeated, network, kernel, ring, journal, down, quarantined, " \
  "undecodable, unclear, late, restarts, resets"
#define FLOWSPAN_ADD(X) #X " = " #X " + excluded." #X
#define FLOWSPAN_ADD_ACCOUNT \
  FLOWSPAN_ADD(datagrams) ", " FLOWSPAN_ADD(announced) ", " FLOWSPAN_ADD(stored) ", " FLOWSPAN_ADD(unnumbered)   \
  ", " FLOWSPAN_ADD(repeated) ", " FLOWSPAN_ADD(network) ", " FLOWSPAN_ADD(kernel) ", " FLOWSPAN_ADD(ring)       \
  ", " FLOWSPAN_ADD(journal) ", " FLOWSPAN_ADD(down) ", " FLOWSPAN_ADD(quarantined) ", "                         \
  FLOWSPAN_ADD(undecodable) ", " FLOWSPAN_ADD(unclear) ", " FLOWSPAN_ADD(late) ", " FLOWSPAN_ADD(restarts)       \
  ", " FLOWSPAN_ADD(resets)
#define FLOWSPAN_SUMS                                                                                        \
  "sum(datagrams), sum(announced), sum(stored), sum(unnumbered), sum(repeated), sum(network), sum(kernel), " \
  "sum(ring), sum(journal), sum(down), sum(quarantined), sum(undecodable), sum(unclear), sum(late), "        \
  "sum(restarts), sum(resets)"
#define FLOWSPAN_WRITER_COLUMNS "datagrams, kernel, ring, journal, quarantined, starts, placed"
#define FLOWSPAN_ADD_WRITER                                                                       \
  FLOWSPAN_ADD(datagrams)                                                                         \
  ", " FLOWSPAN_ADD(kernel) ", " FLOWSPAN_ADD(ring) ", " FLOWSPAN_ADD(journal) ", " FLOWSPAN_ADD( \
      quarantined) ", " FLOWSPAN_ADD(starts) ", " FLOWSPAN_ADD(placed)
#define FLOWSPAN_WRITER_SUMS \
  "sum(datagrams), sum(kernel), sum(ring), sum(journal), sum(quarantined), sum(starts), sum(placed)"
static_assert(flow::account_columns.size() == 16 && flow::writer_columns.size() == 7,
              "a column here, in migrations.cpp and in docs/formats/catalog.md");
#define FLOWSPAN_HOUR "3600000000000"
#define FLOWSPAN_DAY "86400000000000"
static_assert(hour == 3'600'000'000'000 && day == 86'400'000'000'000);
// begins is never negative but in captures of before 1970, whose days are off by one at worst.
#define FLOWSPAN_ITS_DAY "begins - begins % " FLOWSPAN_DAY ", " FLOWSPAN_DAY
#define FLOWSPAN_KEY "begins, span, import_id, exporter_hi, exporter_lo"
#define FLOWSPAN_NOT_OTHERS "(exporter_hi <> 0 OR exporter_lo <> 0)"
static_assert(flow::Ledger::others == Ip{0, 0});

// --- adding a ledger: begins, span, import_id, exporter, numbers ---

inline constexpr std::string_view add_exporter =
    "INSERT INTO account (" FLOWSPAN_KEY ", " FLOWSPAN_ACCOUNT_COLUMNS
    ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD_ACCOUNT;
inline constexpr std::string_view add_refused =
    "INSERT INTO account_refused (" FLOWSPAN_KEY
    ", reason, datagrams) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD(datagrams);
inline constexpr std::string_view add_writer =
    "INSERT INTO account_writers (begins, span, writer, " FLOWSPAN_WRITER_COLUMNS
    ") VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD_WRITER;

// --- reading: ?1 from, ?2 to ---

#define FLOWSPAN_TOUCHES " WHERE begins > ?1 - " FLOWSPAN_DAY " AND begins + span > ?1 AND begins < ?2"
inline constexpr std::string_view read_exporters =
    "SELECT " FLOWSPAN_KEY ", " FLOWSPAN_ACCOUNT_COLUMNS " FROM account" FLOWSPAN_TOUCHES;
inline constexpr std::string_view read_refused =
    "SELECT " FLOWSPAN_KEY ", reason, datagrams FROM account_refused" FLOWSPAN_TOUCHES;
inline constexpr std::string_view read_writers =
    "SELECT begins, span, " FLOWSPAN_WRITER_SUMS " FROM account_writers" FLOWSPAN_TOUCHES
    " GROUP BY 1, 2 ORDER BY 1, 2";

// --- hours become days: ?1 before ---

inline constexpr std::string_view has_old_hours =
    "SELECT EXISTS (SELECT 1 FROM account WHERE span = " FLOWSPAN_HOUR
    " AND begins < ?1) OR EXISTS (SELECT 1 FROM account_writers WHERE span = " FLOWSPAN_HOUR " AND begins < ?1)";
#define FLOWSPAN_OLD_HOURS " WHERE span = " FLOWSPAN_HOUR " AND begins < ?1"
inline constexpr auto hours_to_days = std::to_array<std::string_view>({
    "INSERT INTO account (" FLOWSPAN_KEY ", " FLOWSPAN_ACCOUNT_COLUMNS ") SELECT " FLOWSPAN_ITS_DAY
    ", import_id, exporter_hi, exporter_lo, " FLOWSPAN_SUMS " FROM account" FLOWSPAN_OLD_HOURS
    " GROUP BY 1, 3, 4, 5 ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD_ACCOUNT,
    "DELETE FROM account" FLOWSPAN_OLD_HOURS,
    "INSERT INTO account_refused (" FLOWSPAN_KEY ", reason, datagrams) SELECT " FLOWSPAN_ITS_DAY
    ", import_id, exporter_hi, exporter_lo, reason, sum(datagrams) FROM account_refused" FLOWSPAN_OLD_HOURS
    " GROUP BY 1, 3, 4, 5, 6 ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD(datagrams),
    "DELETE FROM account_refused" FLOWSPAN_OLD_HOURS,
    "INSERT INTO account_writers (begins, span, writer, " FLOWSPAN_WRITER_COLUMNS ") SELECT " FLOWSPAN_ITS_DAY
    ", writer, " FLOWSPAN_WRITER_SUMS " FROM account_writers" FLOWSPAN_OLD_HOURS
    " GROUP BY 1, 3 ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD_WRITER,
    "DELETE FROM account_writers" FLOWSPAN_OLD_HOURS,
});

// --- days beyond their number become others' ---

inline constexpr std::string_view count_days =
    "SELECT count(*) FROM account WHERE span = " FLOWSPAN_DAY " AND " FLOWSPAN_NOT_OTHERS;
/// Which go: a table of this connection.
inline constexpr std::string_view make_small =
    "CREATE TEMP TABLE IF NOT EXISTS account_small (begins INTEGER, import_id INTEGER, exporter_hi INTEGER, "
    "exporter_lo "
    "INTEGER, PRIMARY KEY (begins, import_id, exporter_hi, exporter_lo)) WITHOUT ROWID";
/// ?1 so many: the exporters with the fewest flows in all days, and of each the oldest days.
inline constexpr std::string_view choose_small =
    "INSERT INTO account_small SELECT begins, import_id, exporter_hi, exporter_lo FROM account JOIN (SELECT "
    "exporter_hi, "
    "exporter_lo, sum(stored) AS flows FROM account WHERE span = " FLOWSPAN_DAY
    " GROUP BY 1, 2) USING (exporter_hi, exporter_lo) WHERE span = " FLOWSPAN_DAY " AND " FLOWSPAN_NOT_OTHERS
    " ORDER BY flows, exporter_hi, exporter_lo, begins, import_id LIMIT ?1";
#define FLOWSPAN_IS_SMALL                                                                          \
  " WHERE span = " FLOWSPAN_DAY                                                                    \
  " AND (begins, import_id, exporter_hi, exporter_lo) IN (SELECT begins, import_id, exporter_hi, " \
  "exporter_lo FROM account_small)"
inline constexpr auto small_to_others = std::to_array<std::string_view>({
    "INSERT INTO account (" FLOWSPAN_KEY ", " FLOWSPAN_ACCOUNT_COLUMNS
    ") SELECT begins, span, import_id, 0, 0, " FLOWSPAN_SUMS " FROM account" FLOWSPAN_IS_SMALL
    " GROUP BY 1, 3 ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD_ACCOUNT,
    "DELETE FROM account" FLOWSPAN_IS_SMALL,
    "INSERT INTO account_refused (" FLOWSPAN_KEY
    ", reason, datagrams) SELECT begins, span, import_id, 0, 0, reason, sum(datagrams) FROM "
    "account_refused" FLOWSPAN_IS_SMALL " GROUP BY 1, 3, 6 ON CONFLICT DO UPDATE SET " FLOWSPAN_ADD(datagrams),
    "DELETE FROM account_refused" FLOWSPAN_IS_SMALL,
    "DELETE FROM account_small",
});

// --- what goes with the flows ---

/// ?1 until when. `begins < ?1` says nothing new but to the primary key.
#define FLOWSPAN_UNTIL " WHERE import_id = 0 AND begins < ?1 AND begins + span <= ?1"
inline constexpr auto forget_collected = std::to_array<std::string_view>({
    "DELETE FROM account" FLOWSPAN_UNTIL,
    "DELETE FROM account_refused" FLOWSPAN_UNTIL,
    "DELETE FROM account_writers WHERE begins < ?1 AND begins + span <= ?1",
});
/// Reads every row: for when an import has gone.
inline constexpr auto forget_imported = std::to_array<std::string_view>({
    "DELETE FROM account WHERE import_id <> 0 AND import_id NOT IN (SELECT id FROM imports)",
    "DELETE FROM account_refused WHERE import_id <> 0 AND import_id NOT IN (SELECT id FROM imports)",
});

}  // namespace flowspan::store::account_sql
