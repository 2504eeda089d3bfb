// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "flow/ledger.hpp"

#include <algorithm>
#include <limits>

namespace flowspan::flow {
namespace {

constexpr std::array<std::int64_t ExporterAccount::*, fates> by_fate{
    &ExporterAccount::network, &ExporterAccount::kernel,      &ExporterAccount::ring,        &ExporterAccount::journal,
    &ExporterAccount::down,    &ExporterAccount::quarantined, &ExporterAccount::undecodable, &ExporterAccount::unclear,
};

}  // namespace

std::int64_t& ExporterAccount::lost(Fate fate) { return this->*by_fate[static_cast<std::size_t>(fate)]; }

std::int64_t ExporterAccount::all_lost() const {
  std::int64_t sum = 0;
  for (const auto value : by_fate) sum += this->*value;
  return sum;
}

ExporterAccount& ExporterAccount::operator+=(const ExporterAccount& other) {
  for (const AccountColumn& column : account_columns) this->*column.value += other.*column.value;
  return *this;
}

WriterAccount& WriterAccount::operator+=(const WriterAccount& other) {
  for (const WriterColumn& column : writer_columns) this->*column.value += other.*column.value;
  return *this;
}

Time hour_of(Time when) {
  const Time bounded = std::max(when, std::numeric_limits<Time>::min() + hour);
  const Time rest = bounded % hour;
  return bounded - (rest < 0 ? rest + hour : rest);
}

Ledger::Key Ledger::key(Time when, const Ip& ip) const {
  const Key wanted{hour_of(when), ip};
  if (exporters_.size() < max_rows || exporters_.contains(wanted)) return wanted;
  const Key rest{wanted.hour, others};
  // A capture may have been made to hold another hour in each packet: then one of them stands for all.
  return exporters_.size() < 2 * max_rows || exporters_.contains(rest) ? rest
                                                                       : Key{exporters_.begin()->first.hour, others};
}

ExporterAccount& Ledger::exporter(Time when, const Ip& ip) { return exporters_[key(when, ip)]; }

WriterAccount& Ledger::writer(Time when) {
  const Time begins = hour_of(when);
  return writers_[writers_.size() < max_rows || writers_.contains(begins) ? begins : writers_.begin()->first];
}

void Ledger::refuse(Time when, const Ip& ip, std::string_view reason) {
  const Key where = key(when, ip);
  static_cast<void>(exporters_[where]);  // so that the exporter has a row
  ++refused_[{where, std::string(reason)}];
}

ExporterAccount Ledger::exporters_total() const {
  ExporterAccount total;
  for (const auto& [key, account] : exporters_) total += account;
  return total;
}

WriterAccount Ledger::writers_total() const {
  WriterAccount total;
  for (const auto& [hour, account] : writers_) total += account;
  return total;
}

}  // namespace flowspan::flow
