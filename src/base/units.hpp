// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace flowspan {

/// "64MiB", "500G", "1.5 GB", "4096": K, M, G, T (and KB, MB, …) are powers of 1000, KiB, MiB, … of 1024.
Result<std::uint64_t> parse_size(std::string_view text);
/// "128 MiB", "1.5 GiB", "0 B": for people.
std::string size_text(std::uint64_t bytes);
/// "1,234,567": for people.
std::string count_text(std::uint64_t count);
/// "5%" or "0.05" as a fraction of one; more than 100% is refused.
Result<double> parse_fraction(std::string_view text);

}  // namespace flowspan
