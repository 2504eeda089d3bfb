// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "app/account_table.hpp"
#include "app/ask.hpp"
#include "app/commands.hpp"
#include "app/tell.hpp"
#include "pipeline/live.hpp"
#include "query/window.hpp"
#include "store/account.hpp"

namespace flowspan::app {
namespace {

// A journal is committed about every five minutes: losing this race so often is not chance.
constexpr int attempts = 10;

/// Rows of one ledger, from the catalog or from a journal that waits to be committed.
void add_row(const store::AccountRow& row, bool waiting, const AccountOptions& options,
             const std::vector<Prefix>& networks, AccountTable& table) {
  if (!networks.empty() && std::none_of(networks.begin(), networks.end(), [&](const Prefix& network) {
        return row.exporter != flow::Ledger::others && network.contains(row.exporter);
      }))
    return;
  AccountKey key;
  const bool by_hour = options.by == AccountBy::hour || options.by == AccountBy::exporter_hour;
  const bool by_exporter = options.by == AccountBy::exporter || options.by == AccountBy::exporter_hour;
  if (by_hour) key.begins = row.begins;
  if (by_hour) key.span = row.span;
  if (by_exporter) key.exporter = row.exporter;
  AccountSum& sum = table.rows[key];
  sum.account += row.account;
  if (waiting) sum.waiting += row.account.stored;
  for (const auto& [reason, datagrams] : row.refused) sum.refused[reason] += datagrams;
}

bool touches(Time begins, const store::Window& window) {
  return (!window.from || begins + hour > *window.from) && (!window.to || begins < *window.to);
}

void add_waiting(const flow::Ledger& ledger, const store::Window& window, const AccountOptions& options,
                 const std::vector<Prefix>& networks, AccountTable& table) {
  for (const auto& [key, account] : ledger.exporters()) {
    if (!touches(key.hour, window)) continue;
    store::AccountRow row;
    row.begins = key.hour;
    row.exporter = key.exporter;
    row.account = account;
    add_row(row, true, options, networks, table);
  }
  for (const auto& [place, datagrams] : ledger.refused()) {
    if (!touches(place.first.hour, window)) continue;
    store::AccountRow row;
    row.begins = place.first.hour;
    row.exporter = place.first.exporter;
    row.refused[place.second] = datagrams;
    add_row(row, true, options, networks, table);
  }
  for (const auto& [begins, account] : ledger.writers())
    if (touches(begins, window)) table.machine += account;
}

/// The committed ledger, and that of what waits in the journals. Kind not_found: a journal was committed meanwhile.
Result<AccountTable> take(store::Store& opened, const store::Window& window, const AccountOptions& options,
                          const std::vector<Prefix>& networks) {
  auto snapshot = store::take_account(opened, window.from, window.to);
  if (!snapshot) return fail(snapshot.error());
  AccountTable table;
  table.begins = snapshot->begins;
  for (const store::AccountRow& row : snapshot->exporters) add_row(row, false, options, networks, table);
  for (const store::WriterRow& row : snapshot->writers) table.machine += row.account;
  for (const store::WriterState& writer : snapshot->positions) {
    std::vector<pipeline::Stretch> skipped;
    for (const store::Quarantined& stretch : snapshot->quarantined)
      if (stretch.writer == writer.writer) skipped.push_back({stretch.position, stretch.length});
    auto live =
        pipeline::LiveJournal::open(opened.journal_folder(), writer.writer, writer.position, std::move(skipped));
    if (!live) return fail(live.error());
    const auto ledger = (*live)->ledger(writer.state);
    if (!ledger) return fail(ledger.error());
    add_waiting(*ledger, window, options, networks, table);
  }
  return table;
}

Result<std::vector<Prefix>> networks_of(const std::vector<std::string>& words) {
  std::vector<Prefix> networks;
  for (const std::string& word : words) {
    auto network = Prefix::parse(word);
    if (!network) return fail("--exporter: " + network.error().text, ErrorKind::usage);
    networks.push_back(*network);
  }
  return networks;
}

}  // namespace

int run_account(const Configuration& configuration, const AccountOptions& options) {
  auto ask = options.ask;
  ask.time = "received";
  const auto window = window_of(ask);
  if (!window) return report(window.error());
  const auto networks = networks_of(options.exporters);
  if (!networks) return report(networks.error());
  auto zone = query::TimeZone::parse(ask.tz);
  if (!zone) return report(zone.error());
  auto opened = store::Store::open(configuration.store, store::Mode::read);
  if (!opened) return report(opened.error());
  for (int attempt = 1;; ++attempt) {
    auto table = take(**opened, *window, options, *networks);
    if (!table && table.error().kind == ErrorKind::not_found && attempt < attempts) continue;
    if (!table) return report(table.error());
    table->by = options.by;
    table->exporters = configuration.exporters;
    table->selected = !networks->empty();
    if (const Status written = write_account(*table, ask.format, *zone); !written) return report(written.error());
    if (ask.format == Format::json) return exit_done;
    for (const std::string& line : account_notes(*table)) tell("{}\n", line);
    return exit_done;
  }
}

}  // namespace flowspan::app
