// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>

#include "app/commands.hpp"
#include "app/store_info.hpp"
#include "app/system.hpp"
#include "app/tell.hpp"
#include "query/output.hpp"
#include "store/compaction.hpp"
#include "store/snapshot.hpp"
#include "store/verify.hpp"
#include "store/views.hpp"

namespace flowspan::app {
namespace {

using StorePointer = std::unique_ptr<store::Store>;

int verify(store::Store& opened, const StoreOptions& options) {
  const auto report_of = store::verify(opened, {.deep = options.deep});
  if (!report_of) return report(report_of.error());
  engine::Table table;
  table.columns = {{"finding", "VARCHAR"}, {"text", "VARCHAR"}};
  for (const auto& finding : report_of->findings)
    table.rows.push_back({std::string(finding.error ? "error" : "note"), finding.text});
  if (options.format != Format::table || !table.rows.empty()) {
    const auto quality = fmt::format(R"({{"sound":{},"segments":{},"flows":{},"deep":{}}})", report_of->sound(),
                                     report_of->segments, report_of->rows, options.deep);
    const auto status = query::write_table(options.format, query::standard_output(), table, quality);
    if (!status) return report(status.error());
  }
  tell("{} segments with {} flows examined{}: {}\n", report_of->segments, report_of->rows,
       options.deep ? ", every row read" : "",
       report_of->sound() ? "the store is sound" : "the store is damaged, see above");
  return report_of->sound() ? exit_done : exit_failed;
}

int views(store::Store& opened, const Configuration& configuration) {
  const auto snapshot = store::take_snapshot(opened, {});
  if (!snapshot) return report(snapshot.error());
  store::ViewOptions options;
  options.exporters = configuration.exporters;
  auto files = snapshot->files(opened);
  for (auto& file : files) file = std::filesystem::absolute(file).lexically_normal();
  const auto status = query::standard_output()(store::portable_views(files, options));
  return status ? exit_done : report(status.error());
}

int compact(store::Store& opened, const StoreOptions& options) {
  store::CompactionOptions how;
  how.rules.all = options.all;
  const bool terminal = stderr_is_terminal();
  if (terminal) how.progress = [](std::size_t done, std::size_t planned) { tell("\rmerge {} of {} ", done, planned); };
  const auto done = store::compact(opened, how, now());
  if (terminal) tell("\r\x1b[K");
  if (!done) return report(done.error());
  const int code = done->failed == 0 ? exit_done : exit_failed;
  if (options.format == Format::table) {
    fmt::print("{}\n", done->text());
    return code;
  }
  const engine::Table table{
      {{"merges", "UBIGINT"},
       {"segments", "UBIGINT"},
       {"flows", "UBIGINT"},
       {"bytes_before", "UBIGINT"},
       {"bytes_after", "UBIGINT"},
       {"skipped", "UBIGINT"},
       {"failed", "UBIGINT"}},
      {{done->merges, done->inputs, done->rows, done->bytes_before, done->bytes_after, done->skipped, done->failed}}};
  const auto status = query::write_table(options.format, query::standard_output(), table);
  return status ? code : report(status.error());
}

}  // namespace

int run_store(const Configuration& configuration, const StoreOptions& options) {
  const bool changes = options.action == "compact";
  auto opened = store::Store::open(configuration.store, changes ? store::Mode::write : store::Mode::read);
  if (!opened) return report(opened.error());
  if (options.action == "verify") return verify(**opened, options);
  if (options.action == "views") return views(**opened, configuration);
  if (options.action == "compact") return compact(**opened, options);
  const auto info = store::store_info(**opened);
  if (!info) return report(info.error());
  const auto status = write_store_info(*info, configuration.store, options.format);
  return status ? exit_done : report(status.error());
}

}  // namespace flowspan::app
