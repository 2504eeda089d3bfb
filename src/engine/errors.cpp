// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "engine/handles.hpp"

namespace flowspan::engine {
namespace {

using std::string_view_literals::operator""sv;

/// "Binder Error: …": the words before the colon, when DuckDB put them there.
std::string_view category_of(std::string_view text) {
  constexpr std::string_view mark = " Error: ";
  const auto end = text.find(mark);
  if (end == std::string_view::npos || end > 40) return {};
  return text.substr(0, end);
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

ErrorKind kind_of(std::string_view category, std::string_view text) {
  if (contains(text, "No space left on device") || contains(text, "Disk quota exceeded")) return ErrorKind::no_space;
  constexpr std::array wrong_words{"Parser"sv,     "Binder"sv,        "Catalog"sv,        "Conversion"sv,
                                   "Syntax"sv,     "Invalid Input"sv, "Invalid Type"sv,   "Parameter Not Resolved"sv,
                                   "Expression"sv, "Out of Range"sv,  "Not implemented"sv};
  if (std::find(wrong_words.begin(), wrong_words.end(), category) != wrong_words.end()) return ErrorKind::usage;
  if (contains(text, "No files found that match") || contains(text, "No such file or directory"))
    return ErrorKind::not_found;
  return ErrorKind::failed;
}

/// Ends where DuckDB begins to draw the query ("\n\nLINE 1: …") or to advise on its own settings.
std::string_view message_of(std::string_view text) {
  for (const auto mark : {"\n\nLINE "sv, "\nLINE "sv, "\n\nPossible solutions"sv, "\n\nFor more info"sv, "\n\n"sv})
    text = text.substr(0, text.find(mark));
  return text;
}

/// Line breaks and runs of blanks become one space; "!" before a line break becomes ":" or ";".
std::string on_one_line(std::string_view text) {
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '\n' && c != '\t' && c != ' ' && c != '\r') {
      line += c;
      continue;
    }
    const bool breaks = c == '\n';
    while (!line.empty() && breaks && (line.back() == '!' || line.back() == '.' || line.back() == ' ')) line.pop_back();
    if (breaks && !line.empty() && line.back() != ';' && line.back() != ':' && line.back() != ',') line += ';';
    if (!line.empty() && line.back() != ' ') line += ' ';
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '!' || line.back() == ';')) line.pop_back();
  return line;
}

}  // namespace

Error error_from_text(std::string_view duckdb_text) {
  const auto category = category_of(duckdb_text);
  if (category == "INTERRUPT") return {"interrupted", ErrorKind::failed};
  auto text = duckdb_text;
  if (!category.empty()) text.remove_prefix(category.size() + std::string_view(" Error: ").size());
  const ErrorKind kind = kind_of(category, text);
  std::string line = on_one_line(message_of(text));
  if (line.empty()) line = "DuckDB failed without saying why";
  return {std::move(line), kind};
}

void DatabaseHandle::remember(const Error& error) {
  const std::lock_guard lock(mutex_);
  passed_through_ = error;
}

Error DatabaseHandle::failure(std::string_view duckdb_text) {
  const std::lock_guard lock(mutex_);
  if (passed_through_ && contains(duckdb_text, passed_through_->text)) return *std::exchange(passed_through_, {});
  return error_from_text(duckdb_text);
}

}  // namespace flowspan::engine
