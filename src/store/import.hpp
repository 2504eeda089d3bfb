// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/parquet_out.hpp"
#include "flow/ledger.hpp"
#include "flow/reader.hpp"
#include "store/store.hpp"
#include "store/work_folder.hpp"

namespace flowspan::store {

/// The file that is imported.
struct ImportSource {
  std::string path;
  std::uint64_t size = 0;
  std::string digest = {};  ///< of its content, given by the caller: two files with the same digest are the same
  std::optional<Time> modified = {};
  bool again = false;  ///< import it even when it was imported before
};

/// One file read into the store: all of it or nothing. Works beside a collector and other imports. One thread.
/// Without commit() the destructor removes what was written.
class Import {
 public:
  /// Refuses (kind usage) a file with a digest that is in the store already, unless source.again.
  static Result<Import> begin(Store& store, ImportSource source);

  /// Writes the flows as one more segment of the import (none when there are no flows). Call it again for as many
  /// segments as the import shall have.
  Status add_segment(const flow::FieldSet& fields, flow::Reader& flows);
  /// Counters of the whole import: kept with its first segment.
  void set_counts(std::uint64_t datagrams, const Loss& loss, flow::Ledger ledger = {});
  /// All segments and the import's row in one transaction; returns the import's number.
  Result<std::int64_t> commit(Time now);

  std::uint64_t rows() const { return rows_; }
  std::uint64_t file_bytes() const { return file_bytes_; }
  std::size_t segments() const { return parts_.size(); }
  /// Sums over all flows, as exported.
  std::uint64_t raw_bytes() const;
  std::uint64_t raw_packets() const;

 private:
  struct Part {
    std::filesystem::path file;
    Segment segment;
  };
  Import(Store& store, ImportSource source, WorkFolder folder, engine::ParquetWriter writer);
  Status check_digest(sqlite::Database& db) const;
  Result<std::int64_t> publish(std::int64_t id, Time now);

  Store* store_;
  ImportSource source_;
  WorkFolder folder_;
  engine::ParquetWriter writer_;
  std::vector<Part> parts_;
  std::uint64_t datagrams_ = 0;
  Loss loss_;
  flow::Ledger ledger_;
  std::uint64_t rows_ = 0;
  std::uint64_t file_bytes_ = 0;
};

}  // namespace flowspan::store
