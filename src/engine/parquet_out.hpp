// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "flow/reader.hpp"

namespace flowspan::engine {

/// The least and the greatest of a time column.
struct TimeRange {
  Time min = 0;  ///< ns since 1970
  Time max = 0;
  friend constexpr bool operator==(const TimeRange&, const TimeRange&) = default;
};

/// What the catalog keeps of a segment's rows. A range is nullopt when no row says that time.
struct SegmentStats {
  std::uint64_t rows = 0;
  std::optional<TimeRange> received;
  std::optional<TimeRange> first;
  std::optional<TimeRange> last;
  std::uint64_t bytes = 0;    ///< sum of `bytes` as exported; wraps at 2^64
  std::uint64_t packets = 0;  ///< sum of `packets` as exported; wraps at 2^64
  friend bool operator==(const SegmentStats&, const SegmentStats&) = default;
};

struct ParquetFile {
  std::filesystem::path path;
  std::uint64_t file_bytes = 0;
  SegmentStats stats;
};

/// The defaults are the cheapest to write; merge_parquet chooses others.
struct ParquetOptions {
  std::string compression = "lz4_raw";  ///< as DuckDB's COPY takes it; may name a level: "zstd, COMPRESSION_LEVEL 1"
  std::string parquet_version = "v2";
  std::uint32_t dictionary_size_limit = 256;
  std::uint32_t row_group_size = 122'880;
  /// Further pairs for the file's metadata, beside flowspan_format.
  std::vector<std::pair<std::string, std::string>> metadata;
};

/// Writes flows as Parquet files, one after the other, in a DuckDB of its own with one thread. Keep it open: opening
/// costs 12 ms. Movable; one thread at a time.
class ParquetWriter {
 public:
  static Result<ParquetWriter> open();
  ParquetWriter(ParquetWriter&&) noexcept;
  ParquetWriter& operator=(ParquetWriter&&) noexcept;
  ~ParquetWriter();

  /// Reads `flows` to its end into a new file with these columns (Parquet field id = field number). A flow for which
  /// the batch lacks a column gets the field's absent value. The file is neither synced nor renamed, and replaces what
  /// stood there. After an error (the reader's own, or no_space when the disk is full) there is no file. Without a row
  /// there is no file either, and `stats.rows` is 0.
  Result<ParquetFile> write(flow::Reader& flows, const flow::FieldSet& columns, const std::filesystem::path& file,
                            const ParquetOptions& options = {});

 private:
  struct State;
  explicit ParquetWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace flowspan::engine
