// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/settings.hpp"
#include "app/verbs.hpp"

namespace flowspan::app {
namespace {

using Flags = std::shared_ptr<ConfigurationFlags>;
using Options = std::shared_ptr<StoreOptions>;

CLI::App* add_store_action(CLI::App& store, Action& action, const char* name, const char* help) {
  auto* verb = store.add_subcommand(name, help);
  const auto flags = std::make_shared<ConfigurationFlags>();
  const auto options = std::make_shared<StoreOptions>();
  options->action = name;
  if (options->action == "verify") verb->add_flag("--deep", options->deep, "read every row and compare all sums");
  if (options->action == "compact") verb->add_flag("--all", options->all, "all of them, not only what is due");
  if (options->action != "views") add_format(*verb, options->format);
  flags->add_to(*verb, {"store"});
  verb->callback([&action, flags, options] {
    action = [flags, options] {
      const auto configuration = flags->load();
      return configuration ? run_store(*configuration, *options) : report(configuration.error());
    };
  });
  return verb;
}

}  // namespace

void add_store(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("store", "look after a store");
  add_store_action(*verb, action, "info", "what it holds")->footer("Example:\n  flowspan store info --format json");
  add_store_action(*verb, action, "verify", "compare its catalog with its files")
      ->footer("Example:\n  flowspan store verify --deep");
  add_store_action(*verb, action, "views", "its view 'flows' as SQL for any DuckDB, without flowspan")
      ->footer("Example:\n  flowspan store views > views.sql && duckdb -init views.sql");
  add_store_action(*verb, action, "compact", "merge small segments now")
      ->footer("Example:\n  flowspan store compact --all");
  verb->require_subcommand(0, 1);
  verb->footer("Example:\n  flowspan store info --store /var/lib/flowspan");
}

void add_replay(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("replay", "send the datagrams of captures again");
  const auto options = std::make_shared<ReplayOptions>();
  verb->add_option("files", options->files, "captures, journals, or a store for what it has in quarantine")
      ->option_text("FILE...");
  verb->add_option("--to", options->to, "where to")->option_text("HOST:PORT");
  verb->add_option("--speed", options->speed, "so many times as fast as recorded, or max [1]")->option_text("N");
  verb->add_flag("--quiet", options->quiet, "no progress, no warnings");
  verb->footer("Example:\n  flowspan replay exports.pcap --to 127.0.0.1:2055 --speed 10");
  verb->callback([&action, options] { action = [options] { return run_replay(*options); }; });
}

void add_check(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("check", "what would hinder collecting: configuration, ports, store, clock");
  const auto flags = std::make_shared<ConfigurationFlags>();
  const auto options = std::make_shared<CheckOptions>();
  auto* nfcapd = verb->add_option("--from-nfcapd", options->from_nfcapd,
                                  "nfcapd's options, in quotes: print the flowspan.toml that does the same")
                     ->option_text("'OPTIONS'");
  auto keys = setting_keys();
  std::erase(keys, "format");  // that of the list, not of a summary
  flags->add_to(*verb, keys);
  add_format(*verb, options->format);
  verb->footer(
      "Examples:\n"
      "  flowspan check --config /etc/flowspan/flowspan.toml\n"
      "  flowspan check --from-nfcapd '-p 9995 -w /data/flows -y -t 300' > flowspan.toml");
  verb->callback([&action, flags, options, nfcapd] {
    options->translate = nfcapd->count() > 0;
    options->config = flags->file();
    options->flags = flags->overrides();
    action = [options] { return run_check(*options); };
  });
}

}  // namespace flowspan::app
