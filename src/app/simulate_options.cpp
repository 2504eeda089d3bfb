// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/verbs.hpp"

namespace flowspan::app {

void add_simulate(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("simulate", "send what routers of a made-up network would export");
  const auto options = std::make_shared<SimulateOptions>();
  const auto add = [&](const char* name, std::string& value, const char* help, const char* text) {
    verb->add_option(name, value, help)->option_text(text);
  };
  add("--to", options->to, "send to this collector, live, until Ctrl-C or the end of --flows, --duration", "HOST:PORT");
  add("--pcap", options->pcap, "or write a capture, as fast as it can be made", "FILE");
  add("--protocol", options->protocol, "of NetFlow: v1, v5, v7 or v8 [v5]", "VERSION");
  add("--flows", options->flows, "so many flow records, then end", "N");
  add("--duration", options->duration, "so long, then end", "TIME");
  add("--rate", options->rate, "flow records a second, on average over a day [200]", "R");
  verb->add_flag("--flat", options->flat, "the same rate at any time of day; else quiet at night (UTC)");
  add("--exporters", options->exporters, "so many routers [1]", "K");
  add("--seed", options->seed, "the same number gives the same flows [1]", "S");
  add("--start", options->start, "when the capture begins: 2026-11-23T08:00 [now]", "WHEN");
  add("--active-timeout", options->active_timeout, "a router exports a flow that lasts longer in parts [60s]", "TIME");
  add("--idle-timeout", options->idle_timeout, "a router exports a flow that was silent so long [15s]", "TIME");
  add("--sampling", options->sampling, "routers see one packet in N [1]", "N");
  verb->add_option("--with", options->with,
                   "misbehaviour: scan, beacon, flood, exfiltration, bruteforce, loss (of datagrams), restart (of a "
                   "router); each may be repeated")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("KIND,...");
  add("--labels", options->labels, "write what misbehaved, when and how much, as CSV", "FILE");
  verb->add_flag("--quiet", options->quiet, "no progress, no notes, no summary as text");
  add_format(*verb, options->format);
  verb->footer(
      "Examples:\n"
      "  flowspan simulate --to 127.0.0.1:2055                         a small office, until Ctrl-C\n"
      "  flowspan simulate --to 127.0.0.1:2055 --exporters 8 --rate 5000 --with scan,beacon,loss --labels labels.csv\n"
      "  flowspan simulate --pcap day.pcap --duration 24h --start 2026-11-23 --seed 7");
  verb->callback([&action, options] { action = [options] { return run_simulate(*options); }; });
}

}  // namespace flowspan::app
