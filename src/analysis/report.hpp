// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/output.hpp"

namespace flowspan::analysis {

/// What an analysis found, for whoever draws it: a panel of a terminal, a web page.
struct Report {
  enum class Kind {
    key,           ///< what the row is about: an address, a port …
    count,         ///< a number of things
    milliseconds,  ///< a length of time
    seconds,
  };
  struct Column {
    std::string name;
    Kind kind = Kind::key;
  };

  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<engine::Value>> rows;
  std::vector<std::string> notes;  ///< how it was computed, and what was left out: sentences without an end
  std::string truth;               ///< what it rests on, in one line; the notes are in it
};

/// Keeps the rows of an answer for a report.
class ReportRows final : public query::RowWriter {
 public:
  explicit ReportRows(std::vector<std::vector<engine::Value>>& rows) : RowWriter({}, {}), rows_(rows) {}
  void begin(const std::vector<engine::Column>&) override {}
  void row(std::span<const engine::Value> values) override { rows_.emplace_back(values.begin(), values.end()); }
  Status end(std::string_view) override { return {}; }

 private:
  std::vector<std::vector<engine::Value>>& rows_;
};

}  // namespace flowspan::analysis
