// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/table.hpp"
#include "query/format.hpp"
#include "query/time_zone.hpp"

namespace flowspan::query {

/// Takes finished text: a terminal, a pipe, a string.
using Output = std::function<Status(std::string_view)>;
/// To stdout.
Output standard_output();

/// Writes rows in one format. Text is handed on by flush() and end() only.
class RowWriter {
 public:
  static std::unique_ptr<RowWriter> make(Format format, Output output, TimeZone zone = {});

  RowWriter(Output output, TimeZone zone) : output_(std::move(output)), zone_(zone) {}
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;
  virtual ~RowWriter() = default;

  virtual void begin(const std::vector<engine::Column>& columns) = 0;
  virtual void row(std::span<const engine::Value> values) = 0;
  /// Hands on what can be: called after each chunk of rows.
  virtual Status flush() { return hand_on(); }
  /// After the last row and before end(): what the rows told about themselves, for the truth.
  virtual std::vector<std::string> notes() const { return {}; }
  /// `quality`: a JSON object; only json writes it.
  virtual Status end(std::string_view quality) = 0;

 protected:
  Status hand_on();
  std::string plain_text(const engine::Value& value) const;

  std::string text_;  ///< not yet handed on

 private:
  Output output_;
  TimeZone zone_;
};

/// All rows of a small table, for commands that have one.
Status write_table(Format format, Output output, const engine::Table& table, std::string_view quality = "null",
                   const TimeZone& zone = {});

}  // namespace flowspan::query
