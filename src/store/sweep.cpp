// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <system_error>
#include <unordered_set>
#include <vector>

#include "store/files.hpp"
#include "store/rows.hpp"
#include "store/store.hpp"
#include "store/work_folder.hpp"

namespace flowspan::store {
namespace {

/// Between the renaming of an import's or a compaction's files and its commit lies less than this.
constexpr Duration commit_takes = hour;

Result<std::unordered_set<std::string>> known_names(Catalog& catalog) {
  std::unordered_set<std::string> names;
  auto read = catalog.read([&](sqlite::Database& db) -> Status {
    auto row = db.query("SELECT name FROM segments UNION ALL SELECT name FROM retired");
    while (true) {
      const auto more = row.step();
      if (!more) return fail(more.error());
      if (!*more) return {};
      names.insert(row.string(0));
    }
  });
  if (!read) return fail(std::move(read.error()));
  return names;
}

struct Found {
  std::filesystem::path path;
  SegmentName name;
};

std::vector<Found> files_in(const std::filesystem::path& folder) {
  std::vector<Found> found;
  std::error_code ignored;
  for (auto at = std::filesystem::recursive_directory_iterator(folder, ignored);
       at != std::filesystem::recursive_directory_iterator(); at.increment(ignored)) {
    if (!at->is_regular_file(ignored)) continue;
    if (const auto name = parse_segment_name(at->path().filename().string())) found.push_back({at->path(), *name});
  }
  return found;
}

std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(file, failed);
  return failed ? 0 : size;
}

}  // namespace

Result<SweepReport> Store::sweep(Time now) {
  SweepReport report;
  std::error_code ignored;
  for (const auto& folder : WorkFolder::abandoned(temporary_folder())) {
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == ".part") ++report.parts;
      report.bytes += size_of(entry.path());
    }
    std::filesystem::remove_all(folder, ignored);
  }
  const auto files = files_in(segments_folder());  // before the names: what is committed meanwhile is then known
  const auto known = known_names(*catalog_);
  if (!known) return fail(known.error());
  for (const auto& file : files) {
    if (known->contains(file.path.lexically_relative(path_).generic_string())) continue;
    const bool is_ours = file.name.collected;  // there is no other collector: we hold its lock
    if (!is_ours && age_of(file.path, now).value_or(0) < commit_takes) continue;
    const auto bytes = size_of(file.path);
    const auto removed = remove_file(file.path);
    if (!removed) return fail(removed.error());
    report.bytes += bytes;
    ++(file.name.finished ? report.orphans : report.parts);
  }
  return report;
}

}  // namespace flowspan::store
