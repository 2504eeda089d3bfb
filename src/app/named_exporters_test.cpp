// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/named_exporters.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace flowspan::app {
namespace {

using exporter::Reason;

const Ip edge = Ip::v4(0xc0000201);
const Ip core = Ip::v4(0xc0000202);

store::ExporterSettings named(const char* match, std::string name = {}) {
  store::ExporterSettings settings;
  settings.match = *Prefix::parse(match);
  settings.name = std::move(name);
  return settings;
}

Datagram from(const Ip& ip, Time received = second) { return {received, {ip, 2055}, {}, {}}; }

/// The exporters of one worker, with what was counted of them.
struct Worker {
  exporter::Exporters exporters;
  void flows(const Ip& ip, std::uint64_t count, std::int64_t lost = 0) {
    exporter::Counters& counters = exporters.exporter(from(ip), 5).counters;
    counters.flows += count;
    counters.lost_flows += static_cast<std::uint64_t>(lost);
  }
};

void round(NamedExporters& named, const std::vector<Worker*>& workers, const exporter::Counters& at_start = {}) {
  exporter::Counters all;
  named.begin_round();
  for (const Worker* worker : workers) {
    named.look(worker->exporters);
    all += worker->exporters.totals();
  }
  named.end_round(all, at_start);
}

TEST(Balance, GrowsBothWays) {
  Balance balance;
  for (const std::int64_t value : {5, 3, 9, -2}) balance.set(value);
  EXPECT_EQ(balance.grown(), 11u);
  EXPECT_EQ(balance.fallen(), 13u);
}

TEST(NamedExporters, OnlySingleAddressesAreToldApart) {
  const NamedExporters exporters({named("192.0.2.1", "edge"), named("192.0.2.0/24", "all of them"),
                                  named("2001:db8::1"), named("192.0.2.9", "other"), named("192.0.2.1", "again"),
                                  named("192.0.2.3", "edge")});
  std::vector<std::string> names;
  for (const auto& series : exporters.series()) names.push_back(series.name);
  EXPECT_EQ(names, (std::vector<std::string>{"edge", "2001:db8::1", "192.0.2.9", "other"}));
}

TEST(NamedExporters, ThereAreSoManyAndNoMore) {
  std::vector<store::ExporterSettings> many;
  for (std::uint32_t i = 0; i < NamedExporters::most + 5; ++i) {
    many.emplace_back();
    many.back().match = {Ip::v4(i), 128};
  }
  const NamedExporters exporters(many);
  EXPECT_EQ(exporters.series().size(), NamedExporters::most + 1);
  EXPECT_EQ(exporters.left_out(), 5u);
}

TEST(NamedExporters, TheOthersAreWhatIsLeft) {
  NamedExporters exporters({named("192.0.2.1", "edge")});
  Worker a;
  Worker b;
  a.flows(edge, 10);
  b.flows(core, 7);
  b.exporters.refuse(from(Ip::v4(1)), 99, Reason::unknown_version);
  round(exporters, {&a, &b});
  EXPECT_EQ(exporters.series()[0].flows, 10u);
  EXPECT_EQ(exporters.series()[0].last_seen, second);
  EXPECT_EQ(exporters.series()[1].flows, 7u);
  EXPECT_EQ(exporters.series()[1].datagrams, 2u);
  EXPECT_EQ(exporters.series()[1].decode_errors, 1u);
}

TEST(NamedExporters, TellOfThisRunOnly) {
  Worker worker;
  worker.flows(edge, 10, 4);
  worker.flows(core, 5);
  NamedExporters exporters({named("192.0.2.1", "edge")});
  ASSERT_TRUE(exporters.begin({{{}, worker.exporters.save()}}));
  const exporter::Counters at_start = worker.exporters.totals();
  worker.flows(edge, 3);
  round(exporters, {&worker}, at_start);
  EXPECT_EQ(exporters.series()[0].flows, 3u);
  EXPECT_EQ(exporters.series()[0].lost_flows.grown(), 0u);
  EXPECT_EQ(exporters.series()[1].flows, 0u);
}

TEST(NamedExporters, LossesThatAreTakenBackAreCountedTwice) {
  NamedExporters exporters({named("192.0.2.1", "edge")});
  Worker worker;
  worker.flows(edge, 1, 10);
  worker.flows(core, 1, 2);
  round(exporters, {&worker});
  worker.flows(edge, 1, -4);
  round(exporters, {&worker});
  EXPECT_EQ(exporters.series()[0].lost_flows.grown(), 10u);
  EXPECT_EQ(exporters.series()[0].lost_flows.fallen(), 4u);
  EXPECT_EQ(exporters.series()[1].lost_flows.grown(), 2u);
  EXPECT_EQ(exporters.series()[1].lost_flows.fallen(), 0u);
}

TEST(NamedExporters, AStrangerThatBecomesAnExporterMovesNothing) {
  NamedExporters exporters({named("192.0.2.1", "edge")});
  Worker worker;
  worker.exporters.refuse(from(edge), 99, Reason::unknown_version);
  round(exporters, {&worker});
  EXPECT_EQ(exporters.series()[0].decode_errors, 1u);
  worker.flows(edge, 1);
  round(exporters, {&worker});
  EXPECT_EQ(exporters.series()[0].decode_errors, 1u);
  EXPECT_EQ(exporters.series()[1].decode_errors, 0u);
}

TEST(NamedExporters, WhatWasForgottenIsNotTakenBack) {
  NamedExporters exporters({named("192.0.2.1", "edge")});
  Worker worker;
  worker.flows(edge, 10);
  round(exporters, {&worker});
  for (std::uint32_t i = 0; i < exporter::max_exporters; ++i) worker.flows(Ip::v4(i), 1);
  ASSERT_EQ(worker.exporters.find(edge), nullptr);
  round(exporters, {&worker});
  EXPECT_EQ(exporters.series()[0].flows, 10u);
  EXPECT_EQ(exporters.series()[1].flows, exporter::max_exporters);
  worker.flows(edge, 2);
  round(exporters, {&worker});
  EXPECT_EQ(exporters.series()[0].flows, 12u);
  EXPECT_EQ(exporters.series()[1].flows, exporter::max_exporters);
}

}  // namespace
}  // namespace flowspan::app
