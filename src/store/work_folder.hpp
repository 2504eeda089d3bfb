// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"

namespace flowspan::store {

/// A folder STORE/tmp/PURPOSE-… of one process for unfinished files, held by a lock as long as the process lives: who can
/// take the lock knows that the owner is dead, in whatever container it ran, and may remove the folder.
class WorkFolder {
 public:
  static Result<WorkFolder> make(const std::filesystem::path& parent, std::string_view purpose);
  WorkFolder(WorkFolder&&) noexcept = default;
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder();

  const std::filesystem::path& path() const { return path_; }

  /// The folders below `parent` whose owners are dead. Only to be removed.
  static std::vector<std::filesystem::path> abandoned(const std::filesystem::path& parent);

 private:
  WorkFolder(std::filesystem::path path, LockFile lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::filesystem::path path_;
  LockFile lock_;
};

}  // namespace flowspan::store
