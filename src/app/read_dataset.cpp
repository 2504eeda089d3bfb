// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <csignal>
#include <utility>

#include "app/read.hpp"
#include "app/signals.hpp"
#include "app/tell.hpp"
#include "base/units.hpp"
#include "store/dataset_reader.hpp"

namespace flowspan::app {
namespace {

struct HashFree {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

constexpr std::uint64_t progress_batches = 64;

/// Tells how far it is; an error when the user wants it to stop.
class Progress final : public flow::Reader {
 public:
  Progress(store::DatasetReader& flows, std::string what, bool quiet)
      : flows_(flows), what_(std::move(what)), quiet_(quiet || isatty(STDERR_FILENO) == 0) {}

  Result<bool> read(flow::FlowBatch& batch) override {
    if (++count_ % progress_batches == 0) {
      if (const auto signal = wait_for_signal(0); signal == SIGINT || signal == SIGTERM)
        return fail("stopped: nothing was imported");
      if (!quiet_ && flows_.rows() > 0)
        tell("\r\033[K{} {:.0f} %", what_,
             100.0 * static_cast<double>(flows_.rows_read()) / static_cast<double>(flows_.rows()));
    }
    return flows_.read(batch);
  }

 private:
  store::DatasetReader& flows_;
  std::string what_;
  bool quiet_;
  std::uint64_t count_ = 0;
};

/// Of the flows, not of the file: the same rows may lie in it in many ways, some of them in the file beside it. NULLs
/// are zeros, whose mask is digested as well.
Result<std::string> digest_of(flow::Reader& flows) {
  const std::unique_ptr<XXH3_state_t, HashFree> state(XXH3_createState());
  XXH3_128bits_reset(state.get());
  flow::FlowBatch batch(store::dataset_fields());
  for (;;) {
    const auto more = flows.read(batch);
    if (!more) return fail(more.error());
    if (!*more) break;
    for (flow::FieldIndex field = 0; field < flow::field_count; ++field) {
      if (!batch.present(field)) continue;
      XXH3_128bits_update(state.get(), batch.data(field), batch.rows() * flow::width(flow::fields[field].type));
      for (std::size_t row = 0; row < batch.rows(); ++row) {
        const bool is_null = batch.is_null(field, row);
        XXH3_128bits_update(state.get(), &is_null, 1);
      }
    }
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return fmt::format("rows-{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace

Result<ReadCounters> read_dataset(store::Store& store, const Configuration& configuration,
                                  const std::filesystem::path& path, bool again) {
  const Time started = monotonic_now();
  std::error_code code;
  if (std::filesystem::equivalent(path, configuration.sqlite_file, code))
    return fail(path.string() + " cannot be read into itself: name another file with --sqlite", ErrorKind::usage);
  auto dataset = store::DatasetReader::open(path);
  if (!dataset) return fail(dataset.error());
  store::DatasetReader& rows = **dataset;
  Progress counting(rows, path.string() + ": counting", configuration.quiet);
  auto digest = digest_of(counting);
  if (!digest) return fail(digest.error());
  const std::uint64_t all = rows.rows_read();
  std::uint64_t skipped = 0;
  ReadCounters counters;
  for (const auto& [column, what] : rows.skipped()) {
    skipped += what.rows;
    counters.warnings.push_back(fmt::format("{}: skipped {} row{} because of {}: {}", path.string(),
                                            count_text(what.rows), what.rows == 1 ? "" : "s", column, what.example));
  }
  const std::uint64_t flows = all - skipped;
  if (flows == 0) {
    counters.nothing = fmt::format("{} holds no flows: nothing was imported", path.string());
    return counters;
  }
  auto target = ReadTarget::begin(store, configuration, import_source(path, std::move(*digest), again));
  if (!target) return fail(target.error());
  if (const Status rewound = rows.rewind(); !rewound) return fail(rewound.error());
  Progress storing(rows, path.string() + ": storing", configuration.quiet);
  const std::uint64_t a_segment = rows_per_segment(configuration);
  for (std::uint64_t stored = 0; stored < flows; stored += a_segment) {
    rows.allow(a_segment);
    if (const Status added = target->add_segment(store::DatasetReader::fields(), storing); !added)
      return fail(added.error());
  }
  if (const Status committed = target->commit(0, {}); !committed) return fail(committed.error());
  if (isatty(STDERR_FILENO) != 0 && !configuration.quiet) tell("\r\033[K");
  counters.run.seconds = static_cast<double>(monotonic_now() - started) / 1e9;
  counters.run.values = {
      {"flows", flows}, {"skipped_rows", skipped}, {"segments", target->import() ? target->import()->segments() : 0}};
  return counters;
}

}  // namespace flowspan::app
