// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/system.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <ctime>
#include <fstream>
#include <thread>

namespace flowspan::app {
namespace {

/// A signal handler has nowhere else to write.
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void raise_interrupted(int) { interrupted = true; }

/// Users and groups may be given by number.
std::optional<std::uint32_t> number_of(const std::string& name) {
  std::uint32_t number = 0;
  const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (code != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

void handle(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
}

}  // namespace

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

void sleep_for(Duration duration) {
  const timespec time{duration / second, duration % second};
  ::nanosleep(&time, nullptr);
}

InterruptFlag::InterruptFlag() {
  interrupted = false;
  handle(raise_interrupted, static_cast<int>(SA_RESETHAND));
}
InterruptFlag::~InterruptFlag() { handle(SIG_DFL, 0); }
const std::atomic<bool>& InterruptFlag::raised() const { return interrupted; }

ProcessUse process_use() {
  ProcessUse use;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  for (const timeval& time : {usage.ru_utime, usage.ru_stime})
    use.cpu += time.tv_sec * second + time.tv_usec * microsecond;
  std::ifstream pages("/proc/self/statm");  // proc(5): size, resident
  if (std::uint64_t size = 0, resident = 0; pages >> size >> resident) {
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    use.virtual_bytes = size * page;
    use.resident_bytes = resident * page;
  }
  std::error_code none;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", none), end; !none && entry != end;
       entry.increment(none))
    ++use.open_files;
  use.most_open_files = open_files_limit().soft;
  return use;
}

OpenFilesLimit open_files_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return {limit.rlim_cur, limit.rlim_max};
}

std::uint64_t memory_bytes() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page) : 0;
}

unsigned processors() { return std::thread::hardware_concurrency(); }

std::optional<bool> clock_is_synchronised() {
  timex clock{};
  const int state = ::adjtimex(&clock);
  if (state < 0) return std::nullopt;
  return state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0;
}

std::optional<std::uint32_t> find_user(const std::string& name) {
  if (const passwd* entry = ::getpwnam(name.c_str())) return entry->pw_uid;
  return number_of(name);
}

std::optional<std::uint32_t> find_group(const std::string& name) {
  if (const group* entry = ::getgrnam(name.c_str())) return entry->gr_gid;
  return number_of(name);
}

bool is_root() { return ::geteuid() == 0; }

bool may_write(const std::filesystem::path& folder) { return ::access(folder.c_str(), W_OK | X_OK) == 0; }

std::optional<std::uint32_t> owner_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_uid;
}

}  // namespace flowspan::app
