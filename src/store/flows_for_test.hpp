// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the tests of this folder share: stores in temporary folders, and flows out of nothing.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/database.hpp"
#include "engine/scan_sql.hpp"
#include "flow/reader.hpp"
#include "flow/sink.hpp"
#include "store/segment_writer.hpp"
#include "store/snapshot.hpp"
#include "store/store.hpp"

namespace flowspan::store::testing {

using flow::operator""_field;

inline constexpr Time start = 1'795'392'000 * second;  // 2026-11-23T00:00:00Z

/// A folder that is removed at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "flowspan-store-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// `rows` flows; flow i is received at from + i * step, and its src_lo depends on first_id + i only and is
/// unlike all others.
class TestFlows : public flow::Reader {
 public:
  TestFlows(std::uint64_t rows, std::uint64_t first_id, Time from = start, Duration step = millisecond)
      : rows_(rows), first_id_(first_id), from_(from), step_(step) {}
  /// After so many rows the reader fails.
  std::optional<std::uint64_t> fail_after;
  std::optional<double> sampling;
  std::uint64_t exporter = Ip::v4(0xc0000201).lo;

  Result<bool> read(flow::FlowBatch& batch) override {
    batch.clear();
    if (fail_after && at_ >= *fail_after) return fail("the journal is damaged");
    const auto count = std::min<std::uint64_t>(rows_ - at_, 2000);
    if (count == 0) return false;
    batch.add_rows(count);
    const auto column = [&]<typename T>(flow::FieldIndex field, T, auto value) {
      if (!batch.wants(field)) return;
      T* values = batch.put<T>(field);
      for (std::uint64_t i = 0; i < count; ++i) values[i] = static_cast<T>(value(at_ + i));
    };
    const auto time = [&](std::uint64_t i) { return from_ + static_cast<Duration>(i) * step_; };
    column("received_time"_field, std::int64_t{}, [&](auto i) { return time(i) / microsecond; });
    column("first_time"_field, std::int64_t{}, [&](auto i) { return (time(i) - 10 * second) / millisecond; });
    column("last_time"_field, std::int64_t{}, [&](auto i) { return (time(i) - second) / millisecond; });
    column("src_lo"_field, std::uint64_t{}, [&](auto i) { return scatter(first_id_ + i); });
    column("dst_lo"_field, std::uint64_t{}, [&](auto i) { return Ip::v4(0x0a000000).lo + i % 256; });
    column("bytes"_field, std::uint64_t{}, [&](auto i) { return 100 + i; });
    column("packets"_field, std::uint64_t{}, [](auto) { return 2; });
    column("in_if"_field, std::uint32_t{}, [](auto i) { return i % 3; });
    batch.put_all("exporter_lo"_field, exporter);
    if (sampling) batch.put_all("sampling_rate"_field, std::bit_cast<std::uint64_t>(*sampling));
    batch.seal();
    at_ += count;
    return true;
  }

 private:
  /// One to one, and without a pattern that Parquet could make use of.
  static std::uint64_t scatter(std::uint64_t x) {
    x *= 0x9e3779b97f4a7c15;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
    return x ^ x >> 32;
  }

  std::uint64_t rows_;
  std::uint64_t first_id_;
  Time from_;
  Duration step_;
  std::uint64_t at_ = 0;
};

inline flow::FieldSet test_fields(bool sampled = false) {
  flow::FieldSet fields;
  for (const auto* name :
       {"received_time", "first_time", "last_time", "src_lo", "dst_lo", "bytes", "packets", "in_if", "exporter_lo"})
    fields.set(flow::find_field(name));
  if (sampled) fields.set("sampling_rate"_field);
  return fields;
}

inline flow::Range test_range(std::uint32_t writer, std::uint64_t from, std::uint64_t to, std::uint64_t rows,
                              Time received = start, Duration step = millisecond) {
  flow::Range range;
  range.writer = writer;
  range.from = {1, from};
  range.to = {1, to};
  range.fields = test_fields();
  range.datagrams = rows / 30 + 1;
  range.rows = rows;
  range.received_min = received;
  range.received_max = received + (rows > 0 ? static_cast<Duration>(rows - 1) * step : 0);
  return range;
}

/// Commits `rows` flows as one segment that follows the writer's position.
inline Status commit_flows(SegmentStore& segments, Store& store, std::uint32_t writer, std::uint64_t rows,
                           std::uint64_t first_id, Time received, Duration step = millisecond) {
  std::uint64_t from = 0;
  const auto writers = store.writers();
  if (!writers) return fail(writers.error());
  for (const auto& known : *writers)
    if (known.writer == writer) from = known.position.offset;
  TestFlows flows(rows, first_id, received, step);
  return segments.commit(test_range(writer, from, from + rows + 1, rows, received, step), flows,
                         [] { return std::string("state"); });
}

/// One number out of the committed flows, which are the relation `flows`.
inline std::uint64_t ask(Store& store, const std::string& select) {
  const auto snapshot = take_snapshot(store, {});
  EXPECT_TRUE(snapshot.has_value());
  if (!snapshot) return ~std::uint64_t{0};
  auto database = engine::Database::open({.threads = 1, .memory_limit = 0, .temp_directory = {}, .keep_order = true});
  EXPECT_TRUE(database.has_value());
  auto rows = database->query("WITH flows AS (SELECT * FROM " + engine::read_parquet_sql(snapshot->files(store)) +
                              ") SELECT CAST(coalesce(" + select + ", 0) AS UBIGINT) FROM flows");
  EXPECT_TRUE(rows.has_value()) << rows.error().text;
  if (!rows) return ~std::uint64_t{0};
  const auto table = rows->all();
  EXPECT_TRUE(table.has_value()) << table.error().text;
  const auto& value = table->rows.at(0).at(0);
  if (const auto* is_signed = std::get_if<std::int64_t>(&value)) return static_cast<std::uint64_t>(*is_signed);
  return std::get<std::uint64_t>(value);
}

inline std::size_t files_below(const std::filesystem::path& folder, const std::string& extension = "") {
  std::size_t count = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, ignored))
    if (entry.is_regular_file() && (extension.empty() || entry.path().extension() == extension)) ++count;
  return count;
}

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { reopen(Mode::create); }
  void reopen(Mode mode) {
    store_.reset();
    auto opened = Store::open(path(), mode);
    ASSERT_TRUE(opened.has_value()) << opened.error().text;
    store_ = std::move(*opened);
  }
  std::filesystem::path path() const { return folder_.path() / "store"; }
  Store& store() { return *store_; }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace flowspan::store::testing
