// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/out_stream.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace flowspan {
namespace {

constexpr std::size_t largest_piece = 1 << 20;

/// A pipe, a terminal or a file. Only what poll() says goes without waiting is written.
class FileStream final : public OutStream {
 public:
  FileStream(FileDescriptor own, int fd, std::string name) : own_(std::move(own)), fd_(fd), name_(std::move(name)) {
    struct stat status {};
    if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) piece_ = largest_piece;
  }

  Result<std::size_t> write(std::string_view bytes, Duration at_most) override {
    std::size_t written = 0;
    const Time end = monotonic_now() + at_most;
    while (written < bytes.size()) {
      const Duration left = end - monotonic_now();
      if (left <= 0) break;
      pollfd ready{fd_, POLLOUT, 0};
      const int polled = ::poll(&ready, 1, static_cast<int>(left / millisecond) + 1);
      if (polled < 0 && errno == EINTR) continue;
      if (polled == 0) break;
      const std::size_t piece = std::min(bytes.size() - written, piece_);
      const ssize_t got = ::write(fd_, bytes.data() + written, piece);
      if (got >= 0) {
        written += static_cast<std::size_t>(got);
        continue;
      }
      if (errno == EINTR || errno == EAGAIN) continue;
      if (written > 0) break;  // told by the next call
      ended_ = errno == EPIPE || errno == EBADF;
      if (errno == EPIPE) return fail("the reader of " + name_ + " has closed it");
      return fail(system_error("cannot write to " + name_));
    }
    return written;
  }
  bool ended() const override { return ended_; }
  const std::string& name() const override { return name_; }

 private:
  FileDescriptor own_;
  int fd_;
  std::string name_;
  // A pipe that poll() calls writable takes at least this much without waiting (pipe(7)).
  std::size_t piece_ = PIPE_BUF;
  bool ended_ = false;
};

/// A run that was killed may have left half a line: what comes next must not be glued to it.
Status end_last_line(const std::filesystem::path& path, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) return {};
  const auto reading = open_file(path, O_RDONLY);
  if (!reading) return fail(reading.error());
  char last = 0;
  if (::pread(reading->fd(), &last, 1, status.st_size - 1) != 1)
    return fail(system_error("cannot read " + path.string()));
  if (last != '\n' && ::write(fd, "\n", 1) != 1) return fail(system_error("cannot write to " + path.string()));
  return {};
}

}  // namespace

std::unique_ptr<OutStream> standard_output() {
  return std::make_unique<FileStream>(FileDescriptor(), STDOUT_FILENO, "standard output");
}

Result<std::unique_ptr<OutStream>> append_to(const std::filesystem::path& path) {
  auto file = open_file(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK);
  if (!file && errno == ENXIO) return fail("nobody reads the named pipe " + path.string() + ": start its reader first");
  if (!file) return fail(file.error());
  const int fd = file->fd();
  if (Status ended = end_last_line(path, fd); !ended) return fail(ended.error());
  return std::unique_ptr<OutStream>(std::make_unique<FileStream>(std::move(*file), fd, path.string()));
}

}  // namespace flowspan
