// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/child.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace flowspan {

void SharedMemory::Unmap::operator()(void* data) const { munmap(data, bytes); }

Result<SharedMemory> SharedMemory::create(std::size_t bytes) {
  void* const data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) return fail(system_error("cannot share memory with a child process"));
  return SharedMemory(std::unique_ptr<void, Unmap>(data, Unmap{bytes}));
}

Result<ChildEnd> run_in_child(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child < 0) return fail(system_error("cannot start a child process"));
  if (child == 0) _exit(work());
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return fail(system_error("cannot wait for a child process"));
  if (WIFSIGNALED(status))
    return ChildEnd{true, "signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")"};
  return ChildEnd{false, "exit code " + std::to_string(WEXITSTATUS(status))};
}

}  // namespace flowspan
