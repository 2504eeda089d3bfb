// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/verbs.hpp"

namespace flowspan::app {

void add_watch(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("watch", "a screen on what is collected: streams, flows, durations, pairs");
  const auto flags = std::make_shared<ConfigurationFlags>();
  const auto options = std::make_shared<WatchOptions>();
  verb->add_option("--tz", options->tz, "clock times in this zone: UTC, Europe/Prague [local]")->option_text("ZONE");
  verb->add_flag("--mouse", options->mouse,
                 "click and scroll with the mouse (the terminal then needs Shift to select)");
  flags->add_to(*verb, {"store"});
  verb->footer(
      "Examples:\n"
      "  flowspan watch                                      what the collector here does, in this terminal\n"
      "  flowspan watch --store /var/lib/flowspan\n"
      "  ssh -t collector flowspan watch --tz UTC            from elsewhere\n"
      "  flowspan watch | tee -a status.log                  no terminal: a line every ten seconds\n"
      "The collector need not run, nor the store exist. Keys are shown by ?; q quits (docs/guide/screen.md).");
  verb->callback([&action, flags, options] {
    action = [flags, options] {
      const auto configuration = flags->load();
      return configuration ? run_watch(*configuration, *options) : report(configuration.error());
    };
  });
}

}  // namespace flowspan::app
