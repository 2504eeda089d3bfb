// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// Datagrams as enemies, broken devices and networks make them.

#include <gtest/gtest.h>

#include <random>

#include "support/netflow_builder.hpp"
#include "wire/decode.hpp"
#include "wire/test_reading.hpp"

namespace flowspan::wire {
namespace {

using exporter::Counters;
using exporter::Exporters;
using exporter::Reason;
using flow::FieldSet;
using flow::FlowBatch;
using test::ByteVector;
using test::netflow;
using test::NetflowKind;
using test::received;

TEST(Hostile, EveryPrefixOfADatagramKeepsItsWholeRecords) {
  for (const NetflowKind kind : test::netflow_kinds()) {
    const ByteVector whole = netflow(kind, {}, 3);
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      SCOPED_TRACE(testing::Message() << "v" << kind.version << "." << kind.scheme << ", " << length << " bytes");
      // An exact copy, so that the address sanitizer sees a read beyond its end.
      const ByteVector bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      Exporters exporters;
      FlowBatch batch;
      const Outcome outcome = decode(received(bytes), exporters, batch);
      batch.seal();
      const std::size_t header = kind.header_length();
      const std::size_t records = length < header ? 0 : (length - header) / kind.record_length();
      EXPECT_EQ(outcome.flows, records);
      EXPECT_EQ(batch.rows(), records);
      EXPECT_EQ(outcome.error, length < whole.size());
      if (outcome.error) {
        const Reason expected = length == 0       ? Reason::empty
                                : length < header ? Reason::truncated_header
                                : records == 0    ? Reason::no_records
                                                  : Reason::truncated_records;
        EXPECT_EQ(name(outcome.reason), name(expected));
        EXPECT_EQ(exporters.totals().error(expected), 1u);
      }
      EXPECT_EQ(exporters.size(), records > 0 ? 1u : 0u);
    }
  }
}

TEST(Hostile, EveryChangeOfOneByteIsDecodedOrCounted) {
  for (const NetflowKind kind : test::netflow_kinds()) {
    ByteVector bytes = netflow(kind, {}, 2);
    Exporters exporters;
    FlowBatch batch;
    std::uint64_t flows = 0;
    std::uint64_t errors = 0;
    for (std::byte& byte : bytes) {
      const std::byte right = byte;
      for (unsigned wrong = 0; wrong < 256; ++wrong) {
        byte = static_cast<std::byte>(wrong);
        const Outcome outcome = decode(received(bytes), exporters, batch);
        flows += outcome.flows;
        errors += outcome.error ? 1 : 0;
        ASSERT_LE(outcome.flows, 2u + 2u);  // of a scheme with shorter records there may be more
        if (batch.rows() > FlowBatch::target_rows) batch.clear();
      }
      byte = right;
    }
    EXPECT_EQ(exporters.totals().datagrams, bytes.size() * 256);
    EXPECT_EQ(exporters.totals().flows, flows);
    EXPECT_EQ(exporters.totals().decode_errors(), errors);
  }
}

TEST(Hostile, EveryLengthUpTo100WithEveryVersionIsCounted) {
  Exporters exporters;
  FlowBatch batch;
  std::uint64_t sent = 0;
  std::uint64_t decoded = 0;
  std::uint64_t errors = 0;
  std::uint64_t flows = 0;
  std::mt19937 random(1);
  for (std::size_t length = 0; length <= 100; ++length) {
    ByteVector bytes(length);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    if (length > 3) bytes[2] = std::byte{0}, bytes[3] = std::byte{1};
    for (unsigned version = 0; version < 65'536; ++version) {
      if (length > 0) bytes[0] = static_cast<std::byte>(version >> 8);
      if (length > 1) bytes[1] = static_cast<std::byte>(version);
      const Outcome outcome = decode(received(bytes, Ip::v4(version)), exporters, batch);
      ++sent;
      ++(outcome.error ? errors : decoded);
      flows += outcome.flows;
      if (batch.rows() > FlowBatch::target_rows) batch.clear();
    }
  }
  const Counters totals = exporters.totals();
  EXPECT_EQ(totals.datagrams, sent);
  EXPECT_EQ(totals.decode_errors(), errors);
  EXPECT_EQ(decoded, 4u);  // the exact lengths of one record: 64 (v1), 68 (v1, padded), 72 (v5), 76 (v7)
  EXPECT_EQ(totals.flows, flows);
  EXPECT_EQ(totals.error(Reason::empty), 65'536u);
  EXPECT_LE(exporters.size(), 3u);  // one address a version
  EXPECT_EQ(exporters.stranger_count(), exporter::max_strangers);
}

TEST(Hostile, ACountThatLiesTakesNoMoreThanThereIs) {
  struct Case {
    std::uint16_t count;
    std::size_t records;
    std::size_t kept;
    std::optional<Reason> reason;
  };
  const Case cases[] = {
      {0, 0, 0, Reason::no_records},
      {0, 5, 0, Reason::no_records},
      {1, 0, 0, Reason::no_records},
      {5, 5, 5, std::nullopt},
      {4, 5, 4, Reason::excess_bytes},
      {6, 5, 5, Reason::truncated_records},
      {65'535, 5, 5, Reason::truncated_records},
      {65'535, 1'300, 1'300, Reason::truncated_records},
      {1'300, 1'300, 1'300, std::nullopt},
      {1, 1'300, 1, Reason::excess_bytes},
  };
  for (const NetflowKind kind : test::netflow_kinds()) {
    for (const Case& one : cases) {
      SCOPED_TRACE(testing::Message() << "v" << kind.version << "." << kind.scheme << ", count " << one.count << " of "
                                      << one.records);
      if (kind.version == 7 && one.records > 1'200) continue;  // larger than a datagram
      const ByteVector bytes = netflow(kind, {.count = one.count}, one.records);
      Exporters exporters;
      FlowBatch batch;
      const Outcome outcome = decode(received(bytes), exporters, batch);
      EXPECT_EQ(outcome.flows, one.kept);
      EXPECT_EQ(outcome.error, one.reason.has_value());
      if (one.reason) {
        EXPECT_EQ(name(outcome.reason), name(*one.reason));
      }
      EXPECT_EQ(exporters.totals().flows, one.kept);
    }
  }
}

TEST(Hostile, ATruncatedDatagramLosesWhatItsSuccessorSays) {
  Exporters exporters;
  FlowBatch batch;
  decode(received(netflow(5, {.count = 5, .sequence = 100}, 3)), exporters, batch);
  EXPECT_EQ(exporters.totals().lost_flows, 0u);
  const Outcome honest = decode(received(netflow(5, {.sequence = 105}, 3)), exporters, batch);
  EXPECT_EQ(honest.lost_flows, 2u);
}

TEST(Hostile, ProtocolsToComeAreNamedApartFromGarbage) {
  Exporters exporters;
  FlowBatch batch;
  for (const unsigned version : {9u, 10u}) {
    const ByteVector bytes{std::byte{0}, static_cast<std::byte>(version), std::byte{0}};
    EXPECT_EQ(decode(received(bytes), exporters, batch).reason, Reason::unsupported_version);
  }
  const ByteVector sflow{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{5}};
  EXPECT_EQ(decode(received(sflow), exporters, batch).reason, Reason::unsupported_version);
  const ByteVector dns{std::byte{0x12}, std::byte{0x34}};
  EXPECT_EQ(decode(received(dns), exporters, batch).reason, Reason::unknown_version);
  EXPECT_EQ(batch.rows(), 0u);
  EXPECT_EQ(exporters.stranger_count(), 1u);
}

TEST(Hostile, ASpoofedFloodNeitherGrowsNorPushesOut) {
  Exporters exporters;
  FlowBatch batch(FieldSet{});
  const ByteVector good = netflow(5, {}, 1);
  const ByteVector bad = {std::byte{0xab}, std::byte{0xcd}};
  decode(received(good), exporters, batch);
  for (std::uint32_t i = 0; i < 300'000; ++i) decode(received(bad, Ip{0x2001'0db8'0000'0000, i}), exporters, batch);
  EXPECT_EQ(exporters.size(), 1u);
  EXPECT_EQ(exporters.stranger_count(), exporter::max_strangers);
  EXPECT_LT(exporters.save().size(), 300'000u);
  // Those who forge well-formed flows only push out one another, as long as the real exporter goes on sending.
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    decode(received(good, Ip{0x2001'0db8'0000'0001, i}), exporters, batch);
    if (i % 10'000 == 0) decode(received(good), exporters, batch);
    if (batch.rows() > 10'000) batch.clear();
  }
  EXPECT_EQ(exporters.size(), exporter::max_exporters);
  EXPECT_LE(exporters.engine_count(), exporter::max_engines_of_all);
  ASSERT_NE(exporters.find(Ip::v4(0x0a010001)), nullptr);
  EXPECT_EQ(exporters.find(Ip::v4(0x0a010001))->counters.datagrams, 21u);
}

TEST(Hostile, TenThousandExportersAreAllRemembered) {
  Exporters exporters;
  FlowBatch batch(FieldSet{});
  for (std::uint32_t round = 0; round < 5; ++round) {
    const ByteVector bytes = netflow(5, {.sys_uptime = 3'600'000 + round, .sequence = round * 30}, 30);
    for (std::uint32_t i = 0; i < 10'000; ++i) decode(received(bytes, Ip::v4(0x0a00'0000 + i * 3)), exporters, batch);
    batch.clear();
  }
  EXPECT_EQ(exporters.size(), 10'000u);
  EXPECT_EQ(exporters.totals().flows, 1'500'000u);
  EXPECT_EQ(exporters.totals().lost_flows, 0u);
}

/// A day of an unkind network: all versions, loss, lateness, doubles, restarts, cuts and garbage.
std::vector<ByteVector> unkind_day(std::size_t datagrams) {
  std::mt19937 engine(7);
  const auto random = [&] { return static_cast<std::uint32_t>(engine()); };
  std::vector<ByteVector> day;
  std::uint32_t sequence = 0xffff'0000;
  std::uint32_t uptime = 0xffff'f000;
  for (std::size_t i = 0; i < datagrams; ++i) {
    const unsigned version = std::array{1u, 5u, 5u, 5u, 7u, 8u}[random() % 6];
    const NetflowKind kind{version, version == 8 ? 1 + random() % 14 : 0};
    const std::uint32_t count = 1 + random() % 30;
    uptime += 1'000;
    if (random() % 200 == 0) uptime = sequence = 0;
    std::vector<test::NetflowRecord> records(count);
    for (test::NetflowRecord& record : records) {
      record.src = random();
      record.proto = random() % 9 == 0 ? 1 : 6;
      record.pad2 = random() % 50 == 0 ? 1 : 0;
      record.first = uptime - random() % 100'000;
    }
    day.push_back(netflow(kind,
                          {.sys_uptime = uptime,
                           .unix_secs = 1'700'000'000 + static_cast<std::uint32_t>(i),
                           .sequence = sequence,
                           .engine_id = static_cast<std::uint8_t>(random() % 2),
                           .sampling = 100},
                          records));
    if (version != 1) sequence += count;
    if (random() % 20 == 0) day.back().resize(random() % day.back().size());
    if (random() % 20 == 0) day.pop_back();
    if (random() % 20 == 0 && !day.empty()) day.push_back(day.back());
    if (random() % 20 == 0 && day.size() > 1) std::swap(day.back(), day[day.size() - 2]);
  }
  return day;
}

Datagram at(const std::vector<ByteVector>& day, std::size_t i) {
  return received(day[i], Ip::v4(0x0a00'0000 + static_cast<std::uint32_t>(i / 50 % 3)),
                  (1'700'000'000 + static_cast<Time>(i)) * second);
}

TEST(Hostile, WhatIsWantedChangesNeitherValuesNorState) {
  const std::vector<ByteVector> day = unkind_day(400);
  Exporters reference;
  FlowBatch all;
  for (std::size_t i = 0; i < day.size(); ++i) decode(at(day, i), reference, all);
  all.seal();
  ASSERT_GT(reference.totals().lost_flows, 0u);
  ASSERT_GT(reference.totals().restarts, 0u);
  ASSERT_GT(reference.totals().duplicate_datagrams, 0u);

  std::mt19937_64 random(3);
  for (int turn = 0; turn < 40; ++turn) {
    FieldSet wanted;
    if (turn > 0) {
      for (flow::FieldIndex field = 0; field < flow::field_count; ++field) wanted[field] = random() % 3 == 0;
    }
    Exporters exporters;
    FlowBatch some(wanted);
    for (std::size_t i = 0; i < day.size(); ++i) decode(at(day, i), exporters, some);
    some.seal();
    ASSERT_EQ(some.rows(), all.rows());
    EXPECT_EQ(exporters.save(), reference.save());
    for (flow::FieldIndex field = 0; field < flow::field_count; ++field) {
      if (!wanted[field]) {
        EXPECT_FALSE(some.present(field));
        continue;
      }
      for (std::size_t row = 0; row < all.rows(); ++row)
        ASSERT_EQ(bits(some, field, row), bits(all, field, row)) << flow::fields[field].name << " in row " << row;
    }
  }
}

TEST(Hostile, AStateSavedAtAnyPointGoesOnTheSame) {
  const std::vector<ByteVector> day = unkind_day(150);
  Exporters reference;
  FlowBatch batch(FieldSet{});
  std::vector<std::string> states;
  for (std::size_t i = 0; i < day.size(); ++i) {
    states.push_back(reference.save());
    decode(at(day, i), reference, batch);
  }
  for (std::size_t from = 0; from < day.size(); ++from) {
    Result<Exporters> loaded = Exporters::load(states[from]);
    ASSERT_TRUE(loaded.has_value());
    for (std::size_t i = from; i < day.size(); ++i) decode(at(day, i), *loaded, batch);
    ASSERT_EQ(loaded->save(), reference.save()) << "from " << from;
    batch.clear();
  }
}

}  // namespace
}  // namespace flowspan::wire
