// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "analysis/duration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/ip.hpp"
#include "flow/reader.hpp"

namespace flowspan::analysis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A view `flows` of these rows: source, destination port, FIRST and LAST in ms ("NULL": not said).
engine::Database database(const std::string& rows) {
  const auto relation =
      "SELECT * FROM (" + store::relation_sql({}, false) +
      ") UNION ALL BY NAME SELECT ip_hi(src) AS src_hi, ip_lo(src) AS src_lo, port::USMALLINT AS dst_port, "
      "make_timestamp(1000 * first) AS first_time, make_timestamp(1000 * last) AS last_time FROM (" +
      rows + ") AS t(src, port, first, last)";
  auto opened = engine::Database::open({});
  EXPECT_TRUE(opened) << opened.error().text;
  const auto made = opened->run("CREATE TEMP VIEW flows AS " + store::flows_sql(relation, {}));
  EXPECT_TRUE(made) << made.error().text;
  return std::move(*opened);
}

constexpr const char* sample =
    "VALUES ('10.0.0.1', 80, 1000::BIGINT, 1000::BIGINT), ('10.0.0.1', 80, 1000, 2999), ('10.0.0.1', 443, 999, 3000), "
    "('10.0.0.2', 80, 5000, 64999), ('10.0.0.3', 80, 7000, 6999), ('10.0.0.3', 53, 7000, 9000), "
    "('10.0.1.4', 53, NULL, 9000), ('10.0.1.4', 53, 7000, NULL), ('2001:db8::1', 53, 9000, 2000)";

struct Answer {
  std::vector<std::string> rows;  ///< "10.0.0.1 4004 3"
  std::vector<std::string> notes;
};

Answer ask(engine::Database& flows, const DurationQuestion& question) {
  const auto request = plan_duration(question);
  EXPECT_TRUE(request) << request.error().text;
  auto rows = flows.query(request->sql);
  EXPECT_TRUE(rows) << rows.error().text << request->sql;
  const auto table = rows->all();
  EXPECT_TRUE(table) << table.error().text;
  Report report;
  ReportRows kept(report.rows);
  DurationRows answer(question, kept);
  answer.begin(table->columns);
  for (const auto& row : table->rows) answer.row(row);
  Answer found;
  for (const auto& row : report.rows) {
    std::string line;
    for (const auto& value : row)
      line += (line.empty() ? "" : " ") + (engine::is_null(value) ? "NULL" : engine::to_text(value));
    found.rows.push_back(line);
  }
  found.notes = answer.notes();
  return found;
}

TEST(Duration, IsGdpsByDefault) {
  auto flows = database(sample);
  const auto answer = ask(flows, {});
  EXPECT_THAT(answer.rows, ElementsAre("10.0.0.2 60000 1", "10.0.0.1 4003 3", "10.0.0.3 2001 2", "10.0.1.4 NULL 2",
                                       "2001:db8::1 NULL 1"));
  EXPECT_THAT(answer.notes, ElementsAre("T = sum(LAST - FIRST + 1) in ms, C = number of flows",
                                        "2 flows end before they begin: in C, not in T",
                                        "2 flows do not say both a first and a last time: in C, not in T"));
}

TEST(Duration, OneMillisecondOrSecondIsAddedOrNot) {
  auto flows = database(sample);
  EXPECT_THAT(ask(flows, {.plus_one = false, .top = 3}).rows,
              ElementsAre("10.0.0.2 59999 1", "10.0.0.1 4000 3", "10.0.0.3 2000 2"));
  // Each flow's 0, 1999 and 2001 ms are 0, 1 and 2 whole seconds.
  EXPECT_THAT(ask(flows, {.unit = DurationUnit::s, .top = 3}).rows,
              ElementsAre("10.0.0.2 60 1", "10.0.0.1 6 3", "10.0.0.3 3 2"));
  const DurationQuestion plain{.unit = DurationUnit::s, .plus_one = false, .top = 3};
  EXPECT_THAT(ask(flows, plain).rows, ElementsAre("10.0.0.2 59 1", "10.0.0.1 3 3", "10.0.0.3 2 2"));
  EXPECT_EQ(duration_formula(plain), "T = sum(floor((LAST - FIRST) / 1000)) in s, C = number of flows");
  EXPECT_EQ(duration_formula({.unit = DurationUnit::s}),
            "T = sum(floor((LAST - FIRST) / 1000) + 1) in s, C = number of flows");
  EXPECT_EQ(duration_formula({.plus_one = false}), "T = sum(LAST - FIRST) in ms, C = number of flows");
}

