// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/fault.hpp"
#include "base/log.hpp"
#include "base/units.hpp"
#include "engine/merge.hpp"
#include "store/compaction.hpp"
#include "store/files.hpp"
#include "store/rows.hpp"
#include "store/sqlite.hpp"
#include "store/work_folder.hpp"

namespace flowspan::store {
namespace {

Result<std::vector<Segment>> all_segments(Store& store) {
  std::vector<Segment> segments;
  auto read = store.catalog().read([&](sqlite::Database& db) -> Status {
    auto found = select_segments(db);
    if (!found) return fail(std::move(found.error()));
    segments = std::move(*found);
    return {};
  });
  if (!read) return fail(std::move(read.error()));
  return segments;
}

/// Whether one segment after the other is the order of the flows: (received_time, writer, sequence, row).
bool follow_each_other(const std::vector<const Segment*>& inputs) {
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    const auto& before = *inputs[i - 1];
    const auto& after = *inputs[i];
    const bool same = before.writer == after.writer && before.level == 0 && after.level == 0;
    if (!before.received.max || !after.received.min) return false;
    if (same ? *before.received.max > *after.received.min : *before.received.max >= *after.received.min) return false;
  }
  return true;
}

/// What the catalog will say of the merged segment, before it is written.
Segment outline(const std::vector<const Segment*>& inputs) {
  Segment output = *inputs.front();
  std::int64_t newest = 0;
  for (const Segment* input : inputs) {
    newest = std::max(newest, input->id);
    output.level = std::max(output.level, input->level);
    output.fields |= input->fields;
    if (input == inputs.front()) continue;
    output.writer = std::min(output.writer, input->writer);
    output.sequence = std::min(output.sequence, input->sequence);
    output.from = std::min(output.from, input->from);
    output.to = std::max(output.to, input->to);
    output.rows += input->rows;
    output.raw_bytes += input->raw_bytes;
    output.raw_packets += input->raw_packets;
    output.datagrams += input->datagrams;
    output.loss += input->loss;
  }
  output.level += 1;
  // Its newest input is retired by this merge and no other can have it: the name is free for ever.
  output.name = segment_prefix(output.received.min.value_or(0)) + "c" + std::to_string(newest) + ".parquet";
  return output;
}

class Compactor {
 public:
  Compactor(Store& store, const WorkFolder& work, engine::Database database, Time begin)
      : store_(store), work_(work), database_(std::move(database)), begin_(begin) {}

  Time clock() const { return begin_ + (monotonic_now() - started_); }

  /// False: an input has left the catalog meanwhile.
  Result<bool> merge(std::vector<const Segment*> inputs, CompactionReport& report) {
    const bool in_order = follow_each_other(inputs);
    if (!in_order)  // the list breaks ties between equal times
      std::sort(inputs.begin(), inputs.end(), [](const Segment* a, const Segment* b) {
        return std::tie(a->writer, a->sequence, a->id) < std::tie(b->writer, b->sequence, b->id);
      });
    Segment output = outline(inputs);
    const auto promised = output;
    std::vector<std::filesystem::path> files;
    for (const Segment* input : inputs) files.push_back(store_.path() / input->name);
    const auto part = work_.path() / "merged.parquet.part";
    engine::MergeOptions options;
    if (!in_order) options.order = "received_time, file_index, file_row_number";
    options.metadata = {{"flowspan_store", store_.id()}};
    auto merged = engine::merge_parquet(database_, files, output.fields, part, options);
    if (!merged) return fail(std::move(merged.error()));
    if (auto point = fault_point("compact.after_write"); !point) return fail(std::move(point.error()));
    set_stats(output, *merged);
    if (output.rows != promised.rows || output.raw_bytes != promised.raw_bytes ||
        output.raw_packets != promised.raw_packets)
      return fail("merging " + std::to_string(inputs.size()) + " segments into " + output.name + " gave " +
                  count_text(output.rows) + " flows instead of " + count_text(promised.rows) +
                  ": the inputs were kept (run `flowspan store verify --deep`)");
    if (auto synced = finish_file(part); !synced) return fail(std::move(synced.error()));
    const auto file = store_.path() / output.name;
    if (auto made = make_folder(store_.path(), file.parent_path()); !made) return fail(std::move(made.error()));
    if (auto moved = move_file(part, file); !moved) return fail(std::move(moved.error()));
    if (auto point = fault_point("compact.after_rename"); !point) return fail(std::move(point.error()));
    output.committed_at = clock();
    bool taken = false;
    auto committed = store_.catalog().write([&](sqlite::Database& db) { return exchange(db, inputs, output, taken); });
    if (taken) {
      (void)remove_file(file);
      return false;
    }
    if (!committed) return fail(std::move(committed.error()));
    if (auto point = fault_point("compact.after_commit"); !point) return fail(std::move(point.error()));
    ++report.merges;
    report.inputs += inputs.size();
    report.rows += output.rows;
    report.bytes_after += output.file_bytes;
    for (const Segment* input : inputs) report.bytes_before += input->file_bytes;
    return true;
  }

