// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/commands.hpp"
#include "flow/ledger.hpp"
#include "query/time_zone.hpp"
#include "store/exporter_settings.hpp"

namespace flowspan::app {

/// What a row of the answer is of; what is not asked for is empty.
struct AccountKey {
  std::optional<Time> begins;
  Duration span = 0;
  std::optional<Ip> exporter;
  friend auto operator<=>(const AccountKey&, const AccountKey&) = default;
};

struct AccountSum {
  flow::ExporterAccount account;                ///< committed and waiting
  std::int64_t waiting = 0;                     ///< of account.stored: received and journalled, not yet committed
  std::map<std::string, std::int64_t> refused;  ///< datagrams by reason
};

/// The answer of `flowspan account`.
struct AccountTable {
  std::map<AccountKey, AccountSum> rows;
  flow::WriterAccount
      machine;                 ///< what this machine received and dropped in the window, whatever exporters were chosen
  std::optional<Time> begins;  ///< of the ledger
  AccountBy by = AccountBy::exporter_hour;
  bool selected = false;  ///< some exporters only
  std::vector<store::ExporterSettings> exporters;

  AccountSum total() const;
};

Status write_account(const AccountTable& table, Format format, const query::TimeZone& zone);
/// What a reader should know beside the numbers; the verdict last.
std::vector<std::string> account_notes(const AccountTable& table);

}  // namespace flowspan::app
