// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/screen_feed.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "app/flow_tail.hpp"
#include "support/journal_fixture.hpp"

namespace flowspan::app {
namespace {

using test::JournalWriter;
using test::TemporaryFolder;

TEST(RateHistoryTest, StepsAreMeans) {
  RateHistory history;
  const Time start = 1'700'000'000 * second;
  EXPECT_TRUE(history.over(0).empty());
  for (int i = 0; i < 10; ++i) history.add(start + i * second, start + (i + 1) * second, i < 5 ? 10 : 20);
  const auto minute_steps = history.over(0);
  ASSERT_EQ(minute_steps.size(), 10u);
  EXPECT_EQ(minute_steps.front(), 10);
  EXPECT_EQ(minute_steps.back(), 20);
  const auto five = history.over(1);  // steps of 5 s
  ASSERT_EQ(five.size(), 2u);
  EXPECT_EQ(five[0], 10);
  EXPECT_EQ(five[1], 20);
}

TEST(RateHistoryTest, NothingIsNothingAndTheOldIsForgotten) {
  RateHistory history;
  const Time start = 1'700'000'000 * second;
  history.add(start, start + second, 5);
  history.add(start + 10 * second, start + 12 * second, 7);  // two steps at once, after a gap
  const std::vector<float> expected{5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7};
  EXPECT_EQ(history.over(0), expected);
  history.add(start + hour, start + hour + second, 9);
  ASSERT_EQ(history.over(0).size(), RateHistory::steps);
  EXPECT_EQ(history.over(0).back(), 9);
  EXPECT_EQ(history.over(0).front(), 0);
  history.add(start, start + second, 3);  // the clock went back
  EXPECT_EQ(history.over(0).back(), 9);
}

class FlowTailTest : public testing::Test {
 protected:
  /// The `bytes` of the flows, which a JournalWriter numbers.
  std::vector<std::uint64_t> numbers() const {
    std::vector<std::uint64_t> numbers;
    for (const auto& flow : tail.flows()) numbers.push_back(flow.bytes);
    return numbers;
  }
  static std::vector<std::uint64_t> from_to(std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> numbers;
    for (; from < to; ++from) numbers.push_back(from);
    return numbers;
  }

