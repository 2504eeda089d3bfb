// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/ask.hpp"
#include "app/commands.hpp"
#include "query/question.hpp"

namespace flowspan::app {

int run_query(const Configuration& configuration, const QueryOptions& options) {
  if (!options.filter.empty())
    return report({fmt::format("query takes no filter yet, so '{}' cannot be understood: ask in SQL, e.g. flowspan sql "
                               "\"SELECT * FROM flows WHERE in_net(src_hi, src_lo, '10.0.0.0/8')\"",
                               fmt::join(options.filter, " ")),
                   ErrorKind::usage});
  auto window = window_of(options.ask);
  if (!window) return report(window.error());
  query::Question question;
  question.by = options.by;
  question.sum = options.sum;
  question.order = options.order;
  const bool all = options.by.empty() && options.ask.newest;  // a list of the newest has its length already
  question.top = options.top.value_or(all ? 0 : question.top);
  question.window = *window;
  auto sql = query::plan_sql(question);
  if (!sql) return report(sql.error());
  if (options.explain) return explain(options.ask, *sql);
  query::Request request;
  request.sql = std::move(*sql);
  question.wide_counters = true;
  request.wide_sql = query::plan_sql(question).value_or("");
  request.window = *window;
  request.raw = options.raw;
  return ask(configuration, options.ask, std::move(request));
}

}  // namespace flowspan::app
