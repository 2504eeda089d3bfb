// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/scratch_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <system_error>

namespace flowspan {
namespace {

constexpr std::string_view random_part = "XXXXXX";  // mkdtemp(3) fills it in
constexpr const char* lock_name = "lock";

bool is_name(std::string_view name, std::string_view purpose) {
  return name.size() == purpose.size() + 1 + random_part.size() && name.starts_with(purpose) &&
         name[purpose.size()] == '-';
}

bool is_own(const FileDescriptor& file, mode_t type) {
  struct stat status {};
  return file && ::fstat(file.fd(), &status) == 0 && (status.st_mode & S_IFMT) == type && status.st_uid == ::geteuid();
}

/// The lock of a scratch folder of this user that nobody holds, taken.
FileDescriptor take_lock(const std::filesystem::path& path) {
  const FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!is_own(folder, S_IFDIR)) return {};
  FileDescriptor lock(::openat(folder.fd(), lock_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  // Who makes a folder writes its process number once it has the lock: an empty one is being made.
  struct stat status {};
  if (!is_own(lock, S_IFREG) || ::fstat(lock.fd(), &status) != 0 || status.st_size == 0) return {};
  if (::flock(lock.fd(), LOCK_EX | LOCK_NB) != 0) return {};
  return lock;
}

/// The lock last: should this process die meanwhile, the next one finds it.
bool remove_folder(const std::filesystem::path& path) {
  std::error_code code;
  for (std::filesystem::directory_iterator at(path, code), end; !code && at != end; at.increment(code)) {
    std::error_code ignored;
    if (at->path().filename() != lock_name) std::filesystem::remove_all(at->path(), ignored);
  }
  std::filesystem::remove_all(path, code);
  return !code;
}

}  // namespace

Result<ScratchFolder> ScratchFolder::make(const std::filesystem::path& base, std::string_view purpose) {
  std::string path = (base / purpose).string() + "-" + std::string(random_part);
  if (::mkdtemp(path.data()) == nullptr) return fail(system_error("cannot make a folder in " + base.string()));
  auto lock = LockFile::acquire(std::filesystem::path(path) / lock_name, "work in " + path);
  if (!lock) {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
    return fail(std::move(lock.error()));
  }
  return ScratchFolder(path, std::move(*lock));
}

ScratchFolder::~ScratchFolder() {
  if (!path_.empty()) remove_folder(path_);
}

std::vector<std::filesystem::path> ScratchFolder::remove_dead(const std::filesystem::path& base,
                                                              std::string_view purpose) {
  std::vector<std::filesystem::path> removed;
  std::error_code code;
  for (std::filesystem::directory_iterator at(base, code), end; !code && at != end; at.increment(code)) {
    const std::filesystem::path& path = at->path();
    if (!is_name(path.filename().string(), purpose)) continue;
    if (const FileDescriptor lock = take_lock(path); lock && remove_folder(path)) removed.push_back(path);
  }
  return removed;
}

}  // namespace flowspan
