// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "flow/ledger.hpp"

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
  const Time rest = when % hour;
  return when - (rest < 0 ? rest + hour : rest);
}

Ledger::Key Ledger::key(Time when, const Ip& ip) const {
  const Key wanted{hour_of(when), ip};
  return exporters_.size() < max_rows || exporters_.contains(wanted) ? wanted : Key{wanted.hour, others};
}

ExporterAccount& Ledger::exporter(Time when, const Ip& ip) { return exporters_[key(when, ip)]; }

WriterAccount& Ledger::writer(Time when) { return writers_[hour_of(when)]; }

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
