// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The loss ledger in the catalog: docs/guide/account.md says what it means, docs/formats/catalog.md how it is kept.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "flow/ledger.hpp"
#include "store/store.hpp"

namespace flowspan::store {

namespace sqlite {
class Database;
}

/// After so long the hours of a day are summed up.
inline constexpr Duration hours_kept = 35 * day;
/// Exporters that one hour has rows of; all beyond are counted together, as flow::Ledger::others.
inline constexpr std::int64_t max_accounts_of_an_hour = static_cast<std::int64_t>(flow::Ledger::max_rows);
/// Rows that all days together have of exporters, some 30 MB; beyond, the exporters with the fewest flows are counted
/// together, their oldest days first. 100 exporters fill it in seven years.
inline constexpr std::int64_t max_account_days = 250'000;

/// Whose ledger it is.
struct AccountOwner {
  std::uint32_t writer = 0;
  std::int64_t import_id = 0;  ///< 0: collected
};

/// Adds a ledger to what is there. Inside a transaction of the catalog: that of the flows it accounts for.
Status add_account(sqlite::Database& db, const flow::Ledger& ledger, const AccountOwner& owner);
/// Removes what is older than all collected flows that are kept. Inside a transaction of the catalog.
Status forget_collected_account(sqlite::Database& db, Time until);
/// Removes what is of imports that are gone. Inside a transaction of the catalog; reads the whole ledger.
Status forget_imported_account(sqlite::Database& db);
/// Sums hours older than hours_kept up to days, and of those no more than `max_days`. Does nothing when there is no such
/// hour.
Status fold_account(Store& store, Time now, std::int64_t max_days = max_account_days);

/// One exporter in one hour, or one day.
struct AccountRow {
  Time begins = 0;
  Duration span = hour;
  bool imported = false;
  Ip exporter;  ///< flow::Ledger::others: those that had no row of their own
  flow::ExporterAccount account;
  std::map<std::string, std::int64_t> refused;  ///< datagrams by reason
};

/// What this machine's writers received and dropped in one hour, or one day.
struct WriterRow {
  Time begins = 0;
  Duration span = hour;
  flow::WriterAccount account;
};

/// The whole ledger of a window, and what is needed to go on behind it.
struct AccountSnapshot {
  std::vector<AccountRow> exporters;     ///< by time and exporter
  std::vector<WriterRow> writers;        ///< by time; all writers together
  std::vector<WriterState> positions;    ///< of the active writers: what comes after is in their journals
  std::vector<Quarantined> quarantined;  ///< stretches of those journals to skip
  std::optional<Time> begins;            ///< of the ledger: of flows stored before it, nothing is known
};

/// As of one moment. Rows that touch [from, to).
Result<AccountSnapshot> take_account(Store& store, const std::optional<Time>& from, const std::optional<Time>& to);

}  // namespace flowspan::store