TEST(Duration, OrdersByTOrCOrKey) {
  auto flows = database(sample);
  EXPECT_THAT(ask(flows, {.order = "C", .top = 2}).rows, ElementsAre("10.0.0.1 4003 3", "10.0.0.3 2001 2"));
  EXPECT_THAT(ask(flows, {.order = "T:asc", .top = 1}).rows, ElementsAre("10.0.0.3 2001 2"));
  EXPECT_THAT(ask(flows, {.order = "src_addr:desc", .top = 1}).rows, ElementsAre("2001:db8::1 NULL 1"));
}

TEST(Duration, OfOtherKeys) {
  auto flows = database(sample);
  EXPECT_THAT(ask(flows, {.by = {"dst_port"}}).rows, ElementsAre("80 62001 4", "443 2002 1", "53 2001 4"));
  EXPECT_THAT(ask(flows, {.by = {"src_addr/24", "dst_port"}, .top = 2}).rows,
              ElementsAre("10.0.0.0/24 80 62001 4", "10.0.0.0/24 443 2002 1"));
}

TEST(Duration, NotesTellOfAllFlowsWhateverIsShown) {
  auto flows = database(sample);
  EXPECT_EQ(ask(flows, {.top = 1}).notes.size(), 3u);
  auto window = DurationQuestion{};
  window.window.to =
      3 * second;  // by last time: the sample's first two flows, and the last, which ends before it begins
  EXPECT_THAT(ask(flows, window).rows, ElementsAre("10.0.0.1 2001 2", "2001:db8::1 NULL 1"));
  EXPECT_THAT(ask(flows, window).notes[1], "1 flow ends before it begins: in C, not in T");
  auto none = database("SELECT '10.0.0.1', 80, 0::BIGINT, 0::BIGINT WHERE false");
  EXPECT_THAT(ask(none, {}).rows, ElementsAre());
  EXPECT_EQ(ask(none, {}).notes.size(), 1u);
}

TEST(Duration, SumsAreExact) {
  // Beyond 2^53, where a double counts by twos, and beyond 2^63.
  auto many = database("SELECT '10.0.0.1', 80, 0::BIGINT, 9007199254740::BIGINT + i FROM range(2001) AS r(i)");
  EXPECT_THAT(ask(many, {}).rows, ElementsAre("10.0.0.1 18023405710737741 2001"));
  auto huge = database("SELECT '10.0.0.1', 80, 0::BIGINT, 9000000000000001::BIGINT FROM range(2000)");
  EXPECT_THAT(ask(huge, {}).rows, ElementsAre("10.0.0.1 18000000000000004000 2000"));
}

/// One batch of three flows: 10.0.0.1 for 0 and 9 ms, 10.0.0.2 for 5 ms.
class ThreeFlows final : public flow::Reader {
 public:
  Result<bool> read(flow::FlowBatch& batch) override {
    using flow::operator""_field;
    batch.clear();
    if (std::exchange(done_, true)) return false;
    batch.add_rows(3);
    const auto put = [&]<typename T>(flow::FieldIndex field, const std::array<T, 3>& values) {
      if (batch.wants(field)) std::copy(values.begin(), values.end(), batch.put<T>(field));
    };
    const auto base = Ip::v4(0x0a000000).lo;
    put("received_time"_field, std::array<std::int64_t, 3>{1, 1, 1});
    put("src_lo"_field, std::array<std::uint64_t, 3>{base + 1, base + 1, base + 2});
    put("first_time"_field, std::array<std::int64_t, 3>{100, 101, 102});
    put("last_time"_field, std::array<std::int64_t, 3>{100, 110, 107});
    batch.seal();
    return true;
  }

