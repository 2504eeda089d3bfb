// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <csignal>
#include <utility>

#include "app/read.hpp"
#include "app/signals.hpp"
#include "base/log.hpp"

namespace flowspan::app {
namespace {

constexpr double bytes_per_flow = 26;  // what NetFlow v5 took in measurements
constexpr std::uint64_t fewest_rows = 10'000;

}  // namespace

Result<ReadTarget> ReadTarget::begin(store::Store& store, const Configuration& configuration,
                                     store::ImportSource source) {
  ReadTarget target;
  target.path_ = source.path;
  target.digest_ = source.digest;
  const bool again = source.again;
  if (!configuration.sqlite_file.empty()) {
    auto folder = store::WorkFolder::make(store.temporary_folder(), "dataset");
    if (!folder) return fail(folder.error());
    auto fill = store::DatasetFill::open(configuration.sqlite_file, store.id(), std::move(*folder));
    if (!fill) return fail(fill.error());
    const auto has = (*fill)->has(target.digest_);
    if (!has) return fail(has.error());
    if (!*has || again) target.fill_ = std::move(*fill);
  }
  auto import = store::Import::begin(store, std::move(source));
  if (import) {
    target.import_.emplace(std::move(*import));
  } else if (import.error().kind != ErrorKind::usage || !target.fill_) {
    return fail(import.error());
  } else {
    log::info("the store has the flows of " + target.path_ + " already: only " + configuration.sqlite_file.string() +
              " is given them");
  }
  return target;
}

Status ReadTarget::add_segment(const flow::FieldSet& fields, flow::Reader& flows) {
  std::optional<store::FillingReader> filling;
  if (fill_) filling.emplace(flows, *fill_);
  flow::Reader& all = filling ? static_cast<flow::Reader&>(*filling) : flows;
  if (import_) return import_->add_segment(fields, all);
  flow::FlowBatch batch(store::dataset_fields());
  for (;;) {
    const auto more = all.read(batch);
    if (!more) return fail(more.error());
    if (!*more) return {};
  }
}

Status ReadTarget::commit(std::uint64_t datagrams, const store::Loss& loss, flow::Ledger ledger) {
  if (import_) {
    import_->set_counts(datagrams, loss, std::move(ledger));
    if (const auto committed = import_->commit(now()); !committed) return fail(committed.error());
  }
  // A crash here leaves the file to the dataset alone: reading it again gives it its flows, and the store none twice.
  if (!fill_) return {};
  return fill_->commit(digest_, path_, [] {
    const auto signal = wait_for_signal(0);
    return signal == SIGINT || signal == SIGTERM;
  });
}

store::ImportSource import_source(const std::filesystem::path& path, std::string digest, bool again) {
  std::error_code code;
  store::ImportSource source;
  source.path = std::filesystem::absolute(path, code).string();
  source.size = std::filesystem::file_size(path, code);
  source.digest = std::move(digest);
  source.again = again;
  return source;
}

std::uint64_t rows_per_segment(const Configuration& configuration) {
  return std::max(fewest_rows,
                  static_cast<std::uint64_t>(static_cast<double>(configuration.rotate_size) / bytes_per_flow));
}

}  // namespace flowspan::app
