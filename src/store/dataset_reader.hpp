// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flow/reader.hpp"
#include "store/dataset.hpp"
#include "store/dataset_rows.hpp"

namespace flowspan::store {

/// Rows that are no flows, because a column of theirs holds what it cannot hold.
struct SkippedRows {
  std::uint64_t rows = 0;
  std::string example;  ///< "row 17: 'abc' is no address"
};

/// The flows of a dataset that GDP or flowspan wrote, in the order of their IDs. What a dataset does not say (the
/// exporter, bytes, …) is NULL. Everything is read as of the moment of opening, however often.
class DatasetReader final : public flow::Reader {
 public:
  static Result<std::unique_ptr<DatasetReader>> open(const std::filesystem::path& file);

  Result<bool> read(flow::FlowBatch& batch) override;
  /// From the beginning again.
  Status rewind();
  /// read() ends after so many rows; call it again for more.
  void allow(std::uint64_t rows) { left_ = rows; }

  /// The fields in which a dataset's flows differ from the fields' absent values.
  static flow::FieldSet fields();
  /// By column, since the last rewind().
  const std::map<std::string, SkippedRows>& skipped() const { return skipped_; }
  std::uint64_t rows_read() const { return rows_read_; }
  std::uint64_t rows() const { return rows_; }  ///< of the table

 private:
  explicit DatasetReader(std::unique_ptr<Dataset> dataset) : dataset_(std::move(dataset)) {}
  bool take(DatasetRow& row);
  bool refuse(int column, const char* why);
  bool whole(int column, std::int64_t most, std::optional<std::int64_t>& value, const char* why);
  bool address(int column, std::optional<Ip>& ip);
  bool received(std::optional<std::int64_t> unixs, std::int64_t& us);

  std::unique_ptr<Dataset> dataset_;
  Dataset::Statement statement_;
  std::vector<DatasetRow> taken_;
  std::map<std::string, SkippedRows> skipped_;
  std::uint64_t left_ = ~std::uint64_t{0};
  bool at_end_ = false;
  std::uint64_t rows_read_ = 0;
  std::uint64_t rows_ = 0;
};

}  // namespace flowspan::store
