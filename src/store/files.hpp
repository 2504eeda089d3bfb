// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace flowspan::store {

// The few things about files that base/file.hpp does not have. Operating-system calls of this folder stand here only.

/// "segments/2026/11/23/20261123T163005.123Z-": where segments of flows first received at this time stand, and how
/// their names begin.
std::string segment_prefix(Time received_min);
/// prefix + "0-17.parquet": a collector's; "i3-1": of import 3; "c17": merged from segments with ids up to 17.
struct SegmentName {
  bool collected = false;  ///< by a collector: "<time>-<writer>-<sequence>.parquet"
  bool finished = false;   ///< ends in ".parquet", not in ".part"
};
/// What a name in segments/ says; nullopt: not ours.
std::optional<SegmentName> parse_segment_name(std::string_view file_name);

/// Makes the folder and those above it, down from `root`, with mode 0750, and makes their entries durable.
Status make_folder(const std::filesystem::path& root, const std::filesystem::path& folder);
/// A folder of mode 0750 in one that is there, for what need not outlive a crash: nothing is synced.
Status make_temporary_folder(const std::filesystem::path& folder);
/// The file written by a library is put on the disk and gets mode 0640.
Status finish_file(const std::filesystem::path& file);
/// rename(2), then the new folder is synced.
Status move_file(const std::filesystem::path& from, const std::filesystem::path& to);
/// True when it is gone now, false when it was not there.
Result<bool> remove_file(const std::filesystem::path& file);
/// A reader sees the old or the new content; after a power cut maybe neither.
Status rewrite_file(const std::filesystem::path& file, std::string_view content);
/// A file of that many allocated (not only promised) bytes.
Status allocate_file(const std::filesystem::path& file, std::uint64_t bytes);
/// Since its content or its name was last made; nullopt when it is gone.
std::optional<Duration> age_of(const std::filesystem::path& file, Time now);
/// This thread gives way to all others.
void lower_priority();
std::uint64_t process_id();

}  // namespace flowspan::store
