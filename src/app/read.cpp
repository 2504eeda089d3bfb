// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <utility>
#include <vector>

#include "app/commands.hpp"
#include "app/read.hpp"
#include "app/run_counters.hpp"
#include "app/signals.hpp"
#include "app/tell.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/units.hpp"
#include "pipeline/import.hpp"
#include "source/capture_file.hpp"
#include "store/dataset.hpp"

namespace flowspan::app {
namespace {

struct HashFree {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

/// XXH3-128 of the content, as hex. Two files of the same content are one to the store, whatever their names.
Result<std::string> digest_of(const std::filesystem::path& path) {
  auto file = open_file(path, O_RDONLY);
  if (!file) return fail(file.error());
  const std::unique_ptr<XXH3_state_t, HashFree> state(XXH3_createState());
  XXH3_128bits_reset(state.get());
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const ssize_t got = ::read(file->fd(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error("cannot read " + path.string()));
    if (got == 0) break;
    XXH3_128bits_update(state.get(), buffer.data(), static_cast<std::size_t>(got));
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

/// Of a file without flows.
std::string what_it_holds(std::uint64_t datagrams, const exporter::Counters& totals) {
  if (datagrams == 0) return "and no UDP datagrams at all";
  std::string text = fmt::format("UDP datagrams: {}", count_text(datagrams));
  for (std::size_t i = 0; i < exporter::reason_count; ++i) {
    const auto reason = static_cast<exporter::Reason>(i);
    if (const auto count = totals.error(reason); count > 0)
      text += fmt::format(", {}: {}", exporter::name(reason), count_text(count));
  }
  return text;
}

class FileImport {
 public:
  FileImport(store::Store& store, const Configuration& configuration, std::filesystem::path path, bool again)
      : store_(store), configuration_(configuration), path_(std::move(path)), again_(again) {}

  Result<ReadCounters> run();

 private:
  Result<ReadTarget> begin();
  bool progress(int pass, const DatagramReader& reader) const;

  store::Store& store_;
  const Configuration& configuration_;
  std::filesystem::path path_;
  bool again_;
};

Result<ReadTarget> FileImport::begin() {
  std::error_code code;
  if (!std::filesystem::exists(path_, code)) return fail("there is no file " + path_.string(), ErrorKind::not_found);
  if (!std::filesystem::is_regular_file(path_, code))
    return fail(path_.string() + " is no regular file: save the capture to a file first, it is read twice");
  auto digest = digest_of(path_);
  if (!digest) return fail(digest.error());
  return ReadTarget::begin(store_, configuration_, import_source(path_, std::move(*digest), again_));
}

bool FileImport::progress(int pass, const DatagramReader& reader) const {
  if (const auto signal = wait_for_signal(0); signal == SIGINT || signal == SIGTERM) return false;
  if (isatty(STDERR_FILENO) == 0 || configuration_.quiet) return true;
  const auto* capture = dynamic_cast<const source::CaptureFile*>(&reader);
  if (capture == nullptr) return true;
  const auto done = capture->progress();
  if (done.size > 0)
    tell("\r\033[K{}: {} {:.0f} %", path_.string(), pass == 1 ? "counting" : "storing",
         100.0 * static_cast<double>(done.read) / static_cast<double>(done.size));
  return true;
}

Result<ReadCounters> FileImport::run() {
  const Time started = monotonic_now();
  // A file that is no capture is told before it is hashed.
  if (auto capture = source::CaptureFile::open(path_); !capture) return fail(capture.error());
  auto target = begin();
  if (!target) return fail(target.error());

  source::PacketCounters packets;
  std::string warning;
  const pipeline::OpenDatagrams open = [&]() -> Result<std::unique_ptr<DatagramReader>> {
    auto capture = source::CaptureFile::open(path_);
    if (!capture) return fail(capture.error());
    return std::unique_ptr<DatagramReader>(std::move(*capture));
  };
  pipeline::ImportOptions options;
  options.rows_per_segment = rows_per_segment(configuration_);
  options.progress = [&](int pass, const DatagramReader& reader) { return progress(pass, reader); };
  options.counted = [&](const DatagramReader& reader) {
    const auto& capture = dynamic_cast<const source::CaptureFile&>(reader);
    packets = capture.counters();
    warning = capture.warning();
  };
  const auto imported = pipeline::import_datagrams(open, options, [&](const flow::Range& range, flow::Reader& flows) {
    return target->add_segment(range.fields, flows);
  });
  if (isatty(STDERR_FILENO) != 0 && !configuration_.quiet) tell("\r\033[K");
  if (!imported) return fail(imported.error());

  const exporter::Counters totals = imported->exporters.totals();
  store::Loss loss;
  loss.lost_flows = totals.lost_flows;
  loss.decode_errors = totals.decode_errors();
  ReadCounters counters;
  if (imported->rows > 0) {
    loss.undecodable_flows = static_cast<std::uint64_t>(imported->ledger.exporters_total().undecodable);
    const Status committed = target->commit(imported->datagrams, loss, imported->ledger);
    if (!committed) return fail(committed.error());
  } else {  // not recorded, so that a later version, which may know what is in it, can read it
    counters.nothing = fmt::format("{} holds no flows of NetFlow 1, 5, 7 or 8 ({}): nothing was imported",
                                   path_.string(), what_it_holds(imported->datagrams, totals));
  }
  const auto& import = target->import();
  counters.run.seconds = static_cast<double>(monotonic_now() - started) / 1e9;
  counters.run.values = {{"datagrams", imported->datagrams},
                         {"flows", imported->rows},
                         {"bytes", import ? import->raw_bytes() : 0},
                         {"packets", import ? import->raw_packets() : 0},
                         {"exporters", imported->exporters.size()},
                         {"lost_flows", totals.lost_flows},
                         {"kernel_drops", 0},
                         {"ring_drops", 0},
                         {"decode_errors", totals.decode_errors()},
                         {"segments", import ? import->segments() : 0},
                         {"segment_bytes", import ? import->file_bytes() : 0},
                         {"reordered_flows", totals.reordered_flows},
                         {"duplicate_datagrams", totals.duplicate_datagrams},
                         {"exporter_restarts", totals.restarts},
                         {"sequence_resets", totals.resets}};
  for (std::size_t i = 0; i < exporter::reason_count; ++i) {
    const auto reason = static_cast<exporter::Reason>(i);
    counters.run.values.emplace_back("decode_errors_" + std::string(exporter::name(reason)), totals.error(reason));
  }
  for (const auto& [name, value] : packets.named())
    counters.run.values.emplace_back("capture_" + std::string(name), value);
  if (!warning.empty()) counters.warnings.push_back(warning);
  return counters;
}

void add(RunCounters& sum, const RunCounters& more) {
  if (sum.values.empty()) {
    sum = more;
    return;
  }
  sum.seconds += more.seconds;
  for (const auto& [name, value] : more.values) {
    const auto same = [&](const auto& known) { return known.first == name; };
    if (const auto found = std::find_if(sum.values.begin(), sum.values.end(), same); found != sum.values.end())
      found->second += value;
    else
      sum.values.emplace_back(name, value);
  }
}

/// A capture or a dataset: its content tells, whatever its name.
Result<ReadCounters> read_file(store::Store& store, const Configuration& configuration,
                               const std::filesystem::path& path, bool again) {
  std::error_code code;
  if (std::filesystem::is_regular_file(path, code) && store::is_sqlite_file(path))
    return read_dataset(store, configuration, path, again);
  return FileImport(store, configuration, path, again).run();
}

}  // namespace

int run_read(const Configuration& configuration, const ReadOptions& options) {
  catch_signals();
  auto store = store::Store::open(configuration.store, store::Mode::create);
  if (!store) return report(store.error());
  RunCounters sum;
  int code = exit_done;
  for (const std::filesystem::path& path : options.files) {
    const auto counters = read_file(**store, configuration, path, options.again);
    if (!counters) {
      code = report(counters.error());
      break;
    }
    for (const std::string& warning : counters->warnings) log::warn(warning);
    if (!counters->nothing.empty()) code = report(Error{counters->nothing});  // the other files may hold some
    add(sum, counters->run);
  }
  if (!sum.values.empty() && (!configuration.quiet || configuration.format == Format::json))
    print_summary(fmt::format("{}: read {} file{}", configuration.store.string(), options.files.size(),
                              options.files.size() == 1 ? "" : "s"),
                  sum, configuration.format == Format::json);
  return code;
}

}  // namespace flowspan::app
