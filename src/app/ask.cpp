// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/ask.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "app/live.hpp"
#include "query/window.hpp"

namespace flowspan::app {

Result<store::Window> window_of(const AskOptions& options) {
  return query::parse_window({options.from, options.to, options.last, options.time}, now());
}

int ask(const Configuration& configuration, const AskOptions& options, query::Request request) {
  auto zone = query::TimeZone::parse(options.tz);
  if (!zone) return report(zone.error());
  request.store = configuration.store;
  request.exporters = configuration.exporters;
  const auto rows = query::RowWriter::make(options.format, query::standard_output(), *zone);
  const auto truth = query::answer(request, live_readers, *rows);
  if (!truth) return report(truth.error());
  if (options.format != Format::json) fmt::print(stderr, "{}\n", query::truth_text(*truth));
  return exit_done;
}

}  // namespace flowspan::app