  TemporaryFolder folder;
  FlowTail tail{folder.path()};
};

TEST_F(FlowTailTest, FollowsWhatIsAppended) {
  ASSERT_TRUE(tail.follow());
  EXPECT_TRUE(tail.flows().empty());
  JournalWriter journal(folder.path(), 20'000);  // files of some 12 datagrams
  journal.datagrams(5);
  ASSERT_TRUE(tail.follow());
  EXPECT_EQ(numbers(), from_to(0, 150));
  journal.datagrams(11);
  ASSERT_TRUE(tail.follow());
  EXPECT_EQ(numbers(), from_to(0, 480));
  EXPECT_EQ(tail.one_of(), 1);
  EXPECT_EQ(tail.flows().back().number, 480u);
  const tui::Flow& flow = tail.flows().back();
  EXPECT_EQ(flow.source.to_string(), "10.0.0.1");
  EXPECT_EQ(flow.exporter.to_string(), "10.1.0.1");
  EXPECT_EQ(flow.destination_port, 443u);
  EXPECT_EQ(flow.protocol, 6u);
  EXPECT_EQ(*flow.last - *flow.first, 9 * second);
  ASSERT_TRUE(tail.follow());
  EXPECT_EQ(tail.flows().size(), 480u);
}

TEST_F(FlowTailTest, SkipsAheadAndSaysWhatItSaw) {
  JournalWriter journal(folder.path());
  journal.datagrams(10);
  ASSERT_TRUE(tail.follow());
  journal.datagrams(4'000);  // some 6 MB
  ASSERT_TRUE(tail.follow());
  EXPECT_GT(tail.one_of(), 4);
  EXPECT_LT(tail.one_of(), 8);
  EXPECT_EQ(tail.flows().size(), 1'000u);
  EXPECT_EQ(tail.flows().back().bytes, journal.written() - 1);
  EXPECT_NEAR(static_cast<double>(tail.flows().back().number), journal.written(), 0.01 * journal.written());
  journal.datagrams(1);
  ASSERT_TRUE(tail.follow());
  EXPECT_EQ(tail.one_of(), 1);
  EXPECT_EQ(tail.flows().back().bytes, journal.written() - 1);
}

TEST_F(FlowTailTest, GoesOnInAJournalThatWasMadeAnew) {
  std::uint32_t last = 0;
  {
    JournalWriter journal(folder.path());
    journal.datagrams(10);
    ASSERT_TRUE(tail.follow());
    last = journal.position().file;
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) std::filesystem::remove(entry.path());
  ASSERT_TRUE(tail.follow());
  EXPECT_EQ(tail.flows().size(), 300u);  // they stay on the screen
  JournalWriter journal(folder.path(), 64 << 20, last + 5);
  journal.datagrams(2);
  ASSERT_TRUE(tail.follow());
  EXPECT_EQ(tail.flows().size(), 360u);
}

TEST_F(FlowTailTest, PassesOverWhatIsQuarantined) {
  JournalWriter journal(folder.path());
  const Position start = journal.datagrams(1);
  const Position end = journal.datagrams(1);
  journal.datagrams(1);
  tail.set_quarantined({{0, {{start, end.offset - start.offset}}}});
  ASSERT_TRUE(tail.follow());
  auto expected = from_to(0, 30);
  const auto rest = from_to(60, 90);
  expected.insert(expected.end(), rest.begin(), rest.end());
  EXPECT_EQ(numbers(), expected);
}

/// Mean bytes of two flows of 1,000 and 3,000 bytes, from an exporter that says this rate (0: none).
double bytes_per_flow(std::uint16_t says, const store::ExporterSettings& settings) {
  TemporaryFolder folder;
  JournalWriter journal(folder.path());
  journal.append(test::netflow_v5({.sampling = says}, {{.bytes = 1'000}, {.bytes = 3'000}}));
  FlowTail tail(folder.path(), {settings});
  EXPECT_TRUE(tail.follow());
  EXPECT_EQ(tail.flows().front().bytes, 1'000u);  // shown as exported
  const auto found = tail.bytes_per_flow().find(Ip::v4(0x0a010001));
  return found == tail.bytes_per_flow().end() ? 0 : found->second;
}

TEST(FlowTailScaleTest, IsThatOfAnswers) {
  store::ExporterSettings settings{.match = *Prefix::parse("10.1.0.0/16")};
  EXPECT_EQ(bytes_per_flow(0, settings), 2'000);
  EXPECT_EQ(bytes_per_flow(100, settings), 200'000);
  settings.default_sampling = 10;
  EXPECT_EQ(bytes_per_flow(0, settings), 20'000);
  EXPECT_EQ(bytes_per_flow(100, settings), 200'000);
  settings.forced_sampling = 5;
  EXPECT_EQ(bytes_per_flow(0, settings), 10'000);
  EXPECT_EQ(bytes_per_flow(100, settings), 10'000);
  settings.match = *Prefix::parse("10.2.0.0/16");
  EXPECT_EQ(bytes_per_flow(0, settings), 2'000);
}

class ScreenCountersTest : public testing::Test {
 protected:
  void publish(std::uint64_t flows, Time written, std::uint64_t pid = static_cast<std::uint64_t>(getpid())) {
    store::Counters told;
    told.pid = pid;
    told.started = start;
    told.written = written;
    told.totals = {{"datagrams", flows / 30}, {"flows", flows}, {"exporters", 1}, {"kernel_drops", 0}};
    store::CounterList values{{"datagrams", flows / 30},
                              {"flows", flows},
                              {"lost_flows", flows / 100},
                              {"truncated_records", 3},
                              {"last_version", 5}};
    told.exporters = {{"192.0.2.1", values}};
    ASSERT_TRUE(store::CountersFile(folder.path()).publish(told));
    std::ofstream(folder.path() / "catalog.sqlite3");
  }
  tui::Model look(Time now) {
    counters.refresh(now, messages);
    tui::Model model;
    model.now = now;
    counters.fill(model, 0, {{Ip::v4(0xc0000201), 1'000}});
    return model;
  }

  const Time start = 1'700'000'000 * second;
  TemporaryFolder folder;
  store::ExporterSettings settings{.match = *Prefix::parse("192.0.2.0/24"), .name = "edge"};
  ScreenCounters counters{folder.path(), {settings}};
  std::vector<tui::Message> messages;
};

TEST_F(ScreenCountersTest, CountsBecomeRates) {
  EXPECT_EQ(look(start).collecting.state, tui::Collecting::State::no_store);
  publish(3'000, start + second);
  EXPECT_EQ(look(start + second).collecting.state, tui::Collecting::State::running);
  publish(6'000, start + 3 * second);
  const auto model = look(start + 3 * second);
  EXPECT_EQ(model.collecting.flows_per_second, 1'500);
  EXPECT_EQ(model.collecting.datagrams_per_second, 50);
  ASSERT_EQ(model.streams.size(), 1u);
  const tui::Stream& stream = model.streams[0];
  EXPECT_EQ(stream.name, "edge");
  EXPECT_EQ(stream.flows_per_second, 1'500);
  EXPECT_EQ(stream.flows_per_datagram, 30);
  EXPECT_EQ(stream.bits_per_second, 8 * 1'000 * 1'500.0);
  EXPECT_EQ(stream.lost_flows, 60u);
  EXPECT_TRUE(stream.losing);
  EXPECT_EQ(stream.errors, 3u);
  EXPECT_FALSE(look(start + 2 * minute).streams[0].losing);
}

TEST_F(ScreenCountersTest, OnlyTheLongestNetworkNamesAnExporter) {
  ScreenCounters two(folder.path(), {settings, {.match = *Prefix::parse("192.0.2.1")}});
  publish(3'000, start);
  two.refresh(start, messages);
  tui::Model model;
  two.fill(model, 0, {});
  ASSERT_EQ(model.streams.size(), 1u);
  EXPECT_EQ(model.streams[0].name, "192.0.2.1");  // as `exporter_name` of answers
}

TEST_F(ScreenCountersTest, SaysWhatBecameOfTheCollector) {
  constexpr std::uint64_t nobody = 4'194'305;  // more than a pid can be
  publish(3'000, start, nobody);
  EXPECT_EQ(look(start).collecting.state, tui::Collecting::State::running);
  EXPECT_EQ(look(start + 10 * second).collecting.state, tui::Collecting::State::gone);
  ASSERT_FALSE(messages.empty());
  EXPECT_TRUE(messages.back().serious);
  publish(10, start + 20 * second);  // another one, whose counters begin anew
  auto model = look(start + 20 * second);
  EXPECT_EQ(model.collecting.state, tui::Collecting::State::running);
  EXPECT_EQ(model.collecting.flows_per_second, 0);
  EXPECT_EQ(look(start + minute).collecting.state, tui::Collecting::State::silent);
  std::filesystem::remove(folder.path() / "counters.json");
  model = look(start + minute);
  EXPECT_EQ(model.collecting.state, tui::Collecting::State::nobody);
  EXPECT_EQ(model.streams.size(), 1u);
}

TEST_F(ScreenCountersTest, TotalsCanBeReadWithoutExporters) {
  publish(3'000, start);
  const auto without = store::read_counters(folder.path(), false);
  ASSERT_TRUE(without) << without.error().text;
  EXPECT_TRUE((*without)->exporters.empty());
  EXPECT_EQ((*without)->totals.size(), 4u);
  EXPECT_EQ((*without)->exporters_written, start);
  EXPECT_EQ((*store::read_counters(folder.path()))->exporters.size(), 1u);
}

TEST(MessageTest, ALineOfTheLogWithoutItsTime) {
  auto message = message_of("2026-11-23T16:30:05.123Z warning: mind this", 7);
  EXPECT_EQ(message.text, "mind this");
  EXPECT_TRUE(message.serious);
  EXPECT_EQ(message.when, 7);
  message = message_of("2026-11-23T16:30:05.123Z info: all is well", 7);
  EXPECT_EQ(message.text, "all is well");
  EXPECT_FALSE(message.serious);
  EXPECT_EQ(message_of("a hook's own words", 7).text, "a hook's own words");
}

}  // namespace
}  // namespace flowspan::app
