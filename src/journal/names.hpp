// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace flowspan::journal {

/// The name of a journal file: "<writer>-<sequence>.pcapng", the sequence with ten digits. Sequences start at 1.
struct JournalName {
  std::uint32_t writer = 0;
  std::uint32_t sequence = 0;

  std::string to_string() const;
  /// Only what to_string() makes.
  static std::optional<JournalName> parse(std::string_view name);
  friend constexpr auto operator<=>(const JournalName&, const JournalName&) = default;
};

/// The journals in a folder: writer → sequences, ascending. Other files are passed over; a folder that does not exist
/// holds none.
Result<std::map<std::uint32_t, std::vector<std::uint32_t>>> list_journals(const std::filesystem::path& directory);

}  // namespace flowspan::journal