 private:
  Status exchange(sqlite::Database& db, const std::vector<const Segment*>& inputs, Segment& output, bool& taken) {
    for (const Segment* input : inputs) {
      const auto retired = retire_segment(db, input->id, output.committed_at);
      if (!retired) return fail(retired.error());
      if (!*retired) {
        taken = true;
        return fail(input->name + " has left the catalog");
      }
    }
    if (auto added = insert_segment(db, output); !added) return added;
    return fault_point("compact.before_commit");
  }

  Store& store_;
  const WorkFolder& work_;
  engine::Database database_;
  Time begin_;
  Time started_ = monotonic_now();
};

}  // namespace

std::string CompactionReport::text() const {
  if (merges == 0 && failed == 0 && skipped == 0) return "nothing to compact";
  std::string line = "merged " + count_text(inputs) + " segments into " + count_text(merges) + " (" + count_text(rows) +
                     " flows, " + size_text(bytes_before) + " to " + size_text(bytes_after) + ")";
  if (skipped != 0) line += "; " + count_text(skipped) + " merges given up: their segments were retired meanwhile";
  if (failed != 0) line += "; " + count_text(failed) + " merges failed";
  if (stopped) line += "; stopped before the end";
  return line;
}

Result<CompactionReport> compact(Store& store, const CompactionOptions& options, Time now) {
  CompactionReport report;
  const auto lock = store.lock_compaction();
  if (!lock) return fail(lock.error());
  auto segments = all_segments(store);
  if (!segments) return fail(std::move(segments.error()));
  auto plan = plan_compaction(*segments, options.rules, now);
  if (plan.empty()) return report;

  if (options.background) lower_priority();
  const auto work = WorkFolder::make(store.temporary_folder(), "compact");
  if (!work) return fail(work.error());
  auto database = engine::Database::open({.threads = 1,
                                          .memory_limit = options.memory_limit,
                                          .temp_directory = work->path() / "spill",
                                          .keep_order = true});
  if (!database) return fail(std::move(database.error()));
  Compactor compactor(store, *work, std::move(*database), now);
  std::set<std::int64_t> given_up;
  std::size_t done = 0;
  std::size_t planned = plan.size();
  while (!plan.empty()) {
    std::map<std::int64_t, const Segment*> by_id;
    for (const auto& segment : *segments) by_id.emplace(segment.id, &segment);
    std::size_t merged_now = 0;
    for (const auto& merge : plan) {
      if (options.stop != nullptr && *options.stop) {
        report.stopped = true;
        return report;
      }
      std::vector<const Segment*> inputs;
      for (const auto id : merge.inputs) inputs.push_back(by_id.at(id));
      const auto merged = compactor.merge(std::move(inputs), report);
      if (merged) {
        ++(*merged ? merged_now : report.skipped);
      } else {
        if (merged.error().kind == ErrorKind::no_space) return fail(merged.error());
        log::warn("compaction: " + merged.error().text);  // e.g. a damaged file: the others need not wait for it
        ++report.failed;
        given_up.insert(merge.inputs.begin(), merge.inputs.end());
      }
      if (options.progress) options.progress(++done, planned);
    }
    if (merged_now == 0) break;
    segments = all_segments(store);
    if (!segments) return fail(std::move(segments.error()));
    std::erase_if(*segments, [&](const Segment& segment) { return given_up.contains(segment.id); });
    plan = plan_compaction(*segments, options.rules, compactor.clock());
    planned += plan.size();
  }
  return report;
}

}  // namespace flowspan::store
