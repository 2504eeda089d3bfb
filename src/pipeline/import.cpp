// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/import.hpp"

#include <utility>
#include <vector>

#include "pipeline/accountant.hpp"
#include "pipeline/decode_reader.hpp"

namespace flowspan::pipeline {
namespace {

constexpr std::uint64_t progress_step = 1 << 14;

/// The next `limit` datagrams of another reader.
class SomeDatagrams final : public DatagramReader {
 public:
  SomeDatagrams(DatagramReader& all, const ImportOptions& options) : all_(all), options_(options) {}

  void allow(std::uint64_t limit) { left_ = limit; }
  std::uint64_t left() const { return left_; }

  Result<bool> next(Datagram& datagram) override {
    if (left_ == 0) return false;
    if (++count_ % progress_step == 0 && options_.progress && !options_.progress(pass_, all_))
      return fail("stopped: nothing was imported");
    const Result<bool> more = all_.next(datagram);
    if (more && *more) --left_;
    return more;
  }
  void set_pass(int pass) { pass_ = pass; }

 private:
  DatagramReader& all_;
  const ImportOptions& options_;
  std::uint64_t left_ = 0;
  std::uint64_t count_ = 0;
  int pass_ = 1;
};

Result<std::vector<flow::Range>> count_ranges(DatagramReader& all, const ImportOptions& options, Imported& imported) {
  std::vector<flow::Range> ranges;
  SomeDatagrams datagrams(all, options);
  datagrams.allow(~std::uint64_t{0});
  Accountant accountant(0, {}, {});
  const auto cut = [&] {
    ranges.push_back(accountant.cut({}));
    imported.datagrams += ranges.back().datagrams;
    imported.rows += ranges.back().rows;
  };
  for (Datagram datagram;;) {
    const Result<bool> more = datagrams.next(datagram);
    if (!more) return fail(more.error());
    if (!*more) break;
    accountant.add(datagram);
    if (accountant.rows() >= options.rows_per_segment) cut();
  }
  if (!accountant.empty()) cut();
  imported.exporters = accountant.exporters();
  return ranges;
}

}  // namespace

Result<Imported> import_datagrams(const OpenDatagrams& open, const ImportOptions& options,
                                  const std::function<Status(const flow::Range&, flow::Reader&)>& store) {
  Imported imported;
  auto first = open();
  if (!first) return fail(first.error());
  const auto ranges = count_ranges(**first, options, imported);
  if (!ranges) return fail(ranges.error());
  if (options.counted) options.counted(**first);
  first->reset();

  auto second = open();
  if (!second) return fail(second.error());
  SomeDatagrams datagrams(**second, options);
  datagrams.set_pass(2);
  exporter::Exporters exporters;
  Tally tally;
  DecodeReader flows(datagrams, exporters, &tally);
  for (const flow::Range& range : *ranges) {
    datagrams.allow(range.datagrams);
    if (const Status stored = store(range, flows); !stored) return fail(stored.error());
    if (datagrams.left() > 0)
      return fail("the file became shorter while it was read: nothing was imported; try again when it is complete");
  }
  imported.ledger = tally.ledger();
  return imported;
}

}  // namespace flowspan::pipeline
