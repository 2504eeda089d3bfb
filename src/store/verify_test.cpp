// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/verify.hpp"

#include <fstream>

#include "store/counters.hpp"
#include "store/flows_for_test.hpp"
#include "store/info.hpp"
#include "store/rows.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

using namespace testing;

class VerifyTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    SegmentStore segments(store());
    for (std::uint64_t i = 0; i < 2; ++i)
      ASSERT_TRUE(commit_flows(segments, store(), 0, 5000, i * 5000, start + static_cast<Time>(i) * hour));
    const auto snapshot = take_snapshot(store(), {}).value();
    first_ = path() / snapshot.segments[0].name;
  }
  std::string findings(bool deep = false) {
    const auto report = verify(store(), {.deep = deep});
    EXPECT_TRUE(report.has_value()) << report.error().text;
    std::string text;
    for (const auto& finding : report->findings) text += (finding.error ? "error: " : "note: ") + finding.text + "\n";
    return text;
  }
  void change(const std::string& sql) {
    ASSERT_TRUE(store().catalog().write([&](auto& db) { return db.exec(sql); }));
  }
  void journal(const std::string& name, std::size_t bytes) {
    std::ofstream(path() / "journal" / name) << std::string(bytes, 'x');
  }
  static ::testing::AssertionResult has(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "'" << text << "' does not say '" << part << "'";
  }
  std::filesystem::path first_;
};

TEST_F(VerifyTest, ASoundStoreHasNoFindings) {
  EXPECT_EQ(findings(), "");
  EXPECT_EQ(findings(true), "");
  reopen(Mode::read);
  EXPECT_EQ(findings(true), "");
}

TEST_F(VerifyTest, FindsMissingCutAndChangedFiles) {
  std::filesystem::copy_file(first_, folder_.path() / "copy");
  std::filesystem::remove(first_);
  EXPECT_TRUE(has(findings(), first_.string() + " is missing: its 5,000 flows are lost"));
  std::filesystem::copy_file(folder_.path() / "copy", first_);
  std::filesystem::resize_file(first_, 1000);
  EXPECT_TRUE(has(findings(), "it was changed or cut"));
  const auto size = std::filesystem::file_size(folder_.path() / "copy");
  std::filesystem::resize_file(first_, size);
  EXPECT_TRUE(has(findings(), "cannot be read"));
}

TEST_F(VerifyTest, FindsWhatDoesNotAgree) {
  change("UPDATE segments SET \"rows\" = 7 WHERE id = 1");
  EXPECT_TRUE(has(findings(), "has 5,000 flows, the catalog says 7"));
  change("UPDATE segments SET \"rows\" = 5000, raw_bytes = 1 WHERE id = 1");
  EXPECT_EQ(findings(), "");
  EXPECT_TRUE(has(findings(true), "does not add up"));
  change("UPDATE segments SET fields = '[1,3,4]' WHERE id = 2");
  EXPECT_TRUE(has(findings(), "the catalog says 1 3 4"));
}

TEST_F(VerifyTest, FindsGapsInTheJournal) {
  ASSERT_TRUE(store().set_writers({{.writer = 0, .position = {3, 500}, .state = ""}}));
  EXPECT_EQ(findings(), "");
  journal("0-0000000003.pcapng", 600);
  journal("0-0000000004.pcapng", 100);
  EXPECT_EQ(findings(), "");
  EXPECT_EQ(store_info(store()).value().journal_backlog_bytes, 200u);
  journal("0-0000000006.pcapng", 100);
  EXPECT_TRUE(has(findings(), "between 4 and 6 are missing"));
  journal("0-0000000003.pcapng", 400);
  EXPECT_TRUE(has(findings(), "ends at 400, but 500 is committed"));
}

TEST_F(VerifyTest, InfoTellsWhatIsThere) {
  ASSERT_TRUE(store().set_note("retention", "keep 90d"));
  const auto info = store_info(store()).value();
  EXPECT_EQ(info.format, Catalog::format);
  EXPECT_EQ(info.totals.rows, 10'000u);
  EXPECT_EQ(info.by_level.at(0).segments, 2u);
  EXPECT_EQ(info.raw_packets, 20'000u);
  EXPECT_EQ(info.received.min, start);
  EXPECT_GT(info.bytes_per_flow(), 1);
  EXPECT_EQ(info.created_by.substr(0, 9), "flowspan ");
  ASSERT_EQ(info.notes.size(), 1u);
  EXPECT_EQ(info.notes[0].second, "keep 90d");
}

TEST(Counters, AreReadAsTheyWereWritten) {
  TemporaryFolder folder;
  EXPECT_EQ(read_counters(folder.path()).value().has_value(), false);
  CountersFile file(folder.path());
  Counters counters;
  counters.pid = 42;
  counters.started = start;
  counters.written = start + second;
  counters.totals = {{"flows", ~std::uint64_t{0}}, {"bytes", 1}};
  counters.workers = {{"0", {{"flows", 5}}}};
  counters.exporters = {{"192.0.2.1", {{"flows", 5}, {"lost_flows", 1}}}, {"bad \xff name", {}}};
  ASSERT_TRUE(file.publish(counters));
  const auto read = read_counters(folder.path()).value().value();
  EXPECT_EQ(read.pid, 42u);
  EXPECT_EQ(read.written, start + second);
  EXPECT_EQ(read.totals, counters.totals);
  EXPECT_EQ(read.workers.at(0).values, counters.workers[0].values);
  EXPECT_EQ(read.exporters.at(0).name, "192.0.2.1");

  // Thousands of exporters: the totals each time, the exporters every ten seconds, and not without bound.
  counters.exporters.assign(CountersFile::max_exporters + 5, {"x", {{"flows", 1}}});
  counters.written += 20 * second;
  ASSERT_TRUE(file.publish(counters));
  EXPECT_EQ(read_counters(folder.path()).value()->exporters.size(), CountersFile::max_exporters);
  EXPECT_EQ(read_counters(folder.path()).value()->exporters_left_out, 5u);
  counters.exporters[0].values = {{"flows", 2}};
  counters.totals = {{"flows", 2}};
  counters.written += second;
  ASSERT_TRUE(file.publish(counters));
  EXPECT_EQ(read_counters(folder.path()).value()->exporters[0].values[0].second, 1u);
  EXPECT_EQ(read_counters(folder.path()).value()->totals[0].second, 2u);
  file.remove();
  EXPECT_FALSE(read_counters(folder.path()).value().has_value());
  std::ofstream(folder.path() / "counters.json") << "[1";
  EXPECT_FALSE(read_counters(folder.path()).has_value());
}

}  // namespace
}  // namespace flowspan::store
