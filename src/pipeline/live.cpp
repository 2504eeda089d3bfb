// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/live.hpp"

#include <utility>

#include "exporter/exporters.hpp"
#include "journal/names.hpp"
#include "pipeline/decode_reader.hpp"

namespace flowspan::pipeline {
namespace {

// A question reads the live part once or, joined with itself, twice; further readers open the files when they come.
constexpr std::size_t opened_ahead = 2;

class LiveReader final : public flow::Reader {
 public:
  LiveReader(std::unique_ptr<journal::Follower> journal, std::vector<Stretch> quarantined)
      : journal_(std::move(journal)),
        datagrams_(*journal_, std::move(quarantined)),
        flows_(datagrams_, exporters_, &tally_) {}

  Result<bool> read(flow::FlowBatch& batch) override { return flows_.read(batch); }
  flow::Missing missing() const override { return flows_.missing(); }

 private:
  std::unique_ptr<journal::Follower> journal_;
  exporter::Exporters exporters_;  // only counts, and nobody asks it
  SkippingReader datagrams_;
  Tally tally_;
  DecodeReader flows_;
};

class NoFlows final : public flow::Reader {
 public:
  Result<bool> read(flow::FlowBatch& batch) override {
    batch.clear();
    return false;
  }
};

}  // namespace

Result<std::unique_ptr<LiveJournal>> LiveJournal::open(const std::filesystem::path& journal_directory,
                                                       std::uint32_t writer, Position committed,
                                                       std::vector<Stretch> quarantined) {
  std::unique_ptr<LiveJournal> live(new LiveJournal(journal_directory, writer, committed, std::move(quarantined)));
  if (const Status opened = live->open_ahead(); !opened) return fail(opened.error());
  return live;
}

Status LiveJournal::open_ahead() {
  const auto journals = journal::list_journals(directory_);
  if (!journals) return fail(journals.error());
  const auto found = journals->find(writer_);
  if (found == journals->end() || found->second.empty() || found->second.back() < committed_.file) return {};
  const std::uint32_t last = found->second.back();
  const auto path = directory_ / journal::JournalName{writer_, last}.to_string();
  std::error_code code;
  const std::uint64_t size = std::filesystem::file_size(path, code);
  if (code) return fail(path.string() + " went while it was looked at", ErrorKind::not_found);
  end_ = {last, size};
  empty_ = false;
  for (std::size_t i = 0; i < opened_ahead; ++i) {
    auto journal = open_journal();
    if (!journal) return fail(journal.error());
    ahead_.push_back(std::move(*journal));
  }
  return {};
}

Result<std::unique_ptr<journal::Follower>> LiveJournal::open_journal() const {
  Position from = committed_;
  if (from.file == 0) from = {};
  auto journal = journal::Follower::open(directory_, writer_, from);
  if (!journal) return journal;
  if (const Status opened = (*journal)->open_through(end_); !opened) return fail(opened.error());
  return journal;
}

Result<std::unique_ptr<journal::Follower>> LiveJournal::take_journal() {
  {
    const std::lock_guard lock(mutex_);
    if (!ahead_.empty()) {
      auto journal = std::move(ahead_.back());
      ahead_.pop_back();
      return journal;
    }
  }
  return open_journal();
}

Result<std::unique_ptr<flow::Reader>> LiveJournal::read() {
  if (empty_) return std::make_unique<NoFlows>();
  auto journal = take_journal();
  if (!journal) return fail(journal.error());
  return std::make_unique<LiveReader>(std::move(*journal), quarantined_);
}

Result<flow::Ledger> LiveJournal::ledger(const std::string& state) {
  if (empty_) return flow::Ledger();
  auto journal = take_journal();
  if (!journal) return fail(journal.error());
  exporter::Exporters exporters;
  if (!state.empty()) {
    auto loaded = exporter::Exporters::load(state);
    if (!loaded) return fail(loaded.error());
    exporters = std::move(*loaded);
  }
  SkippingReader datagrams(**journal, quarantined_);
  Tally tally;
  DecodeReader flows(datagrams, exporters, &tally);
  flow::FlowBatch batch(flow::FieldSet{});
  for (;;) {
    const auto more = flows.read(batch);
    if (!more) return fail(more.error());
    if (!*more) return tally.ledger();
  }
}

}  // namespace flowspan::pipeline
