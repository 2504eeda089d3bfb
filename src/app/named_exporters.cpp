// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/named_exporters.hpp"

#include <algorithm>
#include <utility>

namespace flowspan::app {
namespace {

constexpr unsigned one_address = 128;  // bits of a prefix

// Only what the series tell; modulo 2^64, as unsigned numbers are, which the sums undo.
exporter::Counters minus(exporter::Counters a, const exporter::Counters& b) {
  for (const exporter::CounterName& row : exporter::counter_names) a.*row.value -= b.*row.value;
  for (std::size_t i = 0; i < exporter::reason_count; ++i) a.errors[i] -= b.errors[i];
  return a;
}

void put(ExporterSeries& series, const exporter::Counters& since) {
  const auto grow = [](std::uint64_t& value, std::uint64_t now) { value = std::max(value, now); };
  grow(series.datagrams, since.datagrams);
  grow(series.bytes_received, since.bytes_received);
  grow(series.flows, since.flows);
  grow(series.decode_errors, since.decode_errors());
  series.lost_flows.set(static_cast<std::int64_t>(since.lost_flows));
}

}  // namespace

void Balance::set(std::int64_t value) {
  if (value > value_) grown_ += static_cast<std::uint64_t>(value - value_);
  if (value < value_) fallen_ += static_cast<std::uint64_t>(value_ - value);
  value_ = value;
}

NamedExporters::NamedExporters(const std::vector<store::ExporterSettings>& settings) {
  for (const store::ExporterSettings& exporter : settings) {
    if (exporter.match.length != one_address || known_.contains(exporter.match.address)) continue;
    if (known_.size() == most) {
      ++left_out_;
      continue;
    }
    const bool unnamed = exporter.name.empty() || exporter.name == others;
    const std::string name = unnamed ? exporter.match.address.to_string() : exporter.name;
    const auto same = std::find_if(series_.begin(), series_.end(), [&](const auto& s) { return s.name == name; });
    Known& known = known_[exporter.match.address];
    known.series = static_cast<std::size_t>(same - series_.begin());
    if (same == series_.end()) series_.emplace_back().name = name;
  }
  series_.emplace_back().name = others;
}

Status NamedExporters::begin(const std::vector<pipeline::WriterStart>& starts) {
  if (known_.empty()) return {};
  for (const pipeline::WriterStart& start : starts) {
    if (start.state.empty()) continue;
    const auto exporters = exporter::Exporters::load(start.state);
    if (!exporters) return fail(exporters.error());
    for (auto& [ip, known] : known_)
      if (const exporter::Sender* sender = exporters->find_sender(ip)) known.at_start += sender->counters;
  }
  return {};
}

void NamedExporters::begin_round() {
  for (auto& [ip, known] : known_) known.now = {};
}

void NamedExporters::look(const exporter::Exporters& exporters) {
  for (auto& [ip, known] : known_) {
    const exporter::Sender* sender = exporters.find_sender(ip);
    if (sender == nullptr) continue;
    known.now += sender->counters;
    known.last_seen = std::max(known.last_seen, sender->last_seen);
  }
}

void NamedExporters::end_round(const exporter::Counters& all, const exporter::Counters& all_at_start) {
  std::vector<exporter::Counters> since(series_.size());
  since.back() = minus(all, all_at_start);
  for (auto& [ip, known] : known_) {
    if (known.now.datagrams < known.last.datagrams) known.forgotten += known.last;
    known.last = known.now;
    exporter::Counters own = known.now;
    own += known.forgotten;
    own = minus(own, known.at_start);
    since[known.series] += own;
    since.back() = minus(since.back(), own);
    series_[known.series].last_seen = std::max(series_[known.series].last_seen, known.last_seen);
  }
  for (std::size_t i = 0; i < series_.size(); ++i) put(series_[i], since[i]);
}

}  // namespace flowspan::app
