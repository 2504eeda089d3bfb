// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <span>
#include <system_error>
#include <vector>

#include "base/file.hpp"

namespace flowspan::store {
namespace {

constexpr unsigned file_mode = 0640;
constexpr unsigned folder_mode = 0750;
constexpr int background_nice = 15;

Status make_one_folder(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), folder_mode) == 0 || errno == EEXIST) return {};
  Error error = system_error("cannot make the folder " + path.string());
  error.text += " (check the owner and mode of the folder above it)";
  return fail(std::move(error));
}

tl::unexpected<Error> failed(const char* action, const std::filesystem::path& path, int code) {
  return fail(system_error(std::string("cannot ") + action + " " + path.string(), code));
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string segment_prefix(Time received_min) {
  using namespace std::chrono;
  const sys_time<nanoseconds> time{nanoseconds(received_min)};
  const auto midnight = floor<days>(time);
  const year_month_day date{midnight};
  const hh_mm_ss clock{floor<milliseconds>(time - midnight)};
  const int year = static_cast<int>(date.year());
  const auto month = static_cast<unsigned>(date.month());
  const auto day = static_cast<unsigned>(date.day());
  return fmt::format("segments/{0:04}/{1:02}/{2:02}/{0:04}{1:02}{2:02}T{3:02}{4:02}{5:02}.{6:03}Z-", year, month, day,
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<SegmentName> parse_segment_name(std::string_view name) {
  SegmentName parsed{.collected = false, .finished = true};
  if (name.ends_with(".part")) {
    parsed.finished = false;
    name.remove_suffix(5);
  }
  if (!name.ends_with(".parquet")) return std::nullopt;
  name.remove_suffix(8);
  const auto zone = name.find("Z-");
  if (zone == std::string_view::npos || name.size() < 9 || name[8] != 'T') return std::nullopt;
  name.remove_prefix(zone + 2);
  const auto dash = name.find('-');
  parsed.collected =
      dash != std::string_view::npos && all_digits(name.substr(0, dash)) && all_digits(name.substr(dash + 1));
  return parsed;
}

Status make_folder(const std::filesystem::path& root, const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> missing;
  for (auto path = folder; !path.empty(); path = path.parent_path()) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) break;
    missing.push_back(path);
    if (path == root) break;
  }
  for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
    if (auto made = make_one_folder(*path); !made) return made;
    if (auto synced = sync_path(*path); !synced) return synced;
  }
  return {};
}

Status make_temporary_folder(const std::filesystem::path& folder) { return make_one_folder(folder); }

Status finish_file(const std::filesystem::path& file) {
  if (::chmod(file.c_str(), file_mode) != 0) return failed("set the mode of", file, errno);
  auto open = open_file(file, O_RDWR);
  if (!open) return fail(std::move(open.error()));
  return sync_data(open->fd(), file);
}

Status move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename to", to, errno);
  return sync_path(to.parent_path());
}

Result<bool> remove_file(const std::filesystem::path& file) {
  if (::unlink(file.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  return failed("remove", file, errno);
}

Status rewrite_file(const std::filesystem::path& file, std::string_view content) {
  auto part = file;
  part += ".part";
  auto open = open_file(part, O_WRONLY | O_CREAT | O_TRUNC, file_mode);
  if (!open) return fail(std::move(open.error()));
  Status done = write_all(open->fd(), std::as_bytes(std::span(content)), part);
  if (done && ::rename(part.c_str(), file.c_str()) != 0) done = failed("replace", file, errno);
  if (!done) ::unlink(part.c_str());
  return done;
}

Status allocate_file(const std::filesystem::path& file, std::uint64_t bytes) {
  auto open = open_file(file, O_RDWR | O_CREAT, file_mode);
  if (!open) return fail(std::move(open.error()));
  const int code = ::posix_fallocate(open->fd(), 0, static_cast<off_t>(bytes));
  if (code != 0) {
    ::unlink(file.c_str());
    return failed("allocate", file, code);
  }
  return sync_path(file);
}

std::optional<Duration> age_of(const std::filesystem::path& file, Time now) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  const auto time = [](const timespec& t) { return t.tv_sec * second + t.tv_nsec; };
  return now - std::max(time(status.st_mtim), time(status.st_ctim));
}

void lower_priority() { (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), background_nice); }

std::uint64_t process_id() { return static_cast<std::uint64_t>(::getpid()); }

}  // namespace flowspan::store
