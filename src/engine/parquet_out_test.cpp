// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/parquet_out.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <unistd.h>

#include <bit>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "engine/scan_sql.hpp"
#include "engine/testing.hpp"

namespace flowspan::engine {
namespace {

using namespace testing;
using ::testing::HasSubstr;

std::string scan(const std::filesystem::path& file, const flow::FieldSet& fields = flow::FieldSet{}.set()) {
  return read_parquet_sql({&file, 1}, fields);
}

/// Which rows of a field say nothing: every seventh, and never those of received_time.
bool says_nothing(std::size_t row, flow::FieldIndex field) { return field != 0 && (row + field) % 7 == 3; }

std::uint64_t bits_of(std::size_t row, flow::FieldIndex field) {
  const std::uint64_t bits = mixed(row, field);
  switch (flow::fields[field].type) {
    case flow::Type::f64: return std::bit_cast<std::uint64_t>(static_cast<double>(bits % 100'000) / 8);
    case flow::Type::time_ms: return bits % 4'000'000'000'000;
    case flow::Type::time_us: return bits % 4'000'000'000'000'000;
    case flow::Type::time_ns: return bits % 4'000'000'000'000'000'000;
    default: return bits;
  }
}

/// As the value comes back in an answer.
Value value_of(std::size_t row, flow::FieldIndex field) {
  if (says_nothing(row, field)) return {};
  const std::uint64_t bits = bits_of(row, field);
  const auto number = static_cast<std::int64_t>(bits);
  switch (flow::fields[field].type) {
    case flow::Type::u8: return bits & 0xff;
    case flow::Type::u16: return bits & 0xffff;
    case flow::Type::u32: return bits & 0xffff'ffff;
    case flow::Type::u64: return bits;
    case flow::Type::i64: return number;
    case flow::Type::f64: return std::bit_cast<double>(bits);
    case flow::Type::time_ms: return Timestamp{number * millisecond, 6};
    case flow::Type::time_us: return Timestamp{number * microsecond, 6};
    case flow::Type::time_ns: return Timestamp{number, 9};
    case flow::Type::text: return row % 2 ? fmt::format("{{\"{}\":\"a longer text\"}}", bits) : std::string("short");
  }
  return {};
}

template <typename T>
void put_bits(flow::FlowBatch& batch, flow::FieldIndex field, std::size_t first, std::size_t count) {
  T* values = batch.put<T>(field);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = static_cast<T>(bits_of(first + i, field));
    if (says_nothing(first + i, field)) batch.set_null(field, i);
  }
}

void every_field(flow::FlowBatch& batch, std::size_t first, std::size_t count) {
  for (flow::FieldIndex field = 0; field < flow::field_count; ++field) {
    if (!batch.wants(field)) continue;
    switch (flow::width(flow::fields[field].type)) {
      case 0:
        for (std::size_t i = 0; i < count; ++i)
          if (!says_nothing(first + i, field))
            batch.put_text(field, i, std::get<std::string>(value_of(first + i, field)));
        break;
      case 1: put_bits<std::uint8_t>(batch, field, first, count); break;
      case 2: put_bits<std::uint16_t>(batch, field, first, count); break;
      case 4: put_bits<std::uint32_t>(batch, field, first, count); break;
      default: put_bits<std::uint64_t>(batch, field, first, count); break;
    }
  }
}

void expect_every_field(Database& db, const std::filesystem::path& file, std::size_t rows) {
  auto answer = must(db.query("FROM " + scan(file)));
  std::size_t row = 0;
  while (must(answer.next_chunk()))
    for (std::size_t i = 0; i < answer.size(); ++i, ++row)
      for (flow::FieldIndex field = 0; field < flow::field_count; ++field)
        ASSERT_EQ(answer.value(field, i), value_of(row, field)) << flow::fields[field].name << " of row " << row;
  EXPECT_EQ(row, rows);
}

class Parquet : public ::testing::Test {
 protected:
  const Folder folder;
  Database db = open_database();
  ParquetWriter writer = must(ParquetWriter::open());
};

TEST_F(Parquet, KeepsEveryFieldAndNullAtTheBordersOfBatches) {
  for (const std::size_t rows : {1, 63, 64, 65, 2047, 2048, 2049, 5000}) {
    for (const std::size_t per_batch : {1, 29, 64, 2047, 2048, 2049, 5000}) {
      if (per_batch == 1 && rows > 65) continue;
      MadeUpFlows flows(rows, per_batch, every_field);
      const auto file = must(writer.write(flows, flow::FieldSet{}.set(), folder / "a.parquet"));
      EXPECT_EQ(file.stats.rows, rows);
      EXPECT_EQ(file.file_bytes, std::filesystem::file_size(file.path));
      expect_every_field(db, file.path, rows);
    }
  }
}

TEST_F(Parquet, KeepsRowsInOrderAtTheBordersOfRowGroups) {
  for (const std::size_t rows : {122'879, 122'880, 122'881, 300'000}) {
    MadeUpFlows flows(rows, 2050, plain_flows);
    const auto file = must(writer.write(flows, plain_columns(), folder / "a.parquet"));
    EXPECT_EQ(file.stats.rows, rows);
    EXPECT_EQ(file.stats.received, (TimeRange{0, static_cast<Time>(rows - 1) * microsecond}));
    EXPECT_EQ(file.stats.first, (TimeRange{second, second + static_cast<Time>(rows - 1) * millisecond}));
    EXPECT_EQ(file.stats.last, (TimeRange{5 * second, 5 * second + static_cast<Time>(rows - 1) * millisecond}));
    EXPECT_EQ(file.stats.packets, 2 * rows);
    EXPECT_EQ(file.stats.bytes, 100 * rows + rows * (rows - 1) / 2);
    EXPECT_EQ(number(db, fmt::format("SELECT count(*) FROM (SELECT bytes, row_number() OVER () AS n FROM {}) "
                                     "WHERE bytes = n + 99",
                                     scan(file.path))),
              rows);
    EXPECT_EQ(number(db, fmt::format("SELECT count(DISTINCT row_group_id) FROM parquet_metadata({})",
                                     sql_literal(file.path.native()))),
              (rows + 122'879) / 122'880);
  }
}

TEST_F(Parquet, GivesTheAbsentValueWhereABatchOrTheFileLacksAColumn) {
  // Two batches: the first has no field at all, the second only bytes.
  MadeUpFlows flows(200, 100, [](flow::FlowBatch& batch, std::size_t first, std::size_t count) {
    if (first > 0) put<std::uint64_t>(batch, "bytes", first, count, [](std::size_t row) { return row; });
  });
  const auto file = must(
      writer.write(flows, columns({"bytes", "src_lo", "next_hop_lo", "ip_version", "extra"}), folder / "a.parquet"));
  EXPECT_EQ(file.stats.received, std::nullopt);
  EXPECT_EQ(file.stats.bytes, (100 + 199) * 100 / 2);
  const auto table = ask(db, "FROM " + scan(file.path));
  for (std::size_t row = 0; row < 200; ++row)
    for (flow::FieldIndex field = 0; field < flow::field_count; ++field) {
      Value expected;
      if (flow::fields[field].absent != flow::null) expected = static_cast<std::uint64_t>(flow::fields[field].absent);
      if (flow::fields[field].name == "bytes" && row >= 100) expected = static_cast<std::uint64_t>(row);
      ASSERT_EQ(table.rows[row][field], expected) << flow::fields[field].name << " of row " << row;
    }
}

TEST_F(Parquet, CountsOnlyWhatIsSaidInItsStatistics) {
  MadeUpFlows flows(100, 100, [](flow::FlowBatch& batch, std::size_t first, std::size_t count) {
    plain_flows(batch, first, count);
    for (const auto* name : {"first_time", "bytes"})
      for (std::size_t row = 0; row < 100; ++row)
        if (row < 10 || row >= 90) batch.set_null(flow::find_field(name), row);
  });
  const auto file = must(writer.write(flows, plain_columns(), folder / "a.parquet"));
  EXPECT_EQ(file.stats.first, (TimeRange{1010 * millisecond, 1089 * millisecond}));
  EXPECT_EQ(file.stats.bytes, 80u * 100 + (10 + 89) * 80 / 2);
}

TEST_F(Parquet, WritesFieldNumbersAndMetadata) {
  MadeUpFlows flows(10, 10, every_field);
  ParquetOptions options;
  options.metadata = {{"writer's \"key\"", "it's; a 'value'"}};
  const auto path = folder / "it's \"a\" *file*?[1].parquet";
  must(writer.write(flows, flow::FieldSet{}.set(), path, options));
  expect_every_field(db, path, 10);
  std::filesystem::copy(path, folder / "b.parquet");
  const auto literal = sql_literal((folder / "b.parquet").native());
  for (const flow::Field& field : flow::fields)
    EXPECT_EQ(number(db, fmt::format("SELECT field_id FROM parquet_schema({}) WHERE name = '{}'", literal, field.name)),
              field.number);
  EXPECT_EQ(
      text(db, fmt::format("SELECT decode(value) FROM parquet_kv_metadata({}) WHERE decode(key) = 'flowspan_format'",
                           literal)),
      "1");
  EXPECT_EQ(text(db, fmt::format("SELECT decode(value) FROM parquet_kv_metadata({}) WHERE decode(key) LIKE 'writer%'",
                                 literal)),
            "it's; a 'value'");
}

TEST_F(Parquet, LeavesNoFileOfNoFlows) {
  MadeUpFlows flows(0, 10, plain_flows);
  const auto file = must(writer.write(flows, plain_columns(), folder / "a.parquet"));
  EXPECT_EQ(file.stats, SegmentStats{});
  EXPECT_FALSE(std::filesystem::exists(folder / "a.parquet"));
}

TEST_F(Parquet, ReplacesWhatStoodThere) {
  std::ofstream(folder / "a.parquet") << "left by a crash";
  MadeUpFlows flows(10, 10, every_field);
  must(writer.write(flows, flow::FieldSet{}.set(), folder / "a.parquet"));
  expect_every_field(db, folder / "a.parquet", 10);
}

TEST_F(Parquet, GivesTheReadersErrorAndRemovesTheFile) {
  for (const std::size_t rows : {0, 100, 300'000}) {
    MadeUpFlows flows(1'000'000, 2048, plain_flows);
    flows.fail_after(rows, {"the journal is torn at byte 7", ErrorKind::not_found});
    const auto file = writer.write(flows, plain_columns(), folder / "a.parquet");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().text, "the journal is torn at byte 7");
    EXPECT_EQ(file.error().kind, ErrorKind::not_found);
    EXPECT_FALSE(std::filesystem::exists(folder / "a.parquet"));
  }
  MadeUpFlows flows(10, 10, every_field);
  must(writer.write(flows, flow::FieldSet{}.set(), folder / "a.parquet"));
}

TEST_F(Parquet, NamesAFolderThatIsNotThere) {
  MadeUpFlows flows(10, 10, plain_flows);
  const auto file = writer.write(flows, plain_columns(), folder / "no/such/a.parquet");
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().text, HasSubstr("no/such/a.parquet"));
  EXPECT_EQ(file.error().kind, ErrorKind::not_found);
}

TEST_F(Parquet, TellsThatTheDiskIsFullAndLeavesNothingThere) {
  const auto mount_point = folder / "small";
  std::filesystem::create_directory(mount_point);
  if (geteuid() != 0 || mount("none", mount_point.c_str(), "tmpfs", 0, "size=1m") != 0)
    GTEST_SKIP() << "THE FULL DISK IS NOT TESTED: only root can mount a tmpfs";
  for (const std::size_t rows : {30'000, 400'000}) {  // full at the end, full between row groups
    MadeUpFlows flows(rows, 2048, every_field);
    const auto file = writer.write(flows, flow::FieldSet{}.set(), mount_point / "a.parquet");
    const Error error = file ? Error{"written"} : file.error();
    EXPECT_EQ(error.kind, ErrorKind::no_space) << error.text;
    EXPECT_FALSE(std::filesystem::exists(mount_point / "a.parquet"));
  }
  MadeUpFlows flows(10, 10, every_field);
  EXPECT_TRUE(writer.write(flows, flow::FieldSet{}.set(), mount_point / "a.parquet"));
  EXPECT_EQ(umount(mount_point.c_str()), 0);
}

TEST_F(Parquet, RefusesASegmentWithoutColumns) {
  MadeUpFlows flows(10, 10, plain_flows);
  EXPECT_FALSE(writer.write(flows, {}, folder / "a.parquet"));
}

}  // namespace
}  // namespace flowspan::engine
