// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace flowspan {

/// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { close(); }

  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void close();

 private:
  int fd_ = -1;
};

/// open(2) with O_CLOEXEC; the error names the file.
Result<FileDescriptor> open_file(const std::filesystem::path& path, int flags, unsigned mode = 0640);
/// Writes all of `data` at the file's end or offset; retries short writes and EINTR.
Status write_all(int fd, Bytes data, const std::filesystem::path& name_for_errors);
/// fdatasync(2).
Status sync_data(int fd, const std::filesystem::path& name_for_errors);
/// Makes file and folder entries of `path` durable (fsync): the file or folder itself and its name in the folder above.
Status sync_path(const std::filesystem::path& path);
/// Writes `path` so that a reader sees the old or the new content, never a part: temporary file, sync, rename. Whether
/// the new one outlives a power cut is up to sync_path.
Status replace_file(const std::filesystem::path& path, std::string_view content);
/// The whole file as text; refuses more than `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit);
/// Free bytes for this user, and all bytes, on the file system that holds `path`.
struct DiskSpace {
  std::uint64_t free = 0;
  std::uint64_t total = 0;
};
Result<DiskSpace> disk_space(const std::filesystem::path& path);

/// An exclusive advisory lock on a file, that names its holder to others; released when destroyed or killed.
class LockFile {
 public:
  /// Takes the lock and writes this process' pid; when somebody holds it, an Error of kind busy whose text ends in
  /// "process PID". `purpose` is what needs the lock: "collect into ./flowspan-data" ("cannot collect into …: …").
  static Result<LockFile> acquire(const std::filesystem::path& path, std::string_view purpose);

 private:
  explicit LockFile(FileDescriptor fd) : fd_(std::move(fd)) {}
  FileDescriptor fd_;
};

}  // namespace flowspan
