// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "wire/decode.hpp"
#include "wire/test_reading.hpp"

namespace flowspan::simulate {
namespace {

constexpr Time start = 1'795'442'400 * second;  // 2026-11-23T14:00Z

/// A datagram as sent, with its header read.
struct Sent {
  Time time = 0;
  unsigned exporter = 0;
  std::vector<std::byte> payload;
  std::uint32_t flows = 0;
  std::uint32_t sequence = 0;
  std::uint32_t uptime = 0;
};

std::uint32_t word(Bytes bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

std::vector<Sent> run(Network& network) {
  std::vector<Sent> all;
  while (const auto due = network.due()) {
    const Export made = network.take();
    EXPECT_EQ(made.time, *due);
    EXPECT_TRUE(all.empty() || all.back().time <= made.time);
    if (made.lost) continue;
    Sent sent{made.time, made.exporter, {made.payload.begin(), made.payload.end()}, made.flows, 0, 0};
    sent.uptime = word(made.payload, 4);
    sent.sequence = word(made.payload, 16);
    all.push_back(std::move(sent));
  }
  return all;
}

std::vector<Sent> run(const Plan& plan) {
  Network network(plan);
  return run(network);
}

Plan plan_of(std::uint64_t flows, double rate, unsigned exporters = 1) {
  Plan plan;
  plan.flows = flows;
  plan.rate = rate;
  plan.exporters = exporters;
  plan.start = start;
  plan.flat = true;
  return plan;
}

bool same(const std::vector<Sent>& a, const std::vector<Sent>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Sent& x, const Sent& y) {
    return x.time == y.time && x.exporter == y.exporter && x.payload == y.payload;
  });
}

TEST(NetworkTest, TheSameSeedGivesTheSameBytes) {
  Plan plan = plan_of(3000, 500, 3);
  plan.with = {Kind::scan, Kind::loss, Kind::restart, Kind::beacon};
  const auto first = run(plan);
  EXPECT_TRUE(same(first, run(plan)));
  plan.seed = 2;
  EXPECT_FALSE(same(first, run(plan)));
}

TEST(NetworkTest, AnotherStartMovesTheSameFlows) {
  Plan plan = plan_of(2000, 500, 2);
  auto first = run(plan);
  plan.start += 5 * hour + 7 * millisecond;
  const auto moved = run(plan);
  for (Sent& sent : first) {
    sent.time += 5 * hour + 7 * millisecond;
    ASSERT_LT(&sent - first.data(), static_cast<std::ptrdiff_t>(moved.size()));
    // SysUptime is as it was: only the clock of the header, 8 bytes, differs.
    const auto& payload = moved[static_cast<std::size_t>(&sent - first.data())].payload;
    std::copy_n(payload.begin() + 8, 8, sent.payload.begin() + 8);
  }
  EXPECT_TRUE(same(first, moved));
}

TEST(NetworkTest, SequenceCountsTheFlowsOfEachRouter) {
  const auto all = run(plan_of(5000, 1000, 4));
  std::map<unsigned, std::uint32_t> next;
  std::uint64_t flows = 0;
  for (const Sent& sent : all) {
    EXPECT_EQ(sent.sequence, next[sent.exporter]);
    next[sent.exporter] += sent.flows;
    flows += sent.flows;
  }
  EXPECT_EQ(flows, 5000u);
  EXPECT_EQ(next.size(), 4u);
}

TEST(NetworkTest, SumsOfVersion8HaveEveryFlow) {
  Plan plan = plan_of(6000, 2000, 3);
  Network single(plan);
  run(single);
  plan.version = Version::v8;
  Network network(plan);
  const auto all = run(network);
  EXPECT_EQ(network.sums().flows, single.sums().flows);
  EXPECT_EQ(network.sums().bytes, single.sums().bytes);

  exporter::Exporters exporters;
  flow::FlowBatch batch;
  for (const Sent& sent : all) {
    const Datagram datagram{sent.time, {Ip::v4(sent.exporter + 1), 2055}, {}, sent.payload};
    const wire::Outcome outcome = wire::decode(datagram, exporters, batch);
    EXPECT_FALSE(outcome.error);
    EXPECT_EQ(outcome.flows, sent.flows);
  }
  batch.seal();
  EXPECT_EQ(exporters.totals().lost_flows + exporters.totals().resets, 0u);
  std::uint64_t flows = 0;
  std::uint64_t bytes = 0;
  std::set<std::int64_t> schemes;
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    flows += static_cast<std::uint64_t>(wire::value(batch, "flow_count", row));
    bytes += static_cast<std::uint64_t>(wire::value(batch, "bytes", row));
    schemes.insert(wire::value(batch, "agg_scheme", row));
  }
  EXPECT_EQ(flows, 6000u);
  EXPECT_EQ(bytes, network.sums().bytes);
  EXPECT_LT(batch.rows(), 5000u);
  EXPECT_EQ(schemes, (std::set<std::int64_t>{1, 2, 5}));
}

