// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/output.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "query/table_layout.hpp"

namespace flowspan::query {
namespace {

/// RFC 4180: fields with a comma, a quote or a line break are quoted, quotes inside doubled.
void append_csv(std::string& out, const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::string json_string(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class CsvWriter final : public RowWriter {
 public:
  using RowWriter::RowWriter;
  void begin(const std::vector<engine::Column>& columns) override {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) text_ += ',';
      append_csv(text_, columns[i].name);
    }
    text_ += "\r\n";
  }
  void row(std::span<const engine::Value> values) override {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) text_ += ',';
      append_csv(text_, plain_text(values[i]));
    }
    text_ += "\r\n";
  }
  Status end(std::string_view) override { return hand_on(); }
};

class JsonWriter : public RowWriter {
 public:
  JsonWriter(Output output, TimeZone zone, bool lines) : RowWriter(std::move(output), zone), lines_(lines) {}

  void begin(const std::vector<engine::Column>& columns) override {
    std::vector<std::string> names;
    for (const auto& column : columns) {
      auto name = column.name;
      for (int i = 1; std::find(names.begin(), names.end(), name) != names.end(); ++i)
        name = column.name + "_" + std::to_string(i);  // an object has a name once
      keys_.push_back((names.empty() ? "" : ",") + json_string(name) + ":");
      names.push_back(std::move(name));
    }
    if (!lines_) text_ += "{\"rows\":[";
  }
  void row(std::span<const engine::Value> values) override {
    if (!lines_) text_ += first_ ? "\n" : ",\n";
    first_ = false;
    text_ += '{';
    for (std::size_t i = 0; i < values.size(); ++i) {
      text_ += keys_[i];
      append(values[i]);
    }
    text_ += lines_ ? "}\n" : "}";
  }
  Status end(std::string_view quality) override {
    if (!lines_) text_.append("\n],\"quality\":").append(quality).append("}\n");
    return hand_on();
  }

 private:
  void append(const engine::Value& value) {
    const auto* number = std::get_if<double>(&value);
    if (engine::is_null(value) || (number != nullptr && !std::isfinite(*number)))
      text_ += "null";
    else if (const auto* text = std::get_if<std::string>(&value))
      text_ += json_string(*text);
    else if (std::holds_alternative<engine::Timestamp>(value))
      text_ += '"' + plain_text(value) + '"';
    else
      text_ += plain_text(value);
  }

  bool lines_;
  bool first_ = true;
  std::vector<std::string> keys_;
};

class TableWriter final : public RowWriter {
 public:
  using RowWriter::RowWriter;
  void begin(const std::vector<engine::Column>& columns) override { layout_.emplace(columns); }
  void row(std::span<const engine::Value> values) override {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < values.size(); ++i)
      cells.push_back(layout_->unit_text(i, values[i]).value_or(plain_text(values[i])));
    layout_->add(std::move(cells), text_);
  }
  Status end(std::string_view) override {
    if (layout_) layout_->finish(text_);
    return hand_on();
  }

 private:
  std::optional<TableLayout> layout_;
};

}  // namespace

Output standard_output() {
  return [](std::string_view text) -> Status {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
      return fail(system_error("cannot write the answer to stdout"));
    return {};
  };
}

std::unique_ptr<RowWriter> RowWriter::make(Format format, Output output, TimeZone zone) {
  switch (format) {
    case Format::csv: return std::make_unique<CsvWriter>(std::move(output), zone);
    case Format::json:
    case Format::ndjson: return std::make_unique<JsonWriter>(std::move(output), zone, format == Format::ndjson);
    case Format::table: break;
  }
  return std::make_unique<TableWriter>(std::move(output), zone);
}

Status RowWriter::hand_on() {
  if (text_.empty()) return {};
  auto status = output_(text_);
  text_.clear();
  return status;
}

std::string RowWriter::plain_text(const engine::Value& value) const {
  if (const auto* time = std::get_if<engine::Timestamp>(&value)) return zone_.text(*time);
  return engine::to_text(value);
}

Status write_table(Format format, Output output, const engine::Table& table, std::string_view quality,
                   const TimeZone& zone) {
  const auto writer = RowWriter::make(format, std::move(output), zone);
  writer->begin(table.columns);
  for (const auto& row : table.rows) writer->row(row);
  return writer->end(quality);
}

}  // namespace flowspan::query
