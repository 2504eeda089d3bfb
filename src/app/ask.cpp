// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/ask.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "app/live.hpp"
#include "app/tell.hpp"
#include "query/window.hpp"

namespace flowspan::app {

Result<store::Window> window_of(const AskOptions& options) {
  if (options.newest && !(options.from.empty() && options.to.empty() && options.last.empty()))
    return fail("--newest and a window (--from, --to, --last) contradict each other: leave one of them out",
                ErrorKind::usage);
  return query::parse_window({options.from, options.to, options.last, options.time}, now());
}

int explain(const AskOptions& options, const std::string& sql) {
  if (options.newest) fmt::print("-- to be asked with flowspan sql --newest {}\n", *options.newest);
  fmt::print("{}\n", sql);
  return exit_done;
}

int ask(const Configuration& configuration, const AskOptions& options, query::Request request) {
  return ask(configuration, options, std::move(request), {});
}

int ask(const Configuration& configuration, const AskOptions& options, query::Request request,
        const RowFilter& filter) {
  auto zone = query::TimeZone::parse(options.tz);
  if (!zone) return report(zone.error());
  request.store = configuration.store;
  request.exporters = configuration.exporters;
  request.newest = options.newest;
  const auto rows = query::RowWriter::make(options.format, query::standard_output(), *zone);
  const auto filtered = filter ? filter(*rows) : nullptr;
  const auto truth = ask_store(request, filtered ? *filtered : *rows);
  if (!truth) return report(truth.error());
  if (options.format != Format::json) tell("{}\n", query::truth_text(*truth));
  return exit_done;
}

}  // namespace flowspan::app
