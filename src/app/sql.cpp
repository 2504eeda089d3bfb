// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/ask.hpp"
#include "app/commands.hpp"

namespace flowspan::app {

int run_sql(const Configuration& configuration, const SqlOptions& options) {
  if (options.sql.find_first_not_of(" \t\r\n;") == std::string::npos)
    return report({"sql needs a statement: write e.g. flowspan sql 'SELECT count(*) FROM flows'", ErrorKind::usage});
  auto window = window_of(options.ask);
  if (!window) return report(window.error());
  query::Request request;
  request.sql = options.sql;
  request.window = *window;
  request.window_in_view = true;
  request.raw = options.raw;
  return ask(configuration, options.ask, std::move(request));
}

}  // namespace flowspan::app
