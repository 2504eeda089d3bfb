// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/datagram.hpp"
#include "base/result.hpp"

namespace flowspan::journal {

/// Copies `length` bytes of a writer's journal, whole blocks from `from` on in one file, into `file`: a capture of its own,
/// durable when this returns.
Status copy_stretch(const std::filesystem::path& directory, std::uint32_t writer, Position from, std::uint64_t length,
                    const std::filesystem::path& file);

}  // namespace flowspan::journal