 private:
  bool done_ = false;
};

TEST(Duration, IsAReportForScreens) {
  std::string folder = (std::filesystem::temp_directory_path() / "flowspan-duration-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ASSERT_TRUE(store::Store::open(folder, store::Mode::create));
  const query::LiveReaders live = [](const auto&, const auto&) -> Result<std::vector<query::LiveWriter>> {
    return std::vector<query::LiveWriter>{{0, [](const auto&) { return std::make_unique<ThreeFlows>(); }}};
  };
  std::string truth;
  const auto report = duration_report({.newest = 2}, [&](query::Request request, query::RowWriter& rows) {
    request.store = folder;
    auto answered = query::answer(request, live, rows);
    if (answered) truth = query::truth_text(*answered);
    return answered;
  });
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(report) << report.error().text;
  const auto row = [](const char* source, std::int64_t t, std::int64_t c) {
    return std::vector<engine::Value>{std::string(source), t, c};
  };
  EXPECT_THAT(report->rows, ElementsAre(row("10.0.0.1", 10, 1), row("10.0.0.2", 6, 1)));
  EXPECT_THAT(report->notes, ElementsAre());
  EXPECT_THAT(truth, HasSubstr("the newest 2 flows, received from 1970-01-01T00:00:00.000001Z on"));
  EXPECT_THAT(truth, HasSubstr("T = sum(LAST - FIRST + 1) in ms, C = number of flows"));
}

TEST(Duration, AReportSaysWhatIsNotInT) {
  auto flows = database(sample);
  const auto report = duration_report({.top = 4}, [&](const query::Request& request, query::RowWriter& rows) {
    auto found = flows.query(request.sql);
    const auto table = found->all();
    rows.begin(table->columns);
    for (const auto& row : table->rows) rows.row(row);
    return query::Truth{};
  });
  ASSERT_TRUE(report) << report.error().text;
  ASSERT_EQ(report->rows.size(), 4u);
  EXPECT_EQ(report->rows[3], (std::vector<engine::Value>{std::string("10.0.1.4"), std::monostate{}, std::int64_t{2}}));
  EXPECT_THAT(report->notes, ElementsAre("2 flows end before they begin: in C, not in T",
                                         "2 flows do not say both a first and a last time: in C, not in T"));
  EXPECT_EQ(duration_report({.by = {"x"}}, {}).error().kind, ErrorKind::usage);
}

TEST(Duration, WrongWordsAreNamed) {
  const auto order = plan_duration({.order = "bytes"});
  EXPECT_EQ(order.error().text, "--order: bytes is not in --by: add it there");
  EXPECT_EQ(plan_duration({.order = "t"}).error().text, "--order: there is no column 't': did you mean 'T'?");
  EXPECT_EQ(plan_duration({.by = {"scr_addr"}}).error().text,
            "--by: there is no column 'scr_addr': did you mean 'src_addr'?");
  EXPECT_EQ(parse_duration_unit("s").value(), DurationUnit::s);
  EXPECT_EQ(parse_duration_unit("ms").value(), DurationUnit::ms);
  EXPECT_EQ(parse_duration_unit("second").error().text, "there is no unit 'second': did you mean 's'?");
  EXPECT_EQ(parse_duration_unit("millisecond").error().text, "there is no unit 'millisecond': did you mean 'ms'?");
  EXPECT_EQ(parse_duration_unit("hours").error().text, "there is no unit 'hours': write ms or s");
  EXPECT_EQ(parse_duration_unit("").error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace flowspan::analysis
