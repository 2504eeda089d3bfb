// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"

namespace flowspan {

/// A folder BASE/PURPOSE-XXXXXX of this process, for this user alone, in a place that anybody may write to. It goes when
/// this object goes. It stays when the process is killed: but its file "lock" is then locked no more, whatever container
/// the process ran in, so a later process can tell.
class ScratchFolder {
 public:
  static Result<ScratchFolder> make(const std::filesystem::path& base, std::string_view purpose);
  ScratchFolder(ScratchFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }

  /// Removes those of this purpose and this user whose processes are dead; links and what has no lock file are left
  /// alone. The folders that went.
  static std::vector<std::filesystem::path> remove_dead(const std::filesystem::path& base, std::string_view purpose);

 private:
  ScratchFolder(std::filesystem::path path, LockFile lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::filesystem::path path_;
  LockFile lock_;
};

}  // namespace flowspan
