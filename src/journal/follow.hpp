// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/datagram.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "journal/pcapng.hpp"

namespace flowspan::journal {

/// What a Follower met since it was opened. Consistent with position(): what lies before it is in here, once.
struct FollowStats {
  std::uint64_t datagrams = 0;
  std::uint64_t damaged_blocks = 0;  ///< runs of bytes that are no block, and blocks with bad inner headers
  std::uint64_t skipped_bytes = 0;   ///< the bytes of those
  std::uint64_t other_packets = 0;   ///< sound packets that are not UDP
  std::uint64_t other_blocks = 0;    ///< sound blocks of a type not known here
  std::uint64_t missing_files = 0;   ///< gaps in the sequence of files
  std::uint64_t kernel_drops = 0;    ///< datagrams that the kernel dropped, as the blocks say
  std::uint64_t ring_drops = 0;      ///< datagrams that the ring had no room for, as the blocks say
  std::uint64_t journal_drops = 0;   ///< datagrams that the journal had no room for, as marks say
};

/// Reads the journal of one writer from a position on, while it is being written or later, in this process or another.
/// A torn block at the end of the newest file may be one that is being written: next() says "not yet". Torn or damaged
/// bytes elsewhere are skipped to the next plausible block and counted.
class Follower : public DatagramReader {
 public:
  /// `from` is a position that a Follower or an Appender told, or {} for the oldest file there is (also when there is
  /// none yet). Kind not_found: the file of `from` is gone. A position behind the end of its file (a power cut took the
  /// end) reads on in the next file.
  static Result<std::unique_ptr<Follower>> open(std::filesystem::path directory, std::uint32_t writer, Position from);

  /// Nothing that starts at or after `end` is returned. May be called again with a later end.
  void stop_at(Position end) { end_ = end; }
  /// stop_at(end), and opens now all files up to it, so that they can be read even when they are unlinked meanwhile.
  /// Kind not_found: some were unlinked before they could be opened; start again from the position now committed.
  Status open_through(Position end);

  /// False: the end for now (or the end asked for); call again later. The payload is valid until the next call.
  Result<bool> next(Datagram& datagram) override;
  std::span<const Drop> drops() const override { return drops_; }

  /// After the last datagram returned and what was skipped or counted after it.
  Position position() const { return {sequence_, damage_from_ ? *damage_from_ : base_ + begin_}; }
  const FollowStats& stats() const { return stats_; }

 private:
  struct File {
    std::uint32_t sequence = 0;
    FileDescriptor file;
  };
  enum class Step {
    datagram,  // one was read
    passed,    // a block was passed over
    more,      // wanted_ bytes are needed to go on
    damage,    // no block begins here
  };

  Follower(std::filesystem::path directory, std::uint32_t writer);

  Step read_block(Datagram& datagram);
  Step read_packet_block(const std::byte* block, std::size_t length, Datagram& datagram);
  void read_packet_options(const std::byte* options, const std::byte* end, std::uint32_t interface, Time when);
  Drop& drop_of(std::uint32_t interface, Time when);
  void read_loss_block(const std::byte* block, std::size_t length);
  template <typename Use>
  void for_each_option(const std::byte* options, const std::byte* end, Use use) const;

  void skip_damage();
  void end_damage();
  Result<bool> read_more();
  Result<bool> fill();
  Result<bool> begin_next_file();
  Status begin_file(File file, std::uint64_t offset);
  Result<std::optional<File>> find_next();
  Result<std::optional<FileDescriptor>> open_sequence(std::uint32_t sequence) const;
  Result<std::size_t> read_at(std::byte* out, std::size_t n, std::uint64_t offset) const;
  std::uint32_t get32(const std::byte* p) const;
  std::uint64_t get64(const std::byte* p) const;

  std::filesystem::path directory_;
  std::uint32_t writer_ = 0;
  std::optional<Position> end_;
  std::map<std::uint32_t, FileDescriptor> held_;  // opened ahead, by sequence
  std::optional<File> next_;                      // the file after this one: this one grows no more
  std::int64_t listed_ = 0;                       // when the folder changed last, as it was listed
  FileDescriptor file_;
  std::uint32_t sequence_ = 0;
  bool big_endian_ = false;
  bool at_file_end_ = false;                  // all of it was read, and another file follows
  std::optional<std::uint64_t> damage_from_;  // looking for a block since this byte of the file
  std::size_t wanted_ = 0;
  // buffer_[begin_, filled_) was read of the file and is not consumed; buffer_[0] is byte base_ of the file.
  std::unique_ptr<std::byte[]> buffer_;
  std::uint64_t base_ = 0;
  std::size_t begin_ = 0;
  std::size_t filled_ = 0;
  FollowStats stats_;
  std::vector<Drop> drops_;  // since the datagram before
};

}  // namespace flowspan::journal
