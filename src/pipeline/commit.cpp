// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/commit.hpp"

#include <utility>

#include "journal/follow.hpp"
#include "pipeline/decode_reader.hpp"

namespace flowspan::pipeline {

Result<Commit> Commit::open(std::filesystem::path journal_directory, flow::SegmentSink& sink, std::string state,
                            std::vector<Stretch> quarantined) {
  Commit commit(std::move(journal_directory), sink, std::move(quarantined));
  commit.state_ = std::move(state);
  if (Status restored = commit.restore(); !restored) return fail(restored.error());
  return commit;
}

Status Commit::restore() {
  if (state_.empty()) {
    exporters_ = exporter::Exporters();
    return {};
  }
  Result<exporter::Exporters> loaded = exporter::Exporters::load(state_);
  if (!loaded) return fail(loaded.error());
  exporters_ = std::move(*loaded);
  return {};
}

Status Commit::run(const flow::Range& range) {
  auto journal = journal::Follower::open(directory_, range.writer, range.from);
  if (!journal) return fail(journal.error());
  (*journal)->stop_at(range.to);
  SkippingReader datagrams(**journal, quarantined_);
  Tally tally;
  DecodeReader flows(datagrams, exporters_, &tally);
  std::string next;
  Status status = sink_->commit(range, flows, [&] {
    next = exporters_.save();
    return flow::Learned(next, tally.ledger());
  });
  if (status) {
    state_ = std::move(next);
    return {};
  }
  if (const Status restored = restore(); !restored) return restored;
  return status;
}

}  // namespace flowspan::pipeline
