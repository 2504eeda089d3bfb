// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>

#include "app/verbs.hpp"

namespace flowspan::app {
namespace {

std::optional<std::uint64_t> number(const std::string& word) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (code != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

void add_ask(CLI::App& verb, AskOptions& options) {
  verb.add_option("--last", options.last, "flows of so long until now (or --to)")->option_text("TIME");
  verb.add_option("--from", options.from, "flows from then on: 2026-11-23T16:30, now-1h")->option_text("WHEN");
  verb.add_option("--to", options.to, "flows before then")->option_text("WHEN");
  verb.add_option("--time", options.time,
                  "which time that is: of receiving, of the first or last packet, or any moment between those "
                  "(received, first, last, active) [last]")
      ->option_text("WHICH");
  const auto newest = [&options](const std::string& word) {
    options.newest = number(word);
    if (options.newest.value_or(0) == 0)
      throw CLI::ValidationError("--newest", "'" + word + "' is no number of flows: write e.g. 100");
  };
  verb.add_option_function<std::string>("--newest", newest,
                                        "only the N flows that arrived last, those of this second included")
      ->option_text("N");
  verb.add_option("--tz", options.tz, "show times in this zone: local, Europe/Prague [UTC]")->option_text("ZONE");
  add_format(verb, options.format);
}

/// A list of words behind one flag, divided by commas; the word after it is not part of it.
void add_words(CLI::App& verb, const char* flag, std::vector<std::string>& words, const char* help) {
  verb.add_option(flag, words, help)->delimiter(',')->allow_extra_args(false)->option_text("COLUMN,...");
}

void add_top(CLI::App& verb, std::optional<std::uint64_t>& top) {
  const auto read = [&top](const std::string& word) {
    top = number(word);
    if (!top) throw CLI::ValidationError("--top", "'" + word + "' is no number of rows: write e.g. 20, or 0 for all");
  };
  verb.add_option_function<std::string>("--top", read, "so many rows; 0: all [10]")->option_text("N");
}

}  // namespace

void add_format(CLI::App& verb, Format& format) {
  const auto read = [&format](const std::string& word) {
    constexpr std::array<std::string_view, 4> names{"table", "csv", "json", "ndjson"};
    const auto found = std::find(names.begin(), names.end(), word);
    if (found == names.end())
      throw CLI::ValidationError("--format", "'" + word + "' is no format: write table, csv, json or ndjson");
    format = static_cast<Format>(found - names.begin());
  };
  verb.add_option_function<std::string>("--format", read, "table, csv, json or ndjson [table]")->option_text("FORMAT");
}

void add_query(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("query", "who talked to whom, how much: sums over flows, or the flows");
  const auto flags = std::make_shared<ConfigurationFlags>();
  const auto options = std::make_shared<QueryOptions>();
  verb->add_option("filter", options->filter, "not in this version: use flowspan sql")->option_text("FILTER");
  add_words(*verb, "--by", options->by, "group by these: src_addr,dst_port; src_addr/24 by network");
  add_words(*verb, "--sum", options->sum,
            "bytes, packets, flows, raw_bytes, raw_packets, duration_ms [bytes,packets,flows]");
  verb->add_option("--order", options->order, "most of this first; dst_port:asc turns it round [the first of --sum]")
      ->option_text("COLUMN");
  add_top(*verb, options->top);
  verb->add_flag("--raw", options->raw, "bytes and packets as exported, not times the sampling rate");
  verb->add_flag("--explain", options->explain, "print the SQL instead of asking it");
  flags->add_to(*verb, {"store"});
  add_ask(*verb, options->ask);
  verb->footer(
      "Examples:\n"
      "  flowspan query --by src_addr --last 1h                        top talkers of the last hour\n"
      "  flowspan query --by dst_port --sum flows,bytes --top 20\n"
      "  flowspan query --by src_addr/24,dst_addr/24 --order packets --format csv\n"
      "  flowspan query --newest 20                                    the flows that arrived last\n"
      "  flowspan query --top 0 --format ndjson                        every flow, a line each");
  verb->callback([&action, flags, options] {
    action = [flags, options] {
      const auto configuration = flags->load();
      return configuration ? run_query(*configuration, *options) : report(configuration.error());
    };
  });
}

void add_sql(CLI::App& program, Action& action) {
  auto* verb = program.add_subcommand("sql", "ask the view 'flows' in SQL");
  const auto flags = std::make_shared<ConfigurationFlags>();
  const auto options = std::make_shared<SqlOptions>();
  verb->add_option("statement", options->sql, "one statement in DuckDB's SQL; it cannot change the store")
      ->option_text("SQL");
  verb->add_flag("--raw", options->raw, "bytes and packets as exported, not times the sampling rate");
  flags->add_to(*verb, {"store"});
  add_ask(*verb, options->ask);
  verb->footer(
      "Examples:\n"
      "  flowspan sql 'DESCRIBE flows'\n"
      "  flowspan sql \"SELECT src_addr, sum(bytes) AS bytes FROM flows WHERE in_net(dst_hi, dst_lo, '10.0.0.0/8')\n"
      "                GROUP BY ALL ORDER BY bytes DESC LIMIT 10\" --last 1h");
  verb->callback([&action, flags, options] {
    action = [flags, options] {
      const auto configuration = flags->load();
      return configuration ? run_sql(*configuration, *options) : report(configuration.error());
    };
  });
}

void add_duration(CLI::App& program, Action& action) {
  auto* verb =
      program.add_subcommand("duration", "how long flows last in sum (T) and how many they are (C), by source");
  const auto flags = std::make_shared<ConfigurationFlags>();
  const auto options = std::make_shared<DurationOptions>();
  add_words(*verb, "--by", options->by, "of these instead: src_addr,dst_addr; src_addr/24; dst_port [src_addr]");
  verb->add_option("--unit", options->unit, "ms or s [ms]")->option_text("UNIT");
  verb->add_flag_callback(
      "--no-plus-one", [options] { options->plus_one = false; }, "do not add one unit to each flow, as GDP does");
  verb->add_option("--order", options->order, "T, C or a key; C:asc turns it round [T]")->option_text("COLUMN");
  add_top(*verb, options->top);
  verb->add_flag("--explain", options->explain, "print the SQL instead of asking it");
  flags->add_to(*verb, {"store"});
  add_ask(*verb, options->ask);
  verb->footer(
      "T = sum(LAST - FIRST + 1) in ms; with --unit s: sum(floor((LAST - FIRST) / 1000) + 1), each flow by itself.\n"
      "A flow that ends before it begins, or does not say both times, is in C, not in T, and told after the answer.\n"
      "Examples:\n"
      "  flowspan duration --newest 100                                as GDP shows it\n"
      "  flowspan duration --last 1h --unit s --order C\n"
      "  flowspan duration --by src_addr,dst_addr --no-plus-one --top 0 --format csv");
  verb->callback([&action, flags, options] {
    action = [flags, options] {
      const auto configuration = flags->load();
      return configuration ? run_duration(*configuration, *options) : report(configuration.error());
    };
  });
}

}  // namespace flowspan::app
