// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace flowspan {

using Bytes = std::span<const std::byte>;

}  // namespace flowspan
