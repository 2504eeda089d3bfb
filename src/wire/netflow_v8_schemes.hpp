// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "wire/netflow_fixed.hpp"

namespace flowspan::wire {

/// The record of a NetFlow v8 aggregation scheme, nullptr for a scheme that is not known: they are 1 to 14.
const FixedFormat* v8_scheme(std::uint8_t scheme);

}  // namespace flowspan::wire