TEST(NetworkTest, DatagramsAreFullWhenTrafficIsDense) {
  const auto all = run(plan_of(6000, 2000));
  ASSERT_EQ(all.size(), 200u);
  for (const Sent& sent : all) EXPECT_EQ(sent.flows, 30u);
}

TEST(NetworkTest, ARecordWaitsNoLongerThanASecond) {
  Plan plan = plan_of(300, 2);
  const auto all = run(plan);
  EXPECT_GT(all.size(), 60u);
  // Idle flows are exported 15 s after their last packet, others earlier, none later than a second after that.
  exporter::Exporters exporters;
  for (const Sent& sent : all) {
    flow::FlowBatch batch;
    const Datagram datagram{sent.time, {}, {}, sent.payload};
    ASSERT_FALSE(wire::decode(datagram, exporters, batch).error);
    batch.seal();
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      const Duration age = sent.time - wire::value(batch, "last_time", row) * millisecond;
      EXPECT_GE(age, 0);
      EXPECT_LE(age, 16 * second + millisecond);
    }
  }
}

TEST(NetworkTest, RecordsAreOfOneMind) {
  Plan plan = plan_of(20'000, 2000, 2);
  exporter::Exporters exporters;
  std::set<std::int64_t> protocols;
  std::map<std::int64_t, std::set<std::int64_t>> as_of;
  std::uint64_t cut = 0;
  for (const Sent& sent : run(plan)) {
    flow::FlowBatch batch;
    const Datagram datagram{sent.time, {}, {}, sent.payload};
    ASSERT_FALSE(wire::decode(datagram, exporters, batch).error);
    batch.seal();
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      const auto get = [&](std::string_view name) { return wire::value(batch, name, row); };
      const auto packets = get("packets"), bytes = get("bytes"), lasts = get("last_time") - get("first_time");
      EXPECT_GE(packets, 1);
      EXPECT_GE(bytes, 40 * packets);
      EXPECT_LE(bytes, 1500 * packets);
      EXPECT_GE(lasts, 0);
      EXPECT_LE(lasts, 60'000);
      EXPECT_LE(get("last_time") * millisecond, sent.time);
      if (packets == 1) {
        EXPECT_EQ(lasts, 0);
      }
      if (get("proto") == 6) {
        EXPECT_NE(get("tcp_flags"), 0);
      }
      if (get("proto") != 6) {
        EXPECT_EQ(get("tcp_flags"), 0);
      }
      EXPECT_NE(get("in_if"), 0);
      EXPECT_NE(get("out_if"), 0);
      // One of the ends at least is ours; the world has autonomous systems, and next hops lead to it.
      const bool to_world = get("dst_as") != 0;
      EXPECT_FALSE(to_world && get("src_as") != 0);
      EXPECT_EQ(to_world, wire::address(batch, "next_hop", row) != "0.0.0.0");
      as_of[get("dst_lo")].insert(get("dst_as"));
      protocols.insert(get("proto"));
      cut += lasts > 58'000 ? 1 : 0;
    }
  }
  EXPECT_EQ(protocols, (std::set<std::int64_t>{1, 6, 17}));
  EXPECT_GT(cut, 100u);
  for (const auto& [address, systems] : as_of) EXPECT_EQ(systems.size(), 1u) << address;
}

TEST(NetworkTest, TheRateIsTheMeanOfADay) {
  Plan plan;
  plan.rate = 3;
  plan.start = start;
  plan.duration = day;
  Network network(plan);
  std::map<Time, std::uint64_t> of_hour;
  while (network.due()) {
    const Export made = network.take();
    of_hour[made.time % day / hour] += made.flows;
  }
  EXPECT_NEAR(static_cast<double>(network.sums().flows), 3.0 * 24 * 3600, 3.0 * 24 * 3600 * 0.1);
  EXPECT_GT(of_hour[13], 2 * of_hour[4]);
}

TEST(NetworkTest, LossLeavesGapsThatItsLabelTells) {
  Plan plan = plan_of(9000, 500);
  plan.with = {Kind::loss};
  Network network(plan);
  std::uint32_t next = 0;
  std::uint64_t missing = 0;
  for (const Sent& sent : run(network)) {
    missing += sent.sequence - next;
    next = sent.sequence + sent.flows;
  }
  ASSERT_EQ(network.labels().size(), 1u);
  EXPECT_GT(missing, 0u);
  EXPECT_EQ(network.labels()[0].flows, missing);
  EXPECT_EQ(network.sums().lost_flows, missing);
  EXPECT_EQ(network.sums().flows + missing, 9000u);
  EXPECT_EQ(network.labels()[0].datagrams, network.sums().lost_datagrams);
}

TEST(NetworkTest, ARestartBeginsAnew) {
  Plan plan = plan_of(9000, 500, 2);
  plan.with = {Kind::restart};
  Network network(plan);
  std::vector<const Sent*> of_router;
  const auto all = run(network);
  ASSERT_EQ(network.labels().size(), 1u);
  const Label& label = network.labels()[0];
  for (const Sent& sent : all)
    if (sent.exporter == label.exporter) of_router.push_back(&sent);
  auto after =
      std::find_if(of_router.begin(), of_router.end(), [&](const Sent* sent) { return sent->time >= label.start; });
  ASSERT_NE(after, of_router.begin());
  ASSERT_NE(after, of_router.end());
  EXPECT_GT((*after)->time, label.end);
  EXPECT_EQ((*after)->sequence, 0u);
  EXPECT_LT((*after)->uptime, 10'000u);
  EXPECT_GT((*(after - 1))->uptime, 86'000'000u);
  // Nothing that it exports began before it was up.
  exporter::Exporters exporters;
  for (; after != of_router.end(); ++after) {
    flow::FlowBatch batch;
    const Datagram datagram{(*after)->time, {}, {}, (*after)->payload};
    ASSERT_FALSE(wire::decode(datagram, exporters, batch).error);
    batch.seal();
    for (std::size_t row = 0; row < batch.rows(); ++row)
      EXPECT_GE(wire::value(batch, "first_time", row), label.end / millisecond);
  }
}

TEST(NetworkTest, EachKindIsLabelledOnceForEachTime) {
  Plan plan = plan_of(30'000, 500, 2);
  plan.with = {Kind::scan, Kind::scan, Kind::beacon, Kind::flood, Kind::exfiltration, Kind::bruteforce};
  Network network(plan);
  run(network);
  ASSERT_EQ(network.labels().size(), plan.with.size());
  std::set<std::string> notes;
  for (const Label& label : network.labels()) {
    EXPECT_GT(label.flows, 0u) << kind_name(label.kind);
    EXPECT_LT(label.start, label.end) << kind_name(label.kind);
    EXPECT_GE(label.start, start);
    EXPECT_GE(label.bytes, 40 * label.packets);
    notes.insert(label.note);
  }
  EXPECT_TRUE(notes.contains("horizontal"));
  EXPECT_TRUE(notes.contains("vertical"));
}

TEST(NetworkTest, WithoutEndItComesAgain) {
  Plan plan;
  plan.rate = 20;
  plan.start = start;
  plan.with = {Kind::bruteforce};
  Network network(plan);
  while (network.due().value() < start + 19 * minute) network.take();
  ASSERT_EQ(network.labels().size(), 2u);
  EXPECT_NE(network.labels()[0].src, network.labels()[1].src);
}

}  // namespace
}  // namespace flowspan::simulate
