// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "exporter/exporters.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "support/netflow_builder.hpp"

namespace flowspan::exporter {
namespace {

using test::received;

const test::ByteVector payload(72);

Ip address(std::uint32_t number) { return Ip::v4(0x0a00'0000 + number); }
Time at(std::int64_t ms) { return 1'700'000'000 * second + ms * millisecond; }

Exporter& hear(Exporters& exporters, std::uint32_t number, std::int64_t ms, std::uint16_t port = 2055) {
  Exporter& exporter = exporters.exporter(received(payload, address(number), at(ms), port), 5);
  ++exporter.counters.flows;
  return exporter;
}

TEST(Exporters, KeepAnExporterByItsAddressWhateverItsPorts) {
  Exporters exporters;
  for (std::uint16_t port = 1'000; port < 2'000; ++port) hear(exporters, 1, port, port);
  EXPECT_EQ(exporters.size(), 1u);
  const Exporter* exporter = exporters.find(address(1));
  ASSERT_NE(exporter, nullptr);
  EXPECT_EQ(exporter->counters.datagrams, 1'000u);
  EXPECT_EQ(exporter->counters.bytes_received, 72'000u);
  EXPECT_EQ(exporter->first_seen, at(1'000));
  EXPECT_EQ(exporter->last_seen, at(1'999));
  EXPECT_EQ(exporter->last_port, 1'999);
  EXPECT_EQ(exporter->last_version, 5);
  EXPECT_EQ(exporter->flows_per_datagram(), 1.0);
}

TEST(Exporters, ForgetTheOneNotHeardForLongestAndKeepItsNumbers) {
  Exporters exporters;
  for (std::uint32_t i = 0; i < max_exporters; ++i) hear(exporters, i, i);
  hear(exporters, 0, max_exporters);
  hear(exporters, max_exporters, max_exporters + 1);
  EXPECT_EQ(exporters.size(), max_exporters);
  EXPECT_EQ(exporters.forgotten(), 1u);
  EXPECT_NE(exporters.find(address(0)), nullptr);
  EXPECT_EQ(exporters.find(address(1)), nullptr);
  EXPECT_EQ(exporters.totals().datagrams, max_exporters + 2);
  EXPECT_EQ(exporters.totals().flows, max_exporters + 2);
}

TEST(Exporters, GiveStrangersNoPlaceAmongExporters) {
  Exporters exporters;
  hear(exporters, 1, 0);
  for (std::uint32_t i = 0; i < 200'000; ++i)
    exporters.refuse(received(payload, address(100 + i), at(i)), 4'711, Reason::unknown_version);
  EXPECT_EQ(exporters.size(), 1u);
  EXPECT_EQ(exporters.stranger_count(), max_strangers);
  EXPECT_EQ(exporters.others().datagrams, 200'000 - max_strangers);
  EXPECT_EQ(exporters.totals().error(Reason::unknown_version), 200'000u);
  EXPECT_EQ(exporters.totals().datagrams, 200'001u);
}

TEST(Exporters, MakeAStrangerThatSendsFlowsAnExporter) {
  Exporters exporters;
  exporters.refuse(received(payload, address(1), at(1)), 9, Reason::unsupported_version);
  EXPECT_EQ(exporters.find(address(1)), nullptr);
  hear(exporters, 1, 2);
  EXPECT_EQ(exporters.stranger_count(), 0u);
  const Exporter* exporter = exporters.find(address(1));
  ASSERT_NE(exporter, nullptr);
  EXPECT_EQ(exporter->counters.datagrams, 2u);
  EXPECT_EQ(exporter->counters.error(Reason::unsupported_version), 1u);
  EXPECT_EQ(exporter->first_seen, at(1));
  exporters.refuse(received(payload, address(1), at(3)), 9, Reason::unsupported_version);
  EXPECT_EQ(exporters.find(address(1))->counters.datagrams, 3u);
}

TEST(Exporters, BoundTheEnginesOfOneExporter) {
  Exporters exporters;
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    Exporter& exporter = hear(exporters, 1, i);
    exporters.observe(exporter, {5, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}, {.flows = 1});
  }
  EXPECT_EQ(exporters.engine_count(), max_engines);
  EXPECT_EQ(exporters.totals().forgotten_engines, 1'000 - max_engines);
}

TEST(Exporters, BoundTheEnginesOfAllExporters) {
  Exporters exporters;
  for (std::uint32_t i = 0; i < 4'000; ++i) {
    for (std::uint8_t engine = 0; engine < 50; ++engine)
      exporters.observe(hear(exporters, i, i), {5, 0, engine}, {.flows = 1});
  }
  EXPECT_LE(exporters.engine_count(), max_engines_of_all + 4'000);
  std::size_t counted = 0;
  exporters.for_each([&](const Exporter& exporter) { counted += exporter.engines.size(); });
  EXPECT_EQ(exporters.engine_count(), counted);
}

TEST(Exporters, ListTheLatestHeardFirst) {
  Exporters exporters;
  for (const std::uint32_t i : {1u, 2u, 3u, 1u}) hear(exporters, i, i);
  std::vector<Ip> order;
  exporters.for_each([&](const Exporter& exporter) { order.push_back(exporter.ip); });
  EXPECT_EQ(order, (std::vector{address(1), address(3), address(2)}));
}

Exporters busy() {
  Exporters exporters;
  for (std::uint32_t i = 0; i < 20; ++i) {
    hear(exporters, i, i).counters.lost_flows = i;
    exporters.refuse(received(payload, address(1'000 + i), at(i)), 9, Reason::unsupported_version);
  }
  return exporters;
}

TEST(Exporters, ComeBackFromTheSavedStateAsTheyWere) {
  const Exporters exporters = busy();
  const Result<Exporters> loaded = Exporters::load(exporters.save());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->save(), exporters.save());
  EXPECT_EQ(loaded->totals(), exporters.totals());
  EXPECT_EQ(loaded->find(address(7))->counters.lost_flows, 7u);
}

TEST(Exporters, SkipWhatALaterVersionAddedToTheState) {
  nlohmann::json state = nlohmann::json::from_cbor(busy().save());
  state["moon"] = {{"phase", 3}};
  state["exporters"][0]["hat"] = "red";
  state["exporters"][0]["counters"]["hats"] = 7;
  std::string saved;
  nlohmann::json::to_cbor(state, saved);
  const Result<Exporters> loaded = Exporters::load(saved);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->save(), busy().save());
}

TEST(Exporters, ReadAStateFromBeforeSchemesAndWriteItTheSame) {
  Exporters exporters;
  exporters.observe(hear(exporters, 1, 1), {5, 2, 3}, {.sequence = 100, .flows = 30});
  const std::string saved = exporters.save();
  EXPECT_FALSE(nlohmann::json::from_cbor(saved)["exporters"][0]["engines"][0].contains("scheme"));

  Result<Exporters> loaded = Exporters::load(saved);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->find(address(1))->engines.all()[0].key, (EngineKey{5, 2, 3, 0}));
  loaded->observe(hear(*loaded, 1, 2), {8, 2, 3, 14}, {.sequence = 100, .flows = 30});
  loaded = Exporters::load(loaded->save());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->find(address(1))->engines.all()[0].key, (EngineKey{8, 2, 3, 14}));
  EXPECT_EQ(loaded->find(address(1))->engines.all()[1].key, (EngineKey{5, 2, 3, 0}));
}

TEST(Exporters, RefuseAStateThatIsNewerOrDamaged) {
  std::string newer;
  nlohmann::json::to_cbor({{"format", 2}}, newer);
  const Result<Exporters> later = Exporters::load(newer);
  ASSERT_FALSE(later.has_value());
  EXPECT_EQ(later.error().kind, ErrorKind::newer_format);

  const std::string saved = busy().save();
  for (std::size_t length = 0; length < saved.size(); ++length)
    EXPECT_FALSE(Exporters::load(saved.substr(0, length)).has_value());
}

TEST(Exporters, SplitByAddressAndMergeAgain) {
  Exporters exporters = busy();
  const Counters all = exporters.totals();
  Exporters even = exporters.take_if([](const Ip& ip) { return ip.lo % 2 == 0; });
  EXPECT_EQ(even.size(), 10u);
  EXPECT_EQ(exporters.size(), 10u);
  EXPECT_EQ(even.stranger_count(), 10u);
  even.for_each([](const Exporter& exporter) { EXPECT_EQ(exporter.ip.lo % 2, 0u); });
  exporters.merge(std::move(even));
  EXPECT_EQ(exporters.totals(), all);
  EXPECT_EQ(exporters.save(), busy().save());
}

TEST(Exporters, MergeTwoMemoriesOfOneAddress) {
  Exporters a;
  Exporters b;
  hear(a, 1, 10);
  hear(b, 1, 5);
  b.refuse(received(payload, address(1), at(20)), 5, Reason::no_records);
  a.merge(std::move(b));
  ASSERT_EQ(a.size(), 1u);
  EXPECT_EQ(a.find(address(1))->counters.datagrams, 3u);
  EXPECT_EQ(a.find(address(1))->first_seen, at(5));
  EXPECT_EQ(a.find(address(1))->last_seen, at(20));
}

TEST(Counters, HaveANameForEveryReason) {
  std::set<std::string_view> names;
  std::uint64_t sum = 0;
  Counters counters;
  counters.flows = 3;
  counters.errors.fill(1);
  for_each(counters, [&](std::string_view key, std::uint64_t value) {
    EXPECT_TRUE(names.insert(key).second) << key;
    sum += value;
  });
  EXPECT_EQ(sum, 3 + reason_count);
  EXPECT_EQ(counters.decode_errors(), reason_count);
}

}  // namespace
}  // namespace flowspan::exporter
