// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "engine/parquet_out.hpp"
#include "flow/sink.hpp"
#include "store/store.hpp"

namespace flowspan::store {

/// What was committed, for counters, sinks and --on-segment.
struct CommittedSegment {
  Segment segment;
  std::filesystem::path file;  ///< absolute or as the store's path was given
};

/// Ranges of journals become segments, exactly once each. Several threads may commit at the same time, each for its own
/// writer; the object keeps as many Parquet writers as were needed at once.
///
/// The steps: NAME.parquet.part written, fsync, rename, fsync of the folders; one catalog transaction adds the segment
/// and moves position and state. A crash before the transaction leaves a file that the catalog does not know: the sweep
/// removes it and the same range is committed again.
class SegmentStore : public flow::SegmentSink {
 public:
  explicit SegmentStore(Store& store) : store_(store) {}

  /// An Error of kind no_space: call make_room() and try again. A range that begins before the writer's position is
  /// refused: it was committed already.
  Status commit(const flow::Range& range, flow::Reader& flows, const std::function<flow::Learned()>& learned) override;

  /// Called after each commit that made a segment, on the committing thread.
  void on_segment(std::function<void(const CommittedSegment&)> call) { on_segment_ = std::move(call); }

  std::uint64_t segments() const { return segments_; }
  std::uint64_t rows() const { return rows_; }
  std::uint64_t file_bytes() const { return file_bytes_; }
  /// Ranges whose flows, decoded again, were more or fewer than the journal thread had counted. Should be 0.
  std::uint64_t miscounted() const { return miscounted_; }

 private:
  Result<engine::ParquetWriter> take_writer();
  void give_back(engine::ParquetWriter writer);

  Store& store_;
  std::function<void(const CommittedSegment&)> on_segment_;
  std::mutex mutex_;
  std::vector<engine::ParquetWriter> idle_;
  std::atomic<std::uint64_t> segments_{0};
  std::atomic<std::uint64_t> rows_{0};
  std::atomic<std::uint64_t> file_bytes_{0};
  std::atomic<std::uint64_t> miscounted_{0};
};

}  // namespace flowspan::store
