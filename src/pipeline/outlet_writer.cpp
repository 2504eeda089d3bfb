// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/outlet_writer.hpp"

#include <algorithm>
#include <utility>

#include "journal/names.hpp"

namespace flowspan::pipeline {

OutletWriter::OutletWriter(std::filesystem::path directory, const WriterHistory& history, std::optional<Position> first,
                           JournalHold& hold, std::size_t output)
    : directory_(std::move(directory)),
      writer_(history.writer),
      before_(history.before),
      start_(history.start),
      quarantined_(history.quarantined),
      first_(first),
      hold_(hold),
      output_(output) {}

Result<std::uint64_t> OutletWriter::open(const std::optional<flow::Mark>& mark) {
  WriterStart from = before_;
  if (mark) from = {mark->position, mark->state};
  if (from.position >= start_.position) {
    if (const Status begun = begin_this_run(); !begun) return fail(begun.error());
    return 0;
  }
  const auto journals = journal::list_journals(directory_);
  if (!journals) return fail(journals.error());
  const auto own = journals->find(writer_);
  std::uint32_t next = start_.position.file;
  if (own != journals->end())
    if (const auto found = std::lower_bound(own->second.begin(), own->second.end(), from.position.file);
        found != own->second.end())
      next = std::min(next, *found);
  // The state may be younger than the file that is now the first: what is missing was learned by nobody.
  const bool is_there = next == from.position.file;
  const std::uint64_t missing = from.position.file == 0 ? 0 : next - from.position.file;
  if (next >= start_.position.file) {
    if (const Status begun = begin_this_run(); !begun) return fail(begun.error());
    return missing;
  }
  if (const Status begun = begin(is_there ? from.position : Position{next, 0}, from.state); !begun)
    return fail(begun.error());
  leftovers_ = true;
  journal_->stop_at(start_.position);
  return missing;
}

Status OutletWriter::begin(Position from, const std::string& state) {
  auto exporters = std::make_unique<exporter::Exporters>();
  if (!state.empty()) {
    auto loaded = exporter::Exporters::load(state);
    if (!loaded) return fail(loaded.error());
    *exporters = std::move(*loaded);
  }
  auto journal = journal::Follower::open(directory_, writer_, from);
  if (!journal) return fail(journal.error());
  flows_.reset();
  datagrams_.reset();
  journal_ = std::move(*journal);
  exporters_ = std::move(exporters);
  datagrams_.emplace(*journal_, quarantined_);
  flows_.emplace(*datagrams_, *exporters_);
  position_ = from;
  return {};
}

Status OutletWriter::begin_this_run() {
  leftovers_ = false;
  if (!first_) {
    ended_ = true;
    position_ = std::max(position_, start_.position);
    return {};
  }
  return begin(*first_, start_.state);
}

Result<bool> OutletWriter::read(flow::FlowBatch& batch) {
  while (!ended_) {
    // Asked before the journal is read: what was appended until it was closed is then surely seen.
    const bool closed = closed_;
    const Result<bool> more = flows_->read(batch);
    if (!more) return more;
    position_ = std::max(position_, journal_->position());
    if (*more) return true;
    if (leftovers_) {
      if (const Status begun = begin_this_run(); !begun) return fail(begun.error());
      continue;
    }
    if (!closed) return false;
    // Behind the last file, so that it can go: where the store's last commit ends too.
    position_ = {position_.file + 1, 0};
    ended_ = true;
  }
  return false;
}

Result<std::uint64_t> OutletWriter::skip(flow::FlowBatch& batch, const std::function<bool()>& enough) {
  std::uint64_t flows = 0;
  batch.clear(flow::FieldSet{});
  for (const Position to = hold_.committed(); position_ < to && !enough();) {
    const Result<bool> more = read(batch);
    if (!more) return fail(more.error());
    if (!*more) break;
    flows += batch.rows();
    passed(position_);
  }
  passed(position_);
  return flows;
}

Result<std::uint64_t> OutletWriter::count_rest(flow::FlowBatch& batch, const std::function<bool()>& enough) {
  std::uint64_t flows = 0;
  batch.clear(flow::FieldSet{});
  do {
    const Result<bool> more = read(batch);
    if (!more) return fail(more.error());
    if (!*more) break;
    flows += batch.rows();
  } while (!enough());
  return flows;
}

flow::Mark OutletWriter::mark(bool with_state) const {
  flow::Mark mark;
  mark.writer = writer_;
  mark.position = position_;
  if (with_state && exporters_) mark.state = exporters_->save();
  return mark;
}

}  // namespace flowspan::pipeline
