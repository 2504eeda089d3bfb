// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/check.hpp"
#include "app/system.hpp"
#include "base/file.hpp"
#include "base/units.hpp"
#include "store/store.hpp"

namespace flowspan::app {
namespace {

namespace fs = std::filesystem;

/// The nearest folder above (or at) the path that is there.
fs::path existing(fs::path path) {
  std::error_code code;
  path = fs::absolute(path, code).lexically_normal();
  while (!fs::exists(path, code) && path.has_relative_path()) path = path.parent_path();
  return path;
}

void check_space(const Configuration& configuration, const fs::path& folder, Findings& findings) {
  const auto space = disk_space(folder);
  if (!space) {
    findings.push_back({Verdict::error, "disk", space.error().text});
    return;
  }
  const auto wanted = static_cast<std::uint64_t>(configuration.min_free * static_cast<double>(space->total));
  const auto text = fmt::format("{} free of {}", size_text(space->free), size_text(space->total));
  if (space->free < wanted)
    findings.push_back({Verdict::warning, "disk",
                        fmt::format("{}, but min_free wants {}: the oldest flows will be removed; free some space or "
                                    "lower min_free",
                                    text, size_text(wanted))});
  else if (configuration.journal_max > space->free - wanted)
    findings.push_back({Verdict::warning, "disk",
                        fmt::format("{}; a full journal may take {}, more than is there: lower journal_max", text,
                                    size_text(configuration.journal_max))});
  else
    findings.push_back({Verdict::ok, "disk", text});
}

/// A store that is there: readable, of a known format, and who collects into it.
void check_existing(const Configuration& configuration, Findings& findings) {
  const auto& path = configuration.store;
  auto store = store::Store::open(path, store::Mode::read);
  if (!store) {
    findings.push_back({Verdict::error, "store", store.error().text});
    return;
  }
  if (!may_write(path)) {
    findings.push_back({Verdict::error, "store",
                        fmt::format("{} cannot be written by this user: check its owner and mode, or run as its owner",
                                    path.string())});
    return;
  }
  auto writable = store::Store::open(path, store::Mode::write);
  const auto lock = writable ? (*writable)->lock_collector() : fail(writable.error());
  if (lock)
    findings.push_back({Verdict::ok, "store", path.string() + ": writable, nobody collects into it"});
  else if (lock.error().kind == ErrorKind::busy)
    findings.push_back({Verdict::warning, "store", lock.error().text});
  else
    findings.push_back({Verdict::error, "store", lock.error().text});
  std::error_code code;
  if (!fs::exists(path / "reserve", code))
    findings.push_back({Verdict::warning, "reserve",
                        "the file that frees room when the disk is full is missing: collect makes it when there is "
                        "space"});
}

}  // namespace

void check_store(const Configuration& configuration, Findings& findings) {
  std::error_code code;
  const auto folder = existing(configuration.store);
  if (fs::exists(configuration.store, code) && !fs::is_empty(configuration.store, code)) {
    check_existing(configuration, findings);
  } else if (!may_write(folder)) {
    findings.push_back({Verdict::error, "store",
                        fmt::format("{} is not there and cannot be made: {} is not writable by this user; make it, or "
                                    "name another with --store",
                                    configuration.store.string(), folder.string())});
  } else {
    findings.push_back({Verdict::ok, "store", configuration.store.string() + ": is made at the first start"});
  }
  check_space(configuration, folder, findings);
}

}  // namespace flowspan::app
