// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/captured_stderr.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "tui/crash_restore.hpp"

namespace flowspan::tui {
namespace {

constexpr std::size_t longest_line = 4096;

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::byte*>(text.data()), text.size()}; }

}  // namespace

Result<std::unique_ptr<CapturedStderr>> CapturedStderr::begin() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return fail(system_error("cannot make a pipe for messages"));
  FileDescriptor reading(ends[0]);
  const FileDescriptor writing(ends[1]);
  FileDescriptor before(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!before) return fail(system_error("cannot keep stderr"));
  std::fflush(stderr);
  if (::dup2(writing.fd(), STDERR_FILENO) < 0) return fail(system_error("cannot turn stderr to the screen"));
  return std::unique_ptr<CapturedStderr>(new CapturedStderr(std::move(reading), std::move(before)));
}

CapturedStderr::CapturedStderr(FileDescriptor pipe, FileDescriptor before)
    : pipe_(std::move(pipe)), before_(std::move(before)), repeat_(::isatty(before_.fd()) == 0) {
  show_in_crash(pipe_.fd(), before_.fd());
}

CapturedStderr::~CapturedStderr() {
  show_in_crash(-1, -1);
  std::fflush(stderr);
  ::dup2(before_.fd(), STDERR_FILENO);
  const std::string begun = repeat_ ? "" : rest_;  // of this line nothing was written yet
  (void)write_all(before_.fd(), bytes_of(begun), "stderr");
  repeat_ = true;
  (void)take();
}

std::vector<std::string> CapturedStderr::take() {
  std::array<char, 16384> chunk;
  std::vector<std::string> lines;
  for (ssize_t got = 0; (got = ::read(pipe_.fd(), chunk.data(), chunk.size())) > 0;) {
    const std::string_view text(chunk.data(), static_cast<std::size_t>(got));
    if (repeat_) (void)write_all(before_.fd(), bytes_of(text), "stderr");
    rest_ += text;
    for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
      lines.push_back(rest_.substr(0, std::min(end, longest_line)));
      rest_.erase(0, end + 1);
    }
    if (rest_.size() > longest_line) rest_.resize(longest_line);
  }
  return lines;
}

}  // namespace flowspan::tui
