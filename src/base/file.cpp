// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <optional>
#include <system_error>
#include <thread>

#include "base/units.hpp"

namespace flowspan {
namespace {

constexpr int holder_attempts = 20;
constexpr std::chrono::milliseconds holder_pause{5};

/// What the user can do about an error of the operating system; empty when its own words say it all.
std::string_view advice(int code) {
  switch (code) {
    case ENOENT: return " (check the path)";
    case EACCES:
    case EPERM: return " (check the owner and mode of it and its folders)";
    case ENOSPC: return " (free some space there)";
    case EDQUOT: return " (free some of this user's space there)";
    case EROFS: return " (choose a place that can be written)";
    case EISDIR: return " (name a file)";
    case ENOTDIR: return " (a file stands where a folder should)";
    case EMFILE:
    case ENFILE: return " (raise the limit of open files: ulimit -n)";
    case EIO: return " (check the disk: dmesg)";
    default: return "";
  }
}

tl::unexpected<Error> failed(const std::string& action, const std::filesystem::path& path, int code) {
  Error error = system_error("cannot " + action + " " + path.string(), code);
  error.text += advice(code);
  return fail(std::move(error));
}

/// Repeats a system call that a signal interrupted.
template <typename Call>
auto retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  const auto named = path.has_filename() ? path : path.parent_path();  // "a/b/" is the folder b in a
  const auto folder = named.parent_path();
  return folder.empty() ? "." : folder;
}

/// The pid that the holder of a lock wrote, if that process lives.
std::optional<pid_t> holder_pid(int fd) {
  std::array<char, 32> text{};
  const auto size = retry([&] { return ::pread(fd, text.data(), text.size(), 0); });
  pid_t pid = 0;
  if (size <= 0 || std::from_chars(text.data(), text.data() + size, pid).ec != std::errc{} || pid <= 0)
    return std::nullopt;
  if (::kill(pid, 0) != 0 && errno == ESRCH) return std::nullopt;
  return pid;
}

}  // namespace

void FileDescriptor::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));  // also after EINTR: Linux has freed the number by then
}

Result<FileDescriptor> open_file(const std::filesystem::path& path, int flags, unsigned mode) {
  const int fd = retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
  if (fd < 0) return failed("open", path, errno);
  return FileDescriptor(fd);
}

Status write_all(int fd, Bytes data, const std::filesystem::path& name_for_errors) {
  while (!data.empty()) {
    const auto written = retry([&] { return ::write(fd, data.data(), data.size()); });
    if (written < 0) return failed("write", name_for_errors, errno);
    if (written == 0) return failed("write", name_for_errors, EIO);  // never for a file; but no endless loop
    data = data.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Status sync_data(int fd, const std::filesystem::path& name_for_errors) {
  if (retry([&] { return ::fdatasync(fd); }) != 0) return failed("sync", name_for_errors, errno);
  return {};
}

Status sync_path(const std::filesystem::path& path) {
  auto file = open_file(path, O_RDONLY);
  if (!file) return fail(std::move(file.error()));
  struct stat status {};
  if (::fstat(file->fd(), &status) != 0) return failed("look at", path, errno);
  const bool is_folder = S_ISDIR(status.st_mode);
  // EINVAL: some network and FUSE file systems cannot sync a folder.
  if (retry([&] { return ::fsync(file->fd()); }) != 0 && !(is_folder && errno == EINVAL))
    return failed("sync", path, errno);

  const auto folder = folder_of(path);
  FileDescriptor entries(retry([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  // The folder above a store may belong to somebody else, as /var/lib does: then its entries are not ours to sync.
  if (!entries && is_folder && errno == EACCES) return {};
  if (!entries) return failed("open", folder, errno);
  if (retry([&] { return ::fsync(entries.fd()); }) != 0 && errno != EINVAL) return failed("sync", folder, errno);
  return {};
}

Status replace_file(const std::filesystem::path& path, std::string_view content) {
  static std::atomic<unsigned> count{0};
  auto part = path;
  part += "." + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".part";  // no two writers share one
  Status status;
  {
    auto file = open_file(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    if (!file) return fail(std::move(file.error()));
    status = write_all(file->fd(), std::as_bytes(std::span(content)), part);
    if (status) status = sync_data(file->fd(), part);  // else a power cut may leave the new name on an empty file
  }
  if (status && ::rename(part.c_str(), path.c_str()) != 0) status = failed("replace", path, errno);
  if (!status) ::unlink(part.c_str());
  return status;
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit) {
  auto file = open_file(path, O_RDONLY);
  if (!file) return fail(std::move(file.error()));
  std::string text;
  std::array<char, 16 * 1024> block;  // to the end, not to st_size: files in /proc say 0, others may grow
  while (true) {
    const auto size = retry([&] { return ::read(file->fd(), block.data(), block.size()); });
    if (size < 0) return failed("read", path, errno);
    if (size == 0) return text;
    if (static_cast<std::uint64_t>(size) > limit - text.size())
      return fail("cannot read " + path.string() + ": it is larger than " + size_text(limit) +
                  ", the most such a file may be (check that it is the right one)");
    text.append(block.data(), static_cast<std::size_t>(size));
  }
}

Result<DiskSpace> disk_space(const std::filesystem::path& path) {
  struct statvfs status {};
  if (retry([&] { return ::statvfs(path.c_str(), &status); }) != 0)
    return failed("ask for the free space of", path, errno);
  return DiskSpace{status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize};
}

Result<LockFile> LockFile::acquire(const std::filesystem::path& path, std::string_view purpose) {
  auto file = open_file(path, O_RDWR | O_CREAT);
  if (!file) return fail(std::move(file.error()));
  std::optional<pid_t> holder;
  for (int attempt = 0; retry([&] { return ::flock(file->fd(), LOCK_EX | LOCK_NB); }) != 0; ++attempt) {
    if (errno != EWOULDBLOCK) return failed("lock", path, errno);
    holder = holder_pid(file->fd());
    if (holder || attempt == holder_attempts)
      return fail("cannot " + std::string(purpose) + ": " + path.string() + " is locked; wait for or stop process " +
                      (holder ? std::to_string(*holder) : "(unknown pid)"),
                  ErrorKind::busy);
    std::this_thread::sleep_for(holder_pause);  // it took the lock a moment ago and has not written its pid yet
  }
  // The new pid goes over the old one before the rest is cut, so that a reader finds a whole number at every moment.
  const std::string pid = std::to_string(::getpid()) + "\n";
  const auto written = retry([&] { return ::pwrite(file->fd(), pid.data(), pid.size(), 0); });
  const bool whole = written == static_cast<ssize_t>(pid.size());
  // On a full disk the lock holds all the same, without a name: a store must be able to recover there.
  if (!whole && written < 0 && errno != ENOSPC && errno != EDQUOT) return failed("write", path, errno);
  if (::ftruncate(file->fd(), whole ? written : 0) != 0) return failed("shorten", path, errno);
  return LockFile(std::move(*file));
}

}  // namespace flowspan
