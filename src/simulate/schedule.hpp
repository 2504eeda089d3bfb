// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "simulate/misbehaviour.hpp"
#include "simulate/network.hpp"

namespace flowspan::simulate {

/// How long the plan takes, as far as it says; else ten minutes, after which everything happens again.
Duration period_of(const Plan& plan);

/// The episodes of one period, number 0 the first, in order of their beginning. Everything ends well before the period
/// does, so that its last flows are exported too.
std::vector<Episode> schedule(const Plan& plan, std::uint32_t period);

}  // namespace flowspan::simulate
