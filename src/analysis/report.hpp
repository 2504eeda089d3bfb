// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/output.hpp"

namespace flowspan::analysis {

/// What an analysis found, for whoever draws it: a panel of a terminal, a web page.
struct Report {
  std::vector<std::vector<engine::Value>> rows;
  std::vector<std::string> notes;  ///< what was left out: sentences without an end
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
