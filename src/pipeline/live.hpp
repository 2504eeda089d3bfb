// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/datagram.hpp"
#include "base/result.hpp"
#include "flow/ledger.hpp"
#include "flow/reader.hpp"
#include "journal/follow.hpp"
#include "pipeline/skipping_reader.hpp"

namespace flowspan::pipeline {

/// The flows of one writer that are received and not yet committed, as of one moment: its journal after the committed
/// position, decoded for the question. Any thread may open readers, several at once.
///
/// A record of v1, v5, v7 and v8 says the same whatever came before it: the writer's saved state only counts, so it is not
/// loaded here, which took 140 ms with 10,000 exporters. Versions with templates will need theirs.
class LiveJournal {
 public:
  /// Opens now the files that a question will read, so that it can go on when the collector commits and unlinks them.
  /// Kind not_found: they went while we looked, because they were committed; take a newer snapshot of the catalog.
  static Result<std::unique_ptr<LiveJournal>> open(const std::filesystem::path& journal_directory, std::uint32_t writer,
                                                   Position committed, std::vector<Stretch> quarantined);

  /// There is nothing after the committed position.
  bool empty() const { return empty_; }
  /// From the beginning; each reader by itself. The LiveJournal outlives it.
  Result<std::unique_ptr<flow::Reader>> read();
  /// The account of the flows that wait here, as their commit will make it: it goes on from the decoder's state at the
  /// committed position.
  Result<flow::Ledger> ledger(const std::string& state);

 private:
  LiveJournal(std::filesystem::path directory, std::uint32_t writer, Position committed,
              std::vector<Stretch> quarantined)
      : directory_(std::move(directory)),
        writer_(writer),
        committed_(committed),
        quarantined_(std::move(quarantined)) {}
  Status open_ahead();
  Result<std::unique_ptr<journal::Follower>> open_journal() const;
  Result<std::unique_ptr<journal::Follower>> take_journal();

  std::filesystem::path directory_;
  std::uint32_t writer_;
  Position committed_;
  std::vector<Stretch> quarantined_;
  Position end_;
  bool empty_ = true;
  std::mutex mutex_;
  std::vector<std::unique_ptr<journal::Follower>> ahead_;  // opened, not yet taken by a reader
};

}  // namespace flowspan::pipeline
