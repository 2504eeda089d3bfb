// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/retention.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/file.hpp"
#include "base/units.hpp"
#include "store/account.hpp"
#include "store/rows.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

using sqlite::Database;

struct Candidate {
  std::int64_t id = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  bool is_import = false;
  Time age = 0;  ///< newest flow's time of receiving; of an import the time of the import
};

/// Oldest first.
Result<std::vector<Candidate>> candidates(Database& db) {
  std::vector<Candidate> all;
  auto row = db.query(
      "SELECT segments.id, \"rows\", file_bytes, import_id IS NOT NULL, coalesce(imported_at, received_max, "
      "committed_at) AS age "
      "FROM segments LEFT JOIN imports ON imports.id = import_id ORDER BY age, segments.id");
  while (true) {
    const auto more = row.step();
    if (!more) return fail(more.error());
    if (!*more) return all;
    all.push_back({row.integer(0), row.number(1), row.number(2), row.integer(3) != 0, row.integer(4)});
  }
}

Result<std::uint64_t> retired_bytes(Database& db) {
  const auto sum = db.value("SELECT coalesce(sum(bytes), 0) FROM retired");
  if (!sum) return fail(sum.error());
  return static_cast<std::uint64_t>(*sum);
}

/// Takes the first `count` candidates out of the catalog, with imports and losses that nothing points to any more.
Status retire(Database& db, const std::vector<Candidate>& all, std::size_t count, Time now, RetentionReport& report) {
  std::optional<Time> collected_until;
  for (std::size_t i = 0; i < count; ++i) {
    if (!all[i].is_import) collected_until = all[i].age;
    const auto gone = retire_segment(db, all[i].id, now);
    if (!gone) return fail(gone.error());
    ++report.segments;
    report.rows += all[i].rows;
    report.bytes += all[i].bytes;
    if (!report.oldest) report.oldest = all[i].age;
    report.newest = all[i].age;
  }
  if (count == 0) return {};
  auto imports = db.query(
                       "DELETE FROM imports WHERE flows > 0 AND id NOT IN (SELECT import_id FROM segments "
                       "WHERE import_id IS NOT NULL)")
                     .run();
  if (!imports) return imports;
  const std::int64_t imports_gone = db.changes();
  report.imports += static_cast<std::uint64_t>(imports_gone);
  if (imports_gone > 0)
    if (auto forgotten = forget_imported_account(db); !forgotten) return forgotten;
  if (!collected_until) return {};
  if (auto forgotten = forget_collected_account(db, *collected_until); !forgotten) return forgotten;
  return db.query("DELETE FROM losses WHERE received_max <= ?").bind(*collected_until).run();
}

std::uint64_t wanted_free(const MinFree& rule, const DiskSpace& space) {
  const auto part = static_cast<std::uint64_t>(rule.fraction * static_cast<double>(space.total));
  return std::max(part, rule.bytes);
}

/// How many of the oldest must go for so many bytes.
std::size_t count_for(const std::vector<Candidate>& all, std::uint64_t bytes) {
  std::size_t count = 0;
  for (std::uint64_t sum = 0; count < all.size() && sum < bytes; ++count) sum += all[count].bytes;
  return count;
}

}  // namespace

std::string RetentionReport::text() const {
  std::string line;
  if (segments != 0) {
    line = "retired " + count_text(segments) + (segments == 1 ? " segment (" : " segments (") + count_text(rows) +
           " flows, " + size_text(bytes) + ")";
    if (newest) line += " received until " + time_text(*newest / second * second);
    std::string reasons;
    const auto add = [&](bool holds, const char* reason) {
      if (holds) reasons += (reasons.empty() ? ": " : ", ") + std::string(reason);
    };
    add(by_age, "older than is kept");
    add(by_bytes, "more bytes than are kept");
    add(by_space, "too little free on the disk");
    line += reasons;
  }
  if (unlinked != 0) line += (line.empty() ? "" : "; ") + ("removed " + count_text(unlinked)) + " retired files";
  if (at_once) line += " at once, for the disk is nearly full";
  return line;
}

Result<RetentionReport> apply_retention(Store& store, const RetentionRules& rules, Time now) {
  RetentionReport report;
  std::optional<DiskSpace> space;
  if (rules.min_free) {
    const auto asked = disk_space(store.path());
    if (!asked) return fail(asked.error());
    space = *asked;
  }
  std::vector<Candidate> all;
  std::size_t count = 0;
  const auto choose = [&](Database& db) -> Status {
    auto found = candidates(db);
    if (!found) return fail(std::move(found.error()));
    all = std::move(*found);
    count = 0;
    if (rules.keep) {
      while (count < all.size() && all[count].age < now - *rules.keep) ++count;
      report.by_age = count > 0;
    }
    if (rules.keep_bytes) {
      std::uint64_t left = 0;
      for (const auto& segment : all) left += segment.bytes;
      const auto wanted = count_for(all, left > *rules.keep_bytes ? left - *rules.keep_bytes : 0);
      report.by_bytes = wanted > count;
      count = std::max(count, wanted);
    }
    if (space) {
      // What was retired will be free soon: it must not be counted again.
      const auto soon = retired_bytes(db);
      if (!soon) return fail(soon.error());
      const auto wanted_bytes = wanted_free(*rules.min_free, *space);
      const auto have = space->free + *soon;
      const auto wanted = count_for(all, wanted_bytes > have ? wanted_bytes - have : 0);
      report.by_space = wanted > count;
      count = std::max(count, wanted);
      report.at_once = (wanted > 0 || *soon > 0) && space->free < wanted_bytes / 2;
    }
    return {};
  };
  if (auto chosen = store.catalog().read(choose); !chosen) return fail(std::move(chosen.error()));
  if (count != 0) {  // only then the catalog is locked, and what is chosen is chosen again
    auto done = store.catalog().write([&](Database& db) -> Status {
      if (auto chosen = choose(db); !chosen) return chosen;
      return retire(db, all, count, now, report);
    });
    if (!done) return fail(std::move(done.error()));
  }
  if (auto folded = fold_account(store, now); !folded) return fail(std::move(folded.error()));
  const auto unlinked = store.unlink_retired(now, report.at_once ? 0 : rules.unlink_after);
  if (!unlinked) return fail(unlinked.error());
  report.unlinked = *unlinked;
  return report;
}

Result<RetentionReport> make_room(Store& store, std::uint64_t bytes, Time now) {
  RetentionReport report;
  report.at_once = true;
  store.release_reserve();  // the catalog needs some room to say that something goes
  while (true) {
    const auto unlinked = store.unlink_retired(std::numeric_limits<Time>::max(), 0);
    if (!unlinked) return fail(unlinked.error());
    report.unlinked += *unlinked;
    const auto space = disk_space(store.path());
    if (!space) return fail(space.error());
    // The reserve is to fit again, too.
    const auto wanted = bytes + 2 * std::min(Store::default_reserve_bytes, space->total / 64);
    if (space->free >= wanted) break;
    const auto before = report.segments;
    auto done = store.catalog().write([&](Database& db) -> Status {
      const auto all = candidates(db);
      if (!all) return fail(all.error());
      return retire(db, *all, count_for(*all, wanted - space->free), now, report);
    });
    if (!done) return fail(std::move(done.error()));
    report.by_space = report.segments != 0;
    if (report.segments == before) break;
  }
  const auto reserved = store.make_reserve();
  if (!reserved) return fail(reserved.error());
  return report;
}

}  // namespace flowspan::store
