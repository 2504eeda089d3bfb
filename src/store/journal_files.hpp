// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "base/datagram.hpp"

namespace flowspan::store {

/// A file in STORE/journal: "<writer>-<sequence>.pcapng".
struct JournalFile {
  std::uint32_t writer = 0;
  std::uint32_t number = 0;  ///< as in Position::file
  std::uint64_t bytes = 0;
};

std::optional<JournalFile> parse_journal_name(std::string_view name);
/// By writer and number.
std::vector<JournalFile> list_journal(const std::filesystem::path& folder);
/// Bytes of this writer's files that stand after the position.
std::uint64_t bytes_after(const std::vector<JournalFile>& files, std::uint32_t writer, const Position& position);

}  // namespace flowspan::store
