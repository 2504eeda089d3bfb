// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/flow_tail.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "flow/batch.hpp"
#include "journal/names.hpp"
#include "pipeline/decode_reader.hpp"

namespace flowspan::app {
namespace {

using flow::operator""_field;

constexpr std::uint64_t most_bytes = 1 << 20;  // read by one follow(), of all writers
constexpr std::size_t kept_flows = 1'000;
constexpr std::size_t most_exporters = 10'000;
constexpr double newer_weight = 0.3;  // of this look in the mean bytes of a flow

flow::FieldSet wanted() {
  flow::FieldSet fields;
  for (const auto field :
       {"received_time"_field, "exporter_hi"_field, "exporter_lo"_field, "src_hi"_field, "src_lo"_field, "dst_hi"_field,
        "dst_lo"_field, "src_port"_field, "dst_port"_field, "proto"_field, "tos"_field, "bytes"_field, "packets"_field,
        "first_time"_field, "last_time"_field, "sampling_rate"_field})
    fields.set(field);
  return fields;
}

/// A value of a row as a number; nullopt is NULL.
std::optional<std::uint64_t> number(const flow::FlowBatch& batch, flow::FieldIndex field, std::size_t row) {
  if (!batch.present(field)) {
    const auto absent = flow::fields[field].absent;
    return absent == flow::null ? std::nullopt : std::optional(static_cast<std::uint64_t>(absent));
  }
  if (batch.is_null(field, row)) return std::nullopt;
  switch (flow::width(flow::fields[field].type)) {
    case 1: return batch.values<std::uint8_t>(field)[row];
    case 2: return batch.values<std::uint16_t>(field)[row];
    case 4: return batch.values<std::uint32_t>(field)[row];
    default: return batch.values<std::uint64_t>(field)[row];
  }
}

Ip address(const flow::FlowBatch& batch, flow::FieldIndex hi, flow::FieldIndex lo, std::size_t row) {
  return {number(batch, hi, row).value_or(0), number(batch, lo, row).value_or(0)};
}

std::optional<Time> time(const flow::FlowBatch& batch, flow::FieldIndex field, Duration unit, std::size_t row) {
  const auto value = number(batch, field, row);
  Time time = 0;
  if (!value || __builtin_mul_overflow(static_cast<Time>(*value), unit, &time)) return std::nullopt;
  return time;
}

std::optional<unsigned> small(const std::optional<std::uint64_t>& value) {
  return value ? std::optional(static_cast<unsigned>(*value)) : std::nullopt;
}

/// One packet in so many was seen, as the flow itself says.
std::optional<double> said_rate(const flow::FlowBatch& batch, std::size_t row) {
  const auto bits = number(batch, "sampling_rate"_field, row);
  return bits ? std::optional(std::bit_cast<double>(*bits)) : std::nullopt;
}

tui::Flow flow_of(const flow::FlowBatch& batch, std::size_t row) {
  tui::Flow flow;
  flow.exporter = address(batch, "exporter_hi"_field, "exporter_lo"_field, row);
  flow.protocol = static_cast<unsigned>(number(batch, "proto"_field, row).value_or(0));
  flow.source = address(batch, "src_hi"_field, "src_lo"_field, row);
  flow.destination = address(batch, "dst_hi"_field, "dst_lo"_field, row);
  flow.source_port = small(number(batch, "src_port"_field, row));
  flow.destination_port = small(number(batch, "dst_port"_field, row));
  flow.tos = static_cast<unsigned>(number(batch, "tos"_field, row).value_or(0));
  flow.bytes = number(batch, "bytes"_field, row).value_or(0);
  flow.packets = number(batch, "packets"_field, row).value_or(0);
  flow.first = time(batch, "first_time"_field, millisecond, row);
  flow.last = time(batch, "last_time"_field, millisecond, row);
  flow.received = time(batch, "received_time"_field, microsecond, row).value_or(0);
  return flow;
}

}  // namespace

struct FlowTail::News {
  struct Sum {
    const store::ExporterSettings* settings = nullptr;
    double bytes = 0;  // times the sampling rate
    double flows = 0;
  };
  std::deque<tui::Flow> flows;  // the last kept_flows of each writer
  std::unordered_map<Ip, Sum> sums;
  std::uint64_t rows = 0;
  std::uint64_t came = 0;  // bytes of journal
  std::uint64_t read = 0;
};

// The rest of the file that is read, and the files after it.
std::uint64_t FlowTail::behind(std::uint32_t number, Position from, Position end) const {
  if (from.file >= end.file) return from.file == end.file && end.offset > from.offset ? end.offset - from.offset : 0;
  std::uint64_t sum = end.offset;
  for (std::uint32_t file = from.file; file < end.file && sum <= 64 * most_bytes; ++file) {
    std::error_code code;
    const auto size = std::filesystem::file_size(folder_ / journal::JournalName{number, file}.to_string(), code);
    const std::uint64_t passed = file == from.file ? from.offset : 0;
    if (!code && size > passed) sum += size - passed;
    if (code && end.file - file > 2) file = end.file - 2;  // gone: committed and removed
  }
  return sum;
}

Status FlowTail::follow() {
  const auto journals = journal::list_journals(folder_);
  if (!journals) return fail(journals.error());
  std::erase_if(writers_, [&](const auto& writer) { return !journals->contains(writer.first); });
  News news;
  for (const auto& [number, files] : *journals) {
    std::error_code code;
    const auto size =
        std::filesystem::file_size(folder_ / journal::JournalName{number, files.back()}.to_string(), code);
    if (code) continue;  // removed this moment
    if (Status followed = follow_writer(number, {files.back(), size}, most_bytes / journals->size(), news); !followed)
      return followed;
  }
  one_of_ =
      news.read == 0 || news.came <= news.read ? 1 : static_cast<double>(news.came) / static_cast<double>(news.read);
  keep(news);
  return {};
}

Status FlowTail::follow_writer(std::uint32_t number, Position end, std::uint64_t may_read, News& news) {
  Writer& writer = writers_[number];
  const bool first = !writer.journal;
  std::uint64_t new_bytes = first ? 0 : behind(number, writer.journal->position(), end);
  if (first || new_bytes > may_read) {
    // Not where a block begins, most likely: the reader looks for the next one, as after damage.
    const std::uint64_t offset = end.offset > may_read ? (end.offset - may_read) & ~std::uint64_t{3} : 0;
    auto journal = journal::Follower::open(folder_, number, {end.file, offset});
    if (!journal && journal.error().kind == ErrorKind::not_found) return {};
    if (!journal) return fail(journal.error());
    writer.journal = std::move(*journal);
    if (first) new_bytes = end.offset - offset;
  }
  const std::uint64_t left = behind(number, writer.journal->position(), end);
  news.came += new_bytes;
  news.read += std::min(left, new_bytes);
  writer.journal->stop_at(end);
  return read(number, writer, news);
}

Status FlowTail::read(std::uint32_t number, Writer& writer, News& news) const {
  const auto skipped = quarantined_.find(number);
  pipeline::SkippingReader datagrams(
      *writer.journal, skipped == quarantined_.end() ? std::vector<pipeline::Stretch>{} : skipped->second);
  pipeline::DecodeReader flows(datagrams, writer.exporters);
  flow::FlowBatch batch(wanted());
  std::deque<tui::Flow> newest;
  for (;;) {
    const auto more = flows.read(batch);
    if (!more) return fail(more.error());
    if (!*more) break;
    news.rows += batch.rows();
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      newest.push_back(flow_of(batch, row));
      const auto [place, is_new] = news.sums.try_emplace(newest.back().exporter);
      News::Sum& sum = place->second;
      if (is_new) sum.settings = store::settings_of(settings_, place->first);
      sum.bytes += static_cast<double>(newest.back().bytes) * store::scale_of(sum.settings, said_rate(batch, row));
      sum.flows += 1;
      if (newest.size() > kept_flows) newest.pop_front();
    }
  }
  news.flows.insert(news.flows.end(), newest.begin(), newest.end());
  return {};
}

void FlowTail::keep(News& news) {
  std::stable_sort(news.flows.begin(), news.flows.end(),
                   [](const tui::Flow& a, const tui::Flow& b) { return a.received < b.received; });
  const auto came = static_cast<std::uint64_t>(static_cast<double>(news.rows) * one_of_);
  const std::uint64_t first = numbered_ + came - news.flows.size();
  for (std::size_t i = 0; i < news.flows.size(); ++i) {
    news.flows[i].number = first + i + 1;
    flows_.push_back(news.flows[i]);
  }
  numbered_ += came;
  while (flows_.size() > kept_flows) flows_.pop_front();
  for (const auto& [exporter, sum] : news.sums) {
    const auto [place, is_new] = bytes_.emplace(exporter, sum.bytes / sum.flows);
    if (!is_new) place->second += newer_weight * (sum.bytes / sum.flows - place->second);
  }
  if (bytes_.size() > most_exporters) bytes_.clear();
}

}  // namespace flowspan::app
