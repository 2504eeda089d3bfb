// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "store/catalog.hpp"
#include "store/segment.hpp"

namespace flowspan::store {

/// What a sweep removed.
struct SweepReport {
  std::uint64_t parts = 0;    ///< unfinished files and work folders of dead processes
  std::uint64_t orphans = 0;  ///< finished files that no commit made part of the store
  std::uint64_t bytes = 0;
};

/// A store folder. One object serves all threads of a process; several processes may have the same store open.
class Store {
 public:
  /// Retired files stay this long, so that no running question loses one.
  static constexpr Duration default_unlink_after = 15 * minute;
  static constexpr std::uint64_t default_reserve_bytes = 64 * 1024 * 1024;

  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& path, Mode mode);

  const std::filesystem::path& path() const { return path_; }
  const std::string& id() const { return id_; }
  Mode mode() const { return mode_; }
  Catalog& catalog() { return *catalog_; }
  std::filesystem::path journal_folder() const { return path_ / "journal"; }
  std::filesystem::path quarantine_folder() const { return path_ / "quarantine"; }
  std::filesystem::path segments_folder() const { return path_ / "segments"; }
  /// Work in progress of single processes, and where questions spill.
  std::filesystem::path temporary_folder() const { return path_ / "tmp"; }

  /// There is one collector a store: busy names the other's pid.
  Result<LockFile> lock_collector();
  /// One process compacts at a time.
  Result<LockFile> lock_compaction();

  /// Removes what a crash left behind; to be called by a collector that holds its lock, before its first commit.
  /// Unfinished files of collectors and of dead processes go; finished files that the catalog does not know go when they
  /// are a collector's, or older than an hour (a living import or compaction may be about to commit them).
  Result<SweepReport> sweep(Time now);

  /// Makes the reserve file (at most a 64th of the disk) when it is missing and twice its size is free; true when it is
  /// there.
  Result<bool> make_reserve(std::uint64_t bytes = default_reserve_bytes);
  /// Gives the reserve back to the disk; false when there was none.
  bool release_reserve();

  /// Positions and states of all writers ever, ascending; inactive ones have no state.
  Result<std::vector<WriterState>> writers();
  /// The number of workers has changed: exactly these writers are active from now on, with these positions and states.
  /// next_sequence and attempts are kept where the writer is known, and ignored.
  Status set_writers(const std::vector<WriterState>& writers);
  /// Marks that this writer's journal is about to be decoded; returns how many recoveries have begun and not ended,
  /// this one included. Durable when it returns.
  Result<std::uint32_t> begin_recovery(std::uint32_t writer);
  Status end_recovery(std::uint32_t writer);
  /// Records a stretch of a journal that is to be skipped from now on; its copy is in `file` already.
  Status quarantine(const Quarantined& stretch);
  Result<std::vector<Quarantined>> quarantined();

  /// Retires nothing: removes the files of segments that left the catalog `delay` ago. Returns how many.
  Result<std::uint64_t> unlink_retired(Time now, Duration delay = default_unlink_after);

  /// Facts a program keeps with the store ("retention.keep"), e.g. for `store info`.
  Status set_note(const std::string& key, const std::string& value);
  Result<std::optional<std::string>> note(const std::string& key);

 private:
  Store(std::filesystem::path path, Mode mode) : path_(std::move(path)), mode_(mode) {}

  std::filesystem::path path_;
  Mode mode_;
  std::string id_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace flowspan::store
