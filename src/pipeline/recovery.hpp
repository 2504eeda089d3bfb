// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/datagram.hpp"
#include "base/result.hpp"
#include "flow/sink.hpp"
#include "pipeline/collector.hpp"
#include "pipeline/skipping_reader.hpp"

namespace flowspan::pipeline {

/// What a writer's journal held that was not committed when the last collector ended.
struct Recovered {
  std::uint64_t datagrams = 0;
  std::uint64_t flows = 0;
  std::uint64_t ranges = 0;
  std::uint64_t damaged_blocks = 0;
  std::uint64_t skipped_bytes = 0;  ///< of damage
};

struct RecoveryOptions {
  std::filesystem::path journal_directory;
  std::uint32_t writer = 0;
  std::uint64_t rotate_rows = 5'000'000;  ///< flows of one segment
  std::vector<Stretch> quarantined;       ///< not to be decoded
  bool keep_journals = false;             ///< what is committed is not unlinked: an output has yet to read it
  /// Called now and then with the datagrams read so far. False: stop, with an error; what is not committed stays.
  std::function<bool(std::uint64_t)> progress;
};

/// Commits what lies in the journal after `start`, then unlinks those files (but see keep_journals). `start` moves on with what is committed.
Result<Recovered> recover(const RecoveryOptions& options, WriterStart& start, flow::SegmentSink& sink);

/// Unlinks the journals of a writer before file number `file`.
Status remove_journals(const std::filesystem::path& journal_directory, std::uint32_t writer, std::uint32_t file);

/// A datagram of the journal that kills the decoder.
struct Killer {
  Position position;         ///< of its block
  std::uint64_t length = 0;  ///< bytes of the block
  Datagram datagram;         ///< received, from and to; no payload
  std::string reason;        ///< "signal 11 (Segmentation fault)"
};

/// Decodes the journal after `start` in a child process, and says which datagram kills it, if one does. To be called
/// while this process has one thread only.
Result<std::optional<Killer>> find_killer(const RecoveryOptions& options, const WriterStart& start);

}  // namespace flowspan::pipeline
