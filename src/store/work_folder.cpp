// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/work_folder.hpp"

#include <atomic>
#include <string>
#include <system_error>

#include "base/time.hpp"
#include "store/files.hpp"

namespace flowspan::store {
namespace {

constexpr const char* lock_name = "lock";
/// A folder without a lock is about to get one; after this its owner died before it did.
constexpr Duration lock_wait = hour;

}  // namespace

Result<WorkFolder> WorkFolder::make(const std::filesystem::path& parent, std::string_view purpose) {
  static std::atomic<unsigned> count{0};
  auto path = parent / (std::string(purpose) + "-" + std::to_string(process_id()) + "-" + std::to_string(now()) + "-" +
                        std::to_string(count++));
  // Not synced, but for the first in a store: every question makes one, and an fsync may take longer than its answer.
  if (auto made = make_folder(parent.parent_path(), parent); !made) return fail(std::move(made.error()));
  if (auto made = make_temporary_folder(path); !made) return fail(std::move(made.error()));
  auto lock = LockFile::acquire(path / lock_name, "work in " + path.string());
  if (!lock) return fail(std::move(lock.error()));
  return WorkFolder(std::move(path), std::move(*lock));
}

WorkFolder::~WorkFolder() {
  if (path_.empty()) return;  // moved from
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);  // what stays is swept by the next collector
}

std::vector<std::filesystem::path> WorkFolder::abandoned(const std::filesystem::path& parent) {
  std::vector<std::filesystem::path> dead;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
    if (!entry.is_directory(ignored)) continue;
    const auto lock = entry.path() / lock_name;
    if (!std::filesystem::exists(lock, ignored)) {
      if (age_of(entry.path(), now()).value_or(0) > lock_wait) dead.push_back(entry.path());
    } else if (LockFile::acquire(lock, "sweep")) {
      dead.push_back(entry.path());
    }
  }
  return dead;
}

}  // namespace flowspan::store
