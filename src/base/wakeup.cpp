// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/wakeup.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdint>

namespace flowspan {

Result<Wakeup> Wakeup::create() {
  FileDescriptor fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) return fail(system_error("cannot make an eventfd"));
  return Wakeup(std::move(fd));
}

void Wakeup::wake() const {
  const std::uint64_t one = 1;
  // A full counter wakes as well.
  [[maybe_unused]] const ssize_t written = write(fd_.fd(), &one, sizeof one);
}

void Wakeup::wait(Duration at_most) const {
  pollfd poll_set{fd_.fd(), POLLIN, 0};
  if (poll(&poll_set, 1, static_cast<int>(at_most / millisecond)) <= 0) return;
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t drained = read(fd_.fd(), &count, sizeof count);
}

void name_this_thread(const std::string& name) { prctl(PR_SET_NAME, name.substr(0, 15).c_str(), 0, 0, 0); }

}  // namespace flowspan
