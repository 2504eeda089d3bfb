// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/commands.hpp"
#include "query/answer.hpp"

namespace flowspan::app {

/// Asks the configured store, the journal after it included; rows to stdout, the truth to stderr (json: into the
/// object). The exit code.
int ask(const Configuration& configuration, const AskOptions& options, query::Request request);

/// Stands between the answer and the writer of its rows, which outlives it.
using RowFilter = std::function<std::unique_ptr<query::RowWriter>(query::RowWriter& rows)>;
/// The same, with the rows going through a filter.
int ask(const Configuration& configuration, const AskOptions& options, query::Request request, const RowFilter& filter);

/// Prints SQL that `flowspan sql` understands; the exit code.
int explain(const AskOptions& options, const std::string& sql);

/// The window that the flags --from --to --last --time give; an error when --newest is there as well.
Result<store::Window> window_of(const AskOptions& options);

}  // namespace flowspan::app
