// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "analysis/duration.hpp"

#include <memory>

#include "app/ask.hpp"
#include "app/commands.hpp"

namespace flowspan::app {

int run_duration(const Configuration& configuration, const DurationOptions& options) {
  const auto unit = analysis::parse_duration_unit(options.unit);
  if (!unit) return report({"--unit: " + unit.error().text, unit.error().kind});
  const auto window = window_of(options.ask);
  if (!window) return report(window.error());
  analysis::DurationQuestion question;
  if (!options.by.empty()) question.by = options.by;
  question.unit = *unit;
  question.plus_one = options.plus_one;
  question.order = options.order;
  question.top = options.top.value_or(question.top);
  question.window = *window;
  question.newest = options.ask.newest;
  auto request = analysis::plan_duration(question);
  if (!request) return report(request.error());
  if (options.explain) return explain(options.ask, request->sql);
  return ask(configuration, options.ask, std::move(*request),
             [&](query::RowWriter& rows) { return std::make_unique<analysis::DurationRows>(question, rows); });
}

}  // namespace flowspan::app
