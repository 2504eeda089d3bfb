// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/datagram.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace flowspan::journal {

struct AppendOptions {
  std::filesystem::path directory = {};  ///< STORE/journal; made when missing
  std::uint32_t writer = 0;
  std::vector<std::string> interfaces = {};         ///< what is listened on, by interface number
  std::uint32_t first_file = 1;                     ///< no file gets a lower sequence: above the committed position's
  std::uint64_t max_file_bytes = 64 * 1024 * 1024;  ///< a file is not made longer, unless one block alone is
  Duration sync_interval = 0;                       ///< fdatasync so often and when a file is full; 0: only at close()
};

/// Writes the journal of one writer. Every start begins a new file, after all that exist: an old one may end torn.
/// One thread, but for remove_before() and total_bytes().
class Appender {
 public:
  static Result<std::unique_ptr<Appender>> open(AppendOptions options);
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;
  /// As close(), its error unheard.
  ~Appender();

  /// Appends `blocks`, which are whole, and returns the position after them. What lies in the file is taken off the
  /// front of `blocks`, also when an error is returned: never a part of a block, so calling again with the rest loses
  /// and doubles nothing. Kind no_space: make room, then call again. A new file is begun at a block boundary where the
  /// limit is reached.
  Result<Position> append(Bytes& blocks);
  /// fdatasync when the interval has passed since the last one and something was written. `now` is monotonic_now().
  Status sync_due(Time now);
  /// fdatasync when something was written since the last.
  Status sync();
  /// Syncs and closes the file; nothing can be appended after it.
  Status close();

  /// The end of what has been appended.
  Position position() const { return {sequence_.load(std::memory_order_relaxed), offset_}; }

  /// Unlinks the files of this writer before the file of `position`, never the one being written. Any thread.
  Status remove_before(Position position);
  /// Bytes of all files of this writer, older runs' included. Any thread.
  std::uint64_t total_bytes() const { return total_bytes_.load(std::memory_order_relaxed); }

 private:
  explicit Appender(AppendOptions options);
  Status roll();
  Status create_file(std::uint32_t sequence);
  Status write_header();
  Status write_blocks(Bytes& blocks, std::size_t n);
  Status cut_rest();

  AppendOptions options_;
  std::vector<std::byte> header_;
  FileDescriptor file_;
  std::filesystem::path path_;
  std::atomic<std::uint32_t> sequence_{0};
  std::atomic<bool> closed_{false};
  std::uint64_t offset_ = 0;
  std::atomic<std::uint64_t> total_bytes_{0};
  bool rest_ = false;   // a part of a block lies after offset_
  bool dirty_ = false;  // written since the last fdatasync
  Time synced_ = 0;
};

}  // namespace flowspan::journal
