// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/recovery.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "flow/batch.hpp"
#include "journal/follow.hpp"
#include "journal/names.hpp"
#include "pipeline/accountant.hpp"
#include "pipeline/commit.hpp"

namespace flowspan::pipeline {
namespace {

constexpr std::uint64_t progress_step = 1 << 16;

Result<std::vector<std::uint32_t>> journals_of(const std::filesystem::path& directory, std::uint32_t writer) {
  const auto journals = journal::list_journals(directory);
  if (!journals) return fail(journals.error());
  const auto found = journals->find(writer);
  return found == journals->end() ? std::vector<std::uint32_t>{} : found->second;
}

Status remove_read(const RecoveryOptions& options, std::uint32_t file) {
  return options.keep_journals ? Status{} : remove_journals(options.journal_directory, options.writer, file);
}

class NoFlows final : public flow::Reader {
 public:
  Result<bool> read(flow::FlowBatch& batch) override {
    batch.clear();
    return false;
  }
};

/// Somebody removed the file that the position is in, as when a store is restored without its journal. What it held is
/// gone; the position moves behind it, or no collector could ever start again.
Status pass_missing(const RecoveryOptions& options, WriterStart& start, flow::SegmentSink& sink,
                    const std::vector<std::uint32_t>& journals) {
  const Position from = start.position;
  const auto next = std::lower_bound(journals.begin(), journals.end(), from.file);
  const bool is_there = next != journals.end() && *next == from.file;
  // Nothing is missing of a file that was never begun.
  if (from.file == 0 || is_there || (from.offset == 0 && next == journals.end())) return {};
  flow::Range range;
  range.writer = options.writer;
  range.from = from;
  range.to = {next == journals.end() ? from.file + 1 : *next, 0};
  log::warn("the journal " +
            (options.journal_directory / journal::JournalName{options.writer, from.file}.to_string()).string() +
            " is gone: flows that it held and that were not yet committed are lost");
  NoFlows nothing;
  if (const Status moved = sink.commit(range, nothing, [&] { return flow::Learned(start.state); }); !moved)
    return moved;
  start.position = range.to;
  return {};
}

}  // namespace

Status remove_journals(const std::filesystem::path& journal_directory, std::uint32_t writer, std::uint32_t file) {
  const auto journals = journals_of(journal_directory, writer);
  if (!journals) return fail(journals.error());
  for (const std::uint32_t sequence : *journals) {
    if (sequence >= file) break;
    std::error_code code;
    const auto path = journal_directory / journal::JournalName{writer, sequence}.to_string();
    std::filesystem::remove(path, code);
    if (code) return fail("cannot remove " + path.string() + ": " + code.message());
  }
  return {};
}

Result<Recovered> recover(const RecoveryOptions& options, WriterStart& start, flow::SegmentSink& sink) {
  const auto journals = journals_of(options.journal_directory, options.writer);
  if (!journals) return fail(journals.error());
  if (const Status passed = pass_missing(options, start, sink, *journals); !passed) return fail(passed.error());
  // The file after the last there is: where the next appender begins, at the earliest.
  const std::uint32_t end = std::max(journals->empty() ? 1 : journals->back() + 1, start.position.file);
  Recovered recovered;
  if (end == start.position.file && start.position.offset == 0) {  // committed to the very end
    if (const Status removed = remove_read(options, end); !removed) return fail(removed.error());
    return recovered;
  }

  auto journal = journal::Follower::open(options.journal_directory, options.writer, start.position);
  if (!journal) return fail(journal.error());
  auto commit = Commit::open(options.journal_directory, sink, start.state, options.quarantined);
  if (!commit) return fail(commit.error());
  Accountant accountant(options.writer, start.position, commit->exporters());
  SkippingReader datagrams(**journal, options.quarantined);
  std::uint64_t drops_seen = 0;

  const auto commit_to = [&](Position to) -> Status {
    const journal::FollowStats& stats = (*journal)->stats();
    const std::uint64_t drops = stats.kernel_drops + stats.ring_drops + stats.journal_drops;
    accountant.add_dropped(drops - drops_seen, now());
    drops_seen = drops;
    const flow::Range range = accountant.cut(to);
    const Status done = commit->run(range);
    if (!done) return done;
    ++recovered.ranges;
    recovered.datagrams += range.datagrams;
    recovered.flows += range.rows;
    start.position = to;
    start.state = commit->exporters().save();
    return {};
  };

  for (std::uint64_t count = 0;;) {
    Datagram datagram;
    const Result<bool> more = datagrams.next(datagram);
    if (!more) return fail(more.error());
    if (!*more) break;
    accountant.add(datagram);
    if (++count % progress_step == 0 && options.progress && !options.progress(count))
      return fail("stopped while storing what the last run had left: the rest stays in the journal for the next start");
    if (accountant.rows() < options.rotate_rows) continue;
    if (const Status done = commit_to((*journal)->position()); !done) return fail(done.error());
  }
  // The end is the beginning of the file that comes next, so that all these can go.
  if (const Status done = commit_to({end, 0}); !done) return fail(done.error());
  recovered.damaged_blocks = (*journal)->stats().damaged_blocks;
  recovered.skipped_bytes = (*journal)->stats().skipped_bytes;
  if (const Status removed = remove_read(options, end); !removed) return fail(removed.error());
  return recovered;
}

}  // namespace flowspan::pipeline
