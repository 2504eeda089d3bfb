// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "app/verbs.hpp"

namespace flowspan::app {

void add_account(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("account", "the loss ledger: what exporters announced, and where it is now");
  const auto flags = std::make_shared<ConfigurationFlags>();
  const auto options = std::make_shared<AccountOptions>();
  const auto by = [options](const std::string& word) {
    constexpr std::array<std::string_view, 4> names{"exporter-hour", "hour", "exporter", "total"};
    const auto found = std::find(names.begin(), names.end(), word);
    if (found == names.end())
      throw CLI::ValidationError("--by", "'" + word + "' is nothing to sum by: write hour, exporter or total");
    options->by = static_cast<AccountBy>(found - names.begin());
  };
  verb->add_option("--last", options->ask.last, "hours of so long until now (or --to)")->option_text("TIME");
  verb->add_option("--from", options->ask.from, "hours from then on: 2026-11-23T16:00, now-1d")->option_text("WHEN");
  verb->add_option("--to", options->ask.to, "hours before then")->option_text("WHEN");
  verb->add_option_function<std::string>("--by", by, "a row for each hour, exporter, or in total [exporter and hour]")
      ->option_text("WHAT");
  verb->add_option("--exporter", options->exporters, "only these: an address or a network; may be repeated")
      ->allow_extra_args(false)
      ->option_text("NET");
  verb->add_option("--tz", options->ask.tz, "show times in this zone: local, Europe/Prague [UTC]")->option_text("ZONE");
  add_format(*verb, options->ask.format);
  flags->add_to(*verb, {"store"});
  verb->footer(
      "announced = stored + waiting - not numbered - repeated\n"
      "            + network + kernel + ring + journal + down + quarantined + undecodable + unclear\n"
      "Hours (UTC) of receiving; older than 35 days: days. Columns that are 0 everywhere are left out of the table.\n"
      "Examples:\n"
      "  flowspan account --last 1d --by exporter     who lost how much today, and where\n"
      "  flowspan account --exporter 192.0.2.0/24     hour by hour\n"
      "  flowspan account --by total --format json    for a monitoring script: quality.balances");
  verb->callback([&action, flags, options] {
    action = [flags, options] {
      const auto configuration = flags->load();
      return configuration ? run_account(*configuration, *options) : report(configuration.error());
    };
  });
}

}  // namespace flowspan::app
