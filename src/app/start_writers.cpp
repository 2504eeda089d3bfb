// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/start_writers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "app/maintenance.hpp"
#include "app/signals.hpp"
#include "app/tell.hpp"
#include "base/log.hpp"
#include "base/units.hpp"
#include "journal/copy.hpp"
#include "journal/names.hpp"
#include "pipeline/recovery.hpp"
#include "source/steering.hpp"

namespace flowspan::app {
namespace {

// A first failure may be anything; a second at the same place may be the journal's fault, and a child process finds out.
// When no single datagram kills it, something else ended these starts: a supervisor in a hurry, want of memory. Only
// after ten in a row is all that waits put aside, because the collector must come up some day.
constexpr std::uint32_t attempts_before_isolation = 2;
constexpr std::uint32_t attempts_before_putting_all_aside = 9;
constexpr int most_killers = 1000;

Status quarantine(store::Store& store, const pipeline::RecoveryOptions& options, Position position,
                  std::uint64_t length, const std::string& exporter, const std::string& reason) {
  const std::string name = fmt::format("{}-{}-{}.pcapng", options.writer, position.file, position.offset);
  std::error_code code;
  std::filesystem::create_directories(store.quarantine_folder(), code);
  if (code) return fail("cannot make " + store.quarantine_folder().string() + ": " + code.message());
  if (Status copied = journal::copy_stretch(options.journal_directory, options.writer, position, length,
                                            store.quarantine_folder() / name);
      !copied)
    return copied;
  log::error(fmt::format("put {} of the journal aside as quarantine/{}: {} (from {})", size_text(length), name, reason,
                         exporter.empty() ? "unknown" : exporter));
  return store.quarantine({options.writer, position, length, exporter, reason, "quarantine/" + name, now()});
}

/// Finds what kills the decoder, and puts it aside.
Status isolate(store::Store& store, pipeline::RecoveryOptions& options, const pipeline::WriterStart& start,
               std::uint32_t attempts, StartReport& report) {
  log::warn(fmt::format("decoding the journal of writer {} has failed {} times: looking for what kills the decoder",
                        options.writer, attempts - 1));
  for (int found = 0; found < most_killers; ++found) {
    auto killer = pipeline::find_killer(options, start);
    if (!killer) return fail(killer.error());
    if (!*killer) break;
    const pipeline::Killer& it = **killer;
    if (Status done = quarantine(store, options, it.position, it.length, it.datagram.from.to_string(),
                                 "a datagram killed the decoder: " + it.reason);
        !done)
      return done;
    options.quarantined.push_back({it.position, it.length});
    ++report.quarantined;
  }
  return {};
}

/// The whole of what waits, file by file.
Status put_all_aside(store::Store& store, pipeline::RecoveryOptions& options, const pipeline::WriterStart& start,
                     StartReport& report) {
  const auto journals = journal::list_journals(options.journal_directory);
  if (!journals) return fail(journals.error());
  const auto files = journals->find(options.writer);
  if (files == journals->end()) return {};
  for (const std::uint32_t sequence : files->second) {
    if (sequence < start.position.file) continue;
    const Position from{sequence, sequence == start.position.file ? start.position.offset : 0};
    const auto path = options.journal_directory / journal::JournalName{options.writer, sequence}.to_string();
    std::error_code code;
    const std::uint64_t size = std::filesystem::file_size(path, code);
    if (code || size <= from.offset) continue;
    if (Status done = quarantine(store, options, from, size - from.offset, "",
                                 "committing it failed again and again, and no single datagram is to blame");
        !done)
      return done;
    options.quarantined.push_back({from, size - from.offset});
    ++report.quarantined;
  }
  return {};
}

bool may_pass(ErrorKind kind) { return kind == ErrorKind::no_space || kind == ErrorKind::busy; }

/// Commits what waits; on a full disk room is made for it as for a running collector.
Result<pipeline::Recovered> commit_rest(store::Store& store, store::SegmentStore& segments,
                                        const pipeline::RecoveryOptions& options, pipeline::WriterStart& start) {
  log::Limiter trouble;
  for (std::optional<Position> made_room_at;;) {
    auto recovered = pipeline::recover(options, start, segments);
    if (recovered || recovered.error().kind != ErrorKind::no_space) return recovered;
    if (made_room_at == start.position || !free_space(store, trouble)) return recovered;
    made_room_at = start.position;
  }
}

Status recover_writer(store::Store& store, store::SegmentStore& segments, std::uint32_t writer, bool keep_journals,
                      pipeline::WriterStart& start, StartReport& report) {
  pipeline::RecoveryOptions options;
  options.journal_directory = store.journal_folder();
  options.writer = writer;
  options.keep_journals = keep_journals;
  const auto stretches = store.quarantined();
  if (!stretches) return fail(stretches.error());
  for (const store::Quarantined& stretch : *stretches)
    if (stretch.writer == writer) options.quarantined.push_back({stretch.position, stretch.length});
  bool stopped = false;
  options.progress = [&stopped](std::uint64_t datagrams) {
    const auto signal = wait_for_signal(0);
    stopped = stopped || signal == SIGINT || signal == SIGTERM;
    if (isatty(STDERR_FILENO) != 0) tell("\rrecovering: {} datagrams read", count_text(datagrams));
    return !stopped;
  };

  const std::uint64_t put_aside_before = report.quarantined;
  auto attempts = store.begin_recovery(writer);
  log::Limiter trouble;
  if (!attempts && attempts.error().kind == ErrorKind::no_space && free_space(store, trouble))
    attempts = store.begin_recovery(writer);
  if (!attempts) return fail(attempts.error());
  if (*attempts > attempts_before_isolation)
    if (Status done = isolate(store, options, start, *attempts, report); !done) return done;
  if (*attempts > attempts_before_putting_all_aside && report.quarantined == put_aside_before)
    if (Status done = put_all_aside(store, options, start, report); !done) return done;
  const auto recovered = commit_rest(store, segments, options, start);
  if (!recovered) {
    // A full disk, a busy catalog or Ctrl-C say nothing against the journal: however often, it is not put aside.
    if (stopped || may_pass(recovered.error().kind)) (void)store.end_recovery(writer);
    return fail(recovered.error());
  }
  report.recovered_datagrams += recovered->datagrams;
  report.recovered_flows += recovered->flows;
  report.damaged_blocks += recovered->damaged_blocks;
  return store.end_recovery(writer);
}

/// Deals the exporters out to the workers that their datagrams are steered to.
Status deal_out(store::Store& store, std::map<std::uint32_t, pipeline::WriterStart>& starts, unsigned workers) {
  exporter::Exporters all;
  for (auto& [writer, start] : starts) {
    if (start.state.empty()) continue;
    auto loaded = exporter::Exporters::load(start.state);
    if (!loaded) return fail(loaded.error());
    all.merge(std::move(*loaded));
  }
  std::vector<store::WriterState> states;
  for (std::uint32_t worker = 0; worker < workers; ++worker) {
    // The last worker takes all that are left, and the sums of those that are forgotten.
    exporter::Exporters own;
    if (worker + 1 < workers)
      own = all.take_if([&](const Ip& ip) { return source::worker_of(ip, workers) == worker; });
    else
      own = std::move(all);
    pipeline::WriterStart& start = starts[worker];
    // Never "the oldest there is": a question would not notice that the first file was committed and removed meanwhile.
    if (start.position.file == 0) start.position = {1, 0};
    start.state = own.save();
    store::WriterState state;
    state.writer = worker;
    state.position = start.position;
    state.state = start.state;
    states.push_back(std::move(state));
  }
  return store.set_writers(states);
}

Status tell_histories(store::Store& store, const std::map<std::uint32_t, pipeline::WriterStart>& before,
                      const std::map<std::uint32_t, pipeline::WriterStart>& starts, std::set<std::uint32_t> writers,
                      const std::set<std::uint32_t>& workers, StartReport& report) {
  const auto stretches = store.quarantined();
  if (!stretches) return fail(stretches.error());
  writers.insert(workers.begin(), workers.end());
  for (const std::uint32_t writer : writers) {
    pipeline::WriterHistory history;
    history.writer = writer;
    if (const auto found = before.find(writer); found != before.end()) history.before = found->second;
    if (const auto found = starts.find(writer); found != starts.end()) history.start = found->second;
    for (const store::Quarantined& stretch : *stretches)
      if (stretch.writer == writer) history.quarantined.push_back({stretch.position, stretch.length});
    report.histories.push_back(std::move(history));
  }
  return {};
}

}  // namespace

Result<std::vector<pipeline::WriterStart>> start_writers(store::Store& store, store::SegmentStore& segments,
                                                         unsigned workers, bool keep_journals, StartReport& report) {
  const auto known = store.writers();
  if (!known) return fail(known.error());
  const auto journals = journal::list_journals(store.journal_folder());
  if (!journals) return fail(journals.error());

  std::map<std::uint32_t, pipeline::WriterStart> starts;
  std::set<std::uint32_t> active;
  for (const store::WriterState& writer : *known) {
    starts[writer.writer] = {writer.position, writer.state};
    if (writer.active) active.insert(writer.writer);
  }
  for (const auto& [writer, files] : *journals)
    if (!files.empty() && active.insert(writer).second) starts.try_emplace(writer);

  const std::map<std::uint32_t, pipeline::WriterStart> before = starts;
  for (const std::uint32_t writer : active)
    if (Status done = recover_writer(store, segments, writer, keep_journals, starts[writer], report); !done)
      return fail(done.error());

  std::set<std::uint32_t> wanted;
  for (std::uint32_t worker = 0; worker < workers; ++worker) wanted.insert(worker);
  if (active != wanted)
    if (Status done = deal_out(store, starts, workers); !done) return fail(done.error());

  if (keep_journals)
    if (Status told = tell_histories(store, before, starts, active, wanted, report); !told) return fail(told.error());
  std::vector<pipeline::WriterStart> result;
  for (std::uint32_t worker = 0; worker < workers; ++worker) result.push_back(starts[worker]);
  return result;
}

}  // namespace flowspan::app
