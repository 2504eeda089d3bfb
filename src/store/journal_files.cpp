// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/journal_files.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <tuple>

namespace flowspan::store {

std::optional<JournalFile> parse_journal_name(std::string_view name) {
  constexpr std::string_view suffix = ".pcapng";
  if (!name.ends_with(suffix)) return std::nullopt;
  name.remove_suffix(suffix.size());
  const auto dash = name.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  JournalFile file;
  const auto number = [](std::string_view text, std::uint32_t& value) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc{} && end == text.data() + text.size();
  };
  if (!number(name.substr(0, dash), file.writer) || !number(name.substr(dash + 1), file.number)) return std::nullopt;
  return file;
}

std::vector<JournalFile> list_journal(const std::filesystem::path& folder) {
  std::vector<JournalFile> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    auto file = parse_journal_name(entry.path().filename().string());
    if (!file) continue;
    std::error_code gone;
    file->bytes = entry.file_size(gone);
    if (!gone) files.push_back(*file);
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return std::tie(a.writer, a.number) < std::tie(b.writer, b.number); });
  return files;
}

std::uint64_t bytes_after(const std::vector<JournalFile>& files, std::uint32_t writer, const Position& position) {
  std::uint64_t bytes = 0;
  for (const auto& file : files) {
    if (file.writer != writer || file.number < position.file) continue;
    const auto committed = file.number == position.file ? std::min(position.offset, file.bytes) : 0;
    bytes += file.bytes - committed;
  }
  return bytes;
}

}  // namespace flowspan::store
