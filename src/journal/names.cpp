// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

#include "journal/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace flowspan::journal {

namespace {

constexpr std::string_view suffix = ".pcapng";
constexpr std::size_t sequence_digits = 10;

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::string JournalName::to_string() const { return fmt::format("{}-{:010}{}", writer, sequence, suffix); }

std::optional<JournalName> JournalName::parse(std::string_view name) {
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos || name.size() != dash + 1 + sequence_digits + suffix.size()) {
    return std::nullopt;
  }
  const auto writer = parse_number(name.substr(0, dash));
  const auto sequence = parse_number(name.substr(dash + 1, sequence_digits));
  if (!writer || !sequence) {
    return std::nullopt;
  }
  const JournalName parsed{*writer, *sequence};
  return parsed.to_string() == name ? std::optional(parsed) : std::nullopt;
}

Result<std::map<std::uint32_t, std::vector<std::uint32_t>>> list_journals(const std::filesystem::path& directory) {
  std::map<std::uint32_t, std::vector<std::uint32_t>> journals;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (const auto name = JournalName::parse(entry->path().filename().string())) {
      journals[name->writer].push_back(name->sequence);
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return fail(system_error("cannot list the journals in " + directory.string(), error.value()));
  }
  for (auto& [writer, sequences] : journals) {
    std::sort(sequences.begin(), sequences.end());
  }
  return journals;
}

}  // namespace flowspan::journal
