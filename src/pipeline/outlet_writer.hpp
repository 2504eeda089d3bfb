// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "exporter/exporters.hpp"
#include "flow/sink.hpp"
#include "journal/follow.hpp"
#include "pipeline/collector.hpp"
#include "pipeline/decode_reader.hpp"
#include "pipeline/journal_hold.hpp"
#include "pipeline/skipping_reader.hpp"

namespace flowspan::pipeline {

/// One writer's journal as one output reads it: first what an earlier run left behind the output's mark, then the
/// journal of this run, with the decoder's state that recovery found for it. One thread.
class OutletWriter {
 public:
  /// `output` is the output's number in the hold. Without `first` there is no journal of this run.
  OutletWriter(std::filesystem::path directory, const WriterHistory& history, std::optional<Position> first,
               JournalHold& hold, std::size_t output);

  /// Goes on at `mark`, else where the store stood before it recovered. The number of journal files that are gone and
  /// were needed.
  Result<std::uint64_t> open(const std::optional<flow::Mark>& mark);

  /// The next flows; false: there is nothing for now.
  Result<bool> read(flow::FlowBatch& batch);
  /// Passes over what the store has, decoding without keeping, and lets it go, until `enough` says true. The flows
  /// passed over.
  Result<std::uint64_t> skip(flow::FlowBatch& batch, const std::function<bool()>& enough);
  /// Passes over what is left, to be counted, until `enough` says true or at_end(). The flows passed over.
  Result<std::uint64_t> count_rest(flow::FlowBatch& batch, const std::function<bool()>& enough);
  /// No journal grows any more; true once read() has told its end.
  bool at_end() const { return ended_; }
  /// From now on the end of what there is is the end of all. To be called when the journal is closed.
  void set_closed() { closed_ = true; }

  /// The journal has grown too large, and would be smaller without this output.
  bool is_crowding() const { return hold_.is_crowded() && held_ < hold_.committed(); }
  Position position() const { return position_; }
  flow::Mark mark(bool with_state) const;
  /// What lies before `position` is needed no more.
  void passed(Position position) {
    held_ = std::max(held_, position);
    hold_.read(output_, position);
  }
  void release() { hold_.release(output_); }

 private:
  Status begin(Position from, const std::string& state);
  Status begin_this_run();

  std::filesystem::path directory_;
  std::uint32_t writer_;
  WriterStart before_;
  WriterStart start_;
  std::vector<Stretch> quarantined_;
  std::optional<Position> first_;
  JournalHold& hold_;
  std::size_t output_;

  bool leftovers_ = false;  // reading what an earlier run left
  bool closed_ = false;
  bool ended_ = false;
  Position position_;  // after what was read
  Position held_;      // what lies before it may go
  std::unique_ptr<exporter::Exporters> exporters_;
  std::unique_ptr<journal::Follower> journal_;
  std::optional<SkippingReader> datagrams_;
  std::optional<DecodeReader> flows_;
};

}  // namespace flowspan::pipeline
