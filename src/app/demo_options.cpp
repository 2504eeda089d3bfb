// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/verbs.hpp"

namespace flowspan::app {

void add_demo(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("demo", "a made-up network, a collector and the screen: a first look");
  const auto options = std::make_shared<DemoOptions>();
  SimulateOptions& network = options->network;
  network.rate = "500";
  network.exporters = "4";
  network.duration = "4h";  // what is left open must not fill the disk
  network.flat = true;
  network.with = {"scan", "beacon", "bruteforce", "loss"};
  verb->add_option("--store", options->store,
                   "keep the flows in this folder, and a dataset beside it [they go at the end]")
      ->option_text("DIR");
  verb->add_option("--rate", network.rate, "flow records a second [500]")->option_text("R");
  verb->add_option("--exporters", network.exporters, "so many routers [4]")->option_text("K");
  verb->add_option("--protocol", network.protocol, "of NetFlow: v1, v5, v7 or v8 [v5]")->option_text("VERSION");
  verb->add_option("--duration", network.duration, "so long, then end [4h]")->option_text("TIME");
  verb->add_option("--seed", network.seed, "the same number gives the same flows [1]")->option_text("S");
  verb->add_option("--with", network.with,
                   "misbehaviour, as simulate has it; none is 'none' [scan,beacon,bruteforce,loss]")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("KIND,...");
  verb->add_flag("--quiet", options->quiet, "no screen, and nothing said but warnings and errors");
  add_format(*verb, network.format);
  verb->footer(
      "Examples:\n"
      "  flowspan demo                                  moving flows in a few seconds; ? shows the keys, q ends\n"
      "  flowspan demo --rate 5000 --with scan,flood,exfiltration\n"
      "  flowspan demo --store demo --duration 5m       keeps what it stored");
  verb->callback([&action, options] {
    action = [options] {
      if (options->network.with == std::vector<std::string>{"none"}) options->network.with.clear();
      return run_demo(*options);
    };
  });
}

}  // namespace flowspan::app
