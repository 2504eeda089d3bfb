// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/time.hpp"

namespace flowspan::app {

/// Takes SIGINT, SIGTERM and SIGHUP as messages instead of interruptions, for this thread and all it will start; SIGPIPE
/// is ignored. To be called before any thread is started.
void catch_signals();
/// The next of these signals, waiting at most so long.
std::optional<int> wait_for_signal(Duration at_most);

}  // namespace flowspan::app
