// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/settings.hpp"
#include "app/verbs.hpp"

namespace flowspan::app {

void ConfigurationFlags::add(CLI::App& verb, std::string_view key) {
  const Setting& setting = *find_setting(key);
  auto& value = *values_.emplace_back(std::make_unique<Value>(Value{std::string(key), nullptr, {}, {}}));
  const auto flag = flag_of(setting);
  const auto usual = setting.text(Configuration{});
  if (setting.kind == Kind::flag) {
    const auto help = (flag.starts_with("--no-") ? "do not " : "") + std::string(setting.help);
    value.option = verb.add_flag(flag, help);
    return;
  }
  const auto help = std::string(setting.help) + (usual == "none" ? "" : " [" + usual + "]");
  value.option = setting.kind == Kind::list ? verb.add_option(flag, value.words, help)
                                            : verb.add_option(flag, value.text, help)->take_last();
  value.option->option_text(std::string(setting.value) + (setting.kind == Kind::list ? "..." : ""));
}

void ConfigurationFlags::add_to(CLI::App& verb, const std::vector<std::string_view>& keys) {
  for (const auto key : keys) add(verb, key);
  verb.add_option("--config", file_, "flowspan.toml; without it ./flowspan.toml or /etc/flowspan/flowspan.toml")
      ->option_text("FILE");
}

std::vector<Override> ConfigurationFlags::overrides() const {
  std::vector<Override> flags;
  for (const auto& value : values_) {
    if (value->option->count() == 0) continue;
    const Setting& setting = *find_setting(value->key);
    auto words = setting.kind == Kind::list ? value->words : std::vector{value->text};
    if (setting.kind == Kind::flag) words = {flag_of(setting).starts_with("--no-") ? "false" : "true"};
    flags.push_back({value->key, std::move(words)});
  }
  return flags;
}

void add_collect(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("collect", "receive flows and store them");
  const auto flags = std::make_shared<ConfigurationFlags>();
  const auto tui = std::make_shared<bool>(false);
  verb->add_flag("--tui", *tui, "show streams, flows and analyses on a screen in this terminal");
  flags->add_to(*verb, setting_keys());
  verb->footer(
      "Examples:\n"
      "  flowspan collect                                    every protocol on :2055 :4739 :6343\n"
      "  flowspan collect --tui                              the same, with a screen\n"
      "  flowspan collect --store /var/lib/flowspan --listen :9995 --keep 90d\n"
      "  flowspan collect --sqlite dataset.sqlite3 --output ndjson:-     a dataset and a stream of lines as well\n"
      "  flowspan collect --listen :9995 --mirror 192.0.2.7:9995    beside another collector\n"
      "Every flag is a key of flowspan.toml (docs/guide/configuration.md); a flag wins. SIGHUP reads the file again.");
  verb->callback([&action, flags, tui] {
    action = [flags, tui] {
      const auto configuration = flags->load();
      return configuration ? run_collect(*configuration, {.with_screen = *tui}) : report(configuration.error());
    };
  });
}

void add_read(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("read", "store the flows of capture files");
  const auto flags = std::make_shared<ConfigurationFlags>();
  const auto options = std::make_shared<ReadOptions>();
  verb->add_option("files", options->files,
                   "captures (pcap, pcapng) of what exporters sent, or a dataset that GDP wrote; - is standard input")
      ->option_text("FILE...");
  verb->add_flag("--again", options->again, "read a file again that was read before: its flows are then there twice");
  flags->add_to(*verb, {"store", "sqlite.file", "format", "quiet"});
  verb->footer(
      "Examples:\n"
      "  flowspan read exports.pcap --store ./flowspan-data\n"
      "  flowspan read dataset.sqlite3                       what GDP had stored");
  verb->callback([&action, flags, options] {
    action = [flags, options] {
      if (options->files.empty())
        return report(
            {"read needs a file: a capture of what exporters sent, e.g. flowspan read exports.pcap", ErrorKind::usage});
      const auto configuration = flags->load();
      return configuration ? run_read(*configuration, *options) : report(configuration.error());
    };
  });
}

}  // namespace flowspan::app
