// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "engine/database.hpp"
#include "engine/scan_sql.hpp"
#include "query/columns.hpp"
#include "query/output.hpp"
#include "query/question.hpp"
#include "store/views.hpp"

namespace flowspan::query {
namespace {

using testing::HasSubstr;

/// A database whose view `flows` holds four flows, two of them IPv6.
engine::Database database() {
  std::string relation = "(SELECT * FROM " + engine::read_parquet_sql({}) + " UNION ALL BY NAME SELECT * FROM (VALUES ";
  const auto flow = [](const char* src, const char* dst, int port, int bytes, int packets) {
    return "(TIMESTAMP '2026-11-23 12:00:00.123456', ip_hi('192.0.2.1'), ip_lo('192.0.2.1'), ip_hi('" +
           std::string(src) + "'), ip_lo('" + src + "'), ip_hi('" + dst + "'), ip_lo('" + dst + "'), " +
           std::to_string(port) + "::USMALLINT, " + std::to_string(bytes) + "::UBIGINT, " + std::to_string(packets) +
           "::UBIGINT, TIMESTAMP_MS '2026-11-23 11:59:00.001', TIMESTAMP_MS '2026-11-23 11:59:30.001')";
  };
  relation += flow("10.0.0.1", "198.51.100.1", 443, 5000, 5) + ", " + flow("10.0.0.2", "198.51.100.1", 53, 700, 7) +
              ", " + flow("2001:db8:1::1", "2001:db8:2::1", 443, 6000, 6) + ", " +
              flow("2001:db8:1::2", "2001:db8:2::1", 80, 100, 1);
  relation +=
      ") t(received_time, exporter_hi, exporter_lo, src_hi, src_lo, dst_hi, dst_lo, dst_port, bytes, packets, "
      "first_time, last_time))";
  auto opened = engine::Database::open({});
  EXPECT_TRUE(opened) << opened.error().text;
  const auto made = opened->run("CREATE TEMP VIEW flows AS " + store::flows_sql(relation, {}));
  EXPECT_TRUE(made) << made.error().text;
  return std::move(*opened);
}

/// The answer as CSV with bars for line ends.
std::string answer(engine::Database& opened, const Question& question) {
  const auto sql = plan_sql(question);
  if (!sql) return sql.error().text;
  auto rows = opened.query(*sql);
  if (!rows) return *sql + ": " + rows.error().text;
  const auto table = rows->all();
  if (!table) return *sql + ": " + table.error().text;
  std::string text;
  const auto status = write_table(
      Format::csv,
      [&](std::string_view more) -> Status {
        text += more;
        return {};
      },
      *table);
  EXPECT_TRUE(status);
  for (auto at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n")) text.replace(at, 2, "|");
  return text;
}

struct Case {
  Question question;
  const char* expected;
};

TEST(Plan, AnswersAreThoseOfTheQuestion) {
  auto opened = database();
  const Case cases[] = {
      {{.by = {"src_addr"}},
       "src_addr,bytes,packets,flows|2001:db8:1::1,6000,6,1|10.0.0.1,5000,5,1|10.0.0.2,700,7,1|2001:db8:1::2,100,1,1|"},
      {{.by = {"dst_port"}, .sum = {"flows"}}, "dst_port,flows|443,2|53,1|80,1|"},
      {{.by = {"dst_port"}, .sum = {"flows"}, .top = 1}, "dst_port,flows|443,2|"},
      {{.by = {"dst_port"}, .sum = {"flows"}, .order = "dst_port"}, "dst_port,flows|53,1|80,1|443,2|"},
      {{.by = {"dst_port"}, .sum = {"flows"}, .order = "dst_port:desc"}, "dst_port,flows|443,2|80,1|53,1|"},
      {{.by = {"dst_port"}, .sum = {"flows"}, .order = "packets:asc", .top = 0},
       "dst_port,flows,packets|80,1,1|53,1,7|443,2,11|"},
      {{.by = {"src_addr/24"}, .sum = {"flows"}},
       "src_addr/24,flows|10.0.0.0/24,2|2001:db8:1::1/128,1|2001:db8:1::2/128,1|"},
      {{.by = {"src_addr/64"}, .sum = {"flows"}}, "src_addr/64,flows|2001:db8:1::/64,2|10.0.0.1/32,1|10.0.0.2/32,1|"},
      {{.by = {"src_addr/8/32"}, .sum = {"bytes"}}, "src_addr/8/32,bytes|2001:db8::/32,6100|10.0.0.0/8,5700|"},
      {{.by = {"src_addr/0/0"}, .sum = {"bytes"}}, "src_addr/0/0,bytes|::/0,6100|0.0.0.0/0,5700|"},
      {{.by = {"src_addr/24", "src_addr"}, .sum = {"flows"}, .top = 1},
       "src_addr/24,src_addr,flows|10.0.0.0/24,10.0.0.1,1|"},
      {{.by = {"exporter", "dst_addr"}, .sum = {"bytes"}},
       "exporter,dst_addr,bytes|192.0.2.1,2001:db8:2::1,6100|192.0.2.1,198.51.100.1,5700|"},
      {{.by = {"tos"}, .sum = {"raw_bytes", "raw_packets", "duration_ms"}},
       "tos,raw_bytes,raw_packets,duration_ms|,11800,19,120000|"},
      {{.by = {"exporter_name"}, .sum = {"flows"}}, "exporter_name,flows|192.0.2.1,4|"},
      {{.by = {"dst_port"}, .sum = {"bytes"}, .window = {.from = parse_time("2026-11-24", 0).value()}},
       "dst_port,bytes|"},
  };
  for (const auto& [question, expected] : cases)
    EXPECT_EQ(answer(opened, question), expected) << plan_sql(question).value_or("");
}

TEST(Plan, WithoutByItListsFlows) {
  auto opened = database();
  EXPECT_EQ(answer(opened, {.order = "bytes", .top = 1}),
            "received_time,exporter,first_time,last_time,proto,src_addr,src_port,dst_addr,dst_port,tcp_flags,packets,"
            "bytes|2026-11-23T12:00:00.123456Z,192.0.2.1,2026-11-23T11:59:00.001Z,2026-11-23T11:59:30.001Z,,"
            "2001:db8:1::1,,2001:db8:2::1,443,,6,6000|");
  EXPECT_THAT(answer(opened, {.order = "src_addr", .top = 1}), HasSubstr("10.0.0.1"));
  EXPECT_THAT(answer(opened, {.order = "tos", .top = 1}), HasSubstr(",bytes,tos|"));
  const auto all = answer(opened, {.top = 0});
  EXPECT_EQ(std::count(all.begin(), all.end(), '|'), 5);
}

TEST(Plan, EveryColumnCanBeGroupedAndSortedBy) {
  auto opened = database();
  for (const auto name : column_names()) {
    EXPECT_THAT(answer(opened, {.by = {std::string(name)}, .sum = {"flows"}}), HasSubstr("flows|")) << name;
    EXPECT_THAT(answer(opened, {.order = std::string(name)}), HasSubstr("|")) << name;
  }
}

TEST(Plan, AddressesAreGroupedByHalvesAndFormattedLast) {
  EXPECT_EQ(plan_sql({.by = {"src_addr"}, .sum = {"bytes"}}).value(),
            "SELECT addr(src_hi, src_lo) AS src_addr, bytes FROM (SELECT src_hi, src_lo, sum(CAST(bytes AS BIGINT)) AS "
            "bytes FROM flows "
            "GROUP BY ALL ORDER BY bytes DESC NULLS LAST, src_hi NULLS LAST, src_lo NULLS LAST LIMIT 10) "
            "ORDER BY bytes DESC NULLS LAST, src_hi NULLS LAST, src_lo NULLS LAST");
}

TEST(Plan, MeasuresStandForSumsAndTotalsTellOfAll) {
  auto opened = database();
  Question question{.by = {"dst_port"}, .top = 1};
  question.measures = {{"M", "max(bytes)"}, {"C", "count(*)"}};
  question.totals = {{"all_flows", "count(*)"}};
  EXPECT_EQ(answer(opened, question), "dst_port,M,C,all_flows|443,6000,2,4|");
  question.order = "C:asc";
  EXPECT_EQ(answer(opened, question), "dst_port,M,C,all_flows|53,700,1,4|");
  question.window.from = parse_time("2026-11-24", 0).value();
  EXPECT_EQ(answer(opened, question), "dst_port,M,C,all_flows|");
  question.order = "packets";
  EXPECT_EQ(plan_sql(question).error().text, "--order: packets is not in --by: add it there");
}

TEST(Plan, WrongWordsAreNamedWithTheNearestRightOne) {
  const auto error = [](const Question& question) { return plan_sql(question).error().text; };
  EXPECT_EQ(error({.by = {"scr_addr"}}), "--by: there is no column 'scr_addr': did you mean 'src_addr'?");
  EXPECT_THAT(error({.by = {"banana"}}), HasSubstr("DESCRIBE flows"));
  EXPECT_EQ(error({.by = {"dst_port"}, .sum = {"byte"}}), "--sum: there is no column 'byte': did you mean 'bytes'?");
  EXPECT_THAT(error({.by = {"dst_port"}, .sum = {"proto"}}), HasSubstr("--sum: proto is no amount: write bytes"));
  EXPECT_THAT(error({.by = {"dst_port"}, .order = "proto"}), HasSubstr("neither in --by nor in --sum"));
  EXPECT_EQ(error({.by = {"dst_port"}, .order = "dst_prt"}),
            "--order: there is no column 'dst_prt': did you mean 'dst_port'?");
  EXPECT_THAT(error({.by = {"dst_port"}, .order = "bytes:down"}), HasSubstr("'down' is no direction"));
  EXPECT_THAT(error({.by = {"dst_port", "dst_port"}}), HasSubstr("--by: dst_port stands there twice"));
  EXPECT_THAT(error({.by = {"dst_port/8"}}), HasSubstr("dst_port is no address"));
  EXPECT_THAT(error({.by = {"src_addr/129"}}), HasSubstr("'src_addr/129' is no network"));
  EXPECT_THAT(error({.by = {"src_addr/33/64"}}), HasSubstr("is no network"));
  EXPECT_THAT(error({.by = {"src_addr/"}}), HasSubstr("is no network"));
  EXPECT_THAT(error({.sum = {"bytes"}}), HasSubstr("--sum needs --by"));
  EXPECT_THAT(error({.order = "byts"}), HasSubstr("did you mean 'bytes'"));
  EXPECT_EQ(plan_sql({.by = {"x'y"}}).error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace flowspan::query
