// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/commands.hpp"
#include "base/result.hpp"
#include "simulate/network.hpp"

namespace flowspan::app {

/// What the options ask for; the error names the flag. `now` is when a live run begins, and what "now" means.
Result<simulate::Plan> make_plan(const SimulateOptions& options, Time now);

}  // namespace flowspan::app
