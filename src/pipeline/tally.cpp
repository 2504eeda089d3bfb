// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/tally.hpp"

#include <algorithm>

namespace flowspan::pipeline {

void Tally::drop(std::span<const Drop> drops, exporter::Exporters& exporters) {
  for (const Drop& drop : drops) {
    flow::WriterAccount& account = ledger_.writer(drop.when);
    account.kernel += static_cast<std::int64_t>(drop.of(DropPlace::kernel));
    account.ring += static_cast<std::int64_t>(drop.of(DropPlace::ring));
    account.journal += static_cast<std::int64_t>(drop.of(DropPlace::journal));
    account.quarantined += static_cast<std::int64_t>(drop.of(DropPlace::quarantine));
    account.starts += static_cast<std::int64_t>(drop.of(DropPlace::down));
    exporters.drops().add(drop);
  }
}

void Tally::add(const Datagram& datagram, const wire::Outcome& outcome, exporter::Exporters& exporters) {
  // Of those who never sent a flow only some have rows of their own: addresses are easily made up.
  const bool known = outcome.flows > 0 || exporters.find(datagram.from.ip) != nullptr ||
                     ledger_.exporters().size() < exporter::max_strangers;
  const Ip ip = known ? datagram.from.ip : flow::Ledger::others;
  ++ledger_.writer(datagram.received).datagrams;
  if (none_) received_min_ = received_max_ = datagram.received;
  none_ = false;
  received_min_ = std::min(received_min_, datagram.received);
  received_max_ = std::max(received_max_, datagram.received);
  flow::ExporterAccount& account = ledger_.exporter(datagram.received, ip);
  ++account.datagrams;
  account.stored += outcome.flows;
  if (outcome.error) {
    ledger_.refuse(datagram.received, ip, exporter::name(outcome.reason));
    ++refused_;
  }
  if (!outcome.numbered) {
    account.unnumbered += outcome.flows;
    return;
  }
  const exporter::SequenceNews& news = outcome.news;
  account.announced += news.announced;
  account.repeated += static_cast<std::int64_t>(news.repeated);
  account.late += static_cast<std::int64_t>(news.late);
  account.restarts += news.restarts;
  account.resets += news.resets;
  if (news.findings.empty()) return;
  for (const exporter::Finding& finding : news.findings) {
    flow::ExporterAccount& then = ledger_.exporter(finding.when, ip);
    then.lost(finding.fate) += finding.lost;
    then.announced += finding.announced;
  }
  for (const exporter::Doubt& doubt : exporters.drops().take_doubts()) {
    flow::ExporterAccount& doubtful = ledger_.exporter(doubt.found, doubt.exporter);
    doubtful.lost(doubt.from) -= doubt.flows;
    doubtful.unclear += doubt.flows;
  }
  ledger_.writer(datagram.received).placed += exporters.drops().take_placed();
}

flow::Missing Tally::missing() const {
  const flow::ExporterAccount flows = ledger_.exporters_total();
  flow::Missing missing;
  missing.lost_flows = flows.all_lost();
  missing.dropped_flows = flows.kernel + flows.ring + flows.journal + flows.quarantined;
  missing.down_flows = flows.down;
  missing.undecodable_flows = flows.undecodable;
  missing.unclear_flows = flows.unclear;
  missing.dropped_datagrams = ledger_.writers_total().dropped();
  missing.decode_errors = refused_;
  missing.received_min = received_min_;
  missing.received_max = received_max_;
  return missing;
}

}  // namespace flowspan::pipeline
