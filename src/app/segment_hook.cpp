// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/segment_hook.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

#include "base/result.hpp"
#include "base/time.hpp"

namespace flowspan::app {
namespace {

constexpr std::size_t most_waiting = 1000;
// The last segments are committed while the collector ends: their commands get so long.
constexpr auto patience = std::chrono::seconds(30);

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string expand_hook(const std::string& command, const std::string& file, const std::string& store,
                        const std::string& time, std::uint64_t rows) {
  std::string text;
  for (std::size_t i = 0; i < command.size(); ++i) {
    if (command[i] != '%' || i + 1 == command.size()) {
      text += command[i];
      continue;
    }
    switch (command[++i]) {
      case 'f': text += shell_quoted(file); break;
      case 'd': text += shell_quoted(store); break;
      case 't': text += shell_quoted(time); break;
      case 'n': text += std::to_string(rows); break;
      case '%': text += '%'; break;
      default: text += {'%', command[i]};
    }
  }
  return text;
}

SegmentHook::SegmentHook(std::string command, std::string store)
    : store_(std::move(store)), command_(std::move(command)), thread_([this] { work(); }) {}

SegmentHook::~SegmentHook() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_one();
  if (finished_.wait_for(lock, patience, [&] { return ended_; })) return;
  log::warn("--on-segment: ended the command that still runs; " + std::to_string(jobs_.size()) + " more were not run");
  jobs_.clear();
  if (child_ > 0) kill(child_, SIGTERM);
}

void SegmentHook::set_command(std::string command) {
  const std::lock_guard lock(mutex_);
  command_ = std::move(command);
}

void SegmentHook::add(const store::CommittedSegment& segment) {
  const std::lock_guard lock(mutex_);
  if (command_.empty()) return;
  if (jobs_.size() >= most_waiting) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    trouble_.write(log::Level::warning,
                   "--on-segment is slower than segments come: no command was run for " + segment.file.string());
    return;
  }
  jobs_.push_back({segment.file.string(), time_text(segment.segment.received.min.value_or(0)), segment.segment.rows});
  changed_.notify_one();
}

void SegmentHook::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) break;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    const std::string command = expand_hook(command_, job.file, store_, job.time, job.rows);
    lock.unlock();
    run(command);
    lock.lock();
  }
  ended_ = true;
  finished_.notify_one();
}

int SegmentHook::wait_for(pid_t child) {
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  const std::lock_guard lock(mutex_);  // until here the number is the child's, and the destructor may use it
  child_ = 0;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

void SegmentHook::run(const std::string& command) {
  // The child starts with the signals of a fresh program, not with those that collecting blocks.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string shell = "sh";
  std::string option = "-c";
  std::string text = command;
  std::array<char*, 4> arguments{shell.data(), option.data(), text.data(), nullptr};
  pid_t child = 0;
  int code = 0;
  {
    const std::lock_guard lock(mutex_);
    code = posix_spawn(&child, "/bin/sh", nullptr, &attributes, arguments.data(), environ);
    child_ = code == 0 ? child : 0;
  }
  posix_spawnattr_destroy(&attributes);
  const int status = code == 0 ? wait_for(child) : 0;
  if (code == 0 && status == 0) return;
  failures_.fetch_add(1, std::memory_order_relaxed);
  const std::string why = code != 0             ? system_error("cannot run it", code).text
                          : WIFSIGNALED(status) ? "it died of signal " + std::to_string(WTERMSIG(status))
                                                : "it ended with exit code " + std::to_string(WEXITSTATUS(status));
  trouble_.write(log::Level::warning, "--on-segment: " + why + ": " + command);
}

}  // namespace flowspan::app
