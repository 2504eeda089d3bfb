// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "app/commands.hpp"
#include "query/answer.hpp"

namespace flowspan::app {

/// Asks the configured store, the journal after it included; rows to stdout, the truth to stderr (json: into the
/// object). The exit code.
int ask(const Configuration& configuration, const AskOptions& options, query::Request request);

/// The window that the flags --from --to --last --time give.
Result<store::Window> window_of(const AskOptions& options);

}  // namespace flowspan::app
