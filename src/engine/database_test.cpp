// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/database.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/testing.hpp"

namespace flowspan::engine {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Database, GivesCellsTheTypesOfTheirColumns) {
  auto db = open_database();
  EXPECT_EQ(one(db, "SELECT true"), Value(true));
  EXPECT_EQ(one(db, "SELECT -1::TINYINT"), Value(std::int64_t{-1}));
  EXPECT_EQ(one(db, "SELECT 18446744073709551615::UBIGINT"), Value(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_EQ(one(db, "SELECT 7::UTINYINT"), Value(std::uint64_t{7}));
  EXPECT_EQ(one(db, "SELECT 0.5::DOUBLE"), Value(0.5));
  EXPECT_EQ(one(db, "SELECT 0.25::FLOAT"), Value(0.25));
  EXPECT_EQ(one(db, "SELECT 'a longer text than twelve'"), Value(std::string("a longer text than twelve")));
  EXPECT_EQ(one(db, "SELECT NULL::UBIGINT"), Value());
  EXPECT_EQ(one(db, "SELECT NULL"), Value());
}

TEST(Database, KeepsWideNumbersExact) {
  auto db = open_database();
  EXPECT_EQ(one(db, "SELECT 5::HUGEINT"), Value(std::int64_t{5}));
  EXPECT_EQ(one(db, "SELECT 18446744073709551615::HUGEINT"), Value(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_EQ(one(db, "SELECT 18446744073709551616::HUGEINT"), Value(Decimal{"18446744073709551616"}));
  EXPECT_EQ(one(db, "SELECT '-170141183460469231731687303715884105728'::HUGEINT"),
            Value(Decimal{"-170141183460469231731687303715884105728"}));
  EXPECT_EQ(one(db, "SELECT 340282366920938463463374607431768211455::UHUGEINT"),
            Value(Decimal{"340282366920938463463374607431768211455"}));
  EXPECT_EQ(one(db, "SELECT 12.50::DECIMAL(4,2)"), Value(Decimal{"12.50"}));
  EXPECT_EQ(one(db, "SELECT (-0.05)::DECIMAL(9,2)"), Value(Decimal{"-0.05"}));
  EXPECT_EQ(one(db, "SELECT 12345678901234567.89::DECIMAL(38,2)"), Value(Decimal{"12345678901234567.89"}));
  EXPECT_EQ(one(db, "SELECT 12::DECIMAL(18,0)"), Value(std::int64_t{12}));
  EXPECT_EQ(one(db, "SELECT sum(x) FROM (VALUES (18446744073709551615::UBIGINT), (1)) t(x)"),
            Value(Decimal{"18446744073709551616"}));
}

TEST(Database, GivesTimesInNanosecondsWithThePrecisionOfTheirColumn) {
  auto db = open_database();
  EXPECT_EQ(one(db, "SELECT TIMESTAMP_S '1970-01-01 00:00:01'"), Value(Timestamp{second, 0}));
  EXPECT_EQ(one(db, "SELECT TIMESTAMP_MS '1970-01-01 00:00:01.5'"), Value(Timestamp{1500 * millisecond, 3}));
  EXPECT_EQ(one(db, "SELECT TIMESTAMP '1970-01-01 00:00:00.000001'"), Value(Timestamp{microsecond, 6}));
  EXPECT_EQ(one(db, "SELECT TIMESTAMP_NS '1970-01-01 00:00:00.000000001'"), Value(Timestamp{1, 9}));
  EXPECT_EQ(one(db, "SELECT TIMESTAMPTZ '1970-01-01 01:00:00+01'"), Value(Timestamp{0, 6}));
}

TEST(Database, GivesTimesThatNoNanosecondsReachAsText) {
  auto db = open_database();
  EXPECT_EQ(text(db, "SELECT TIMESTAMP '9999-01-01'"), "9999-01-01 00:00:00");
  EXPECT_EQ(text(db, "SELECT 'infinity'::TIMESTAMP"), "infinity");
  EXPECT_EQ(text(db, "SELECT '-infinity'::TIMESTAMP_NS"), "-infinity");
}

TEST(Database, RendersEveryOtherTypeAsItsCastToText) {
  auto db = open_database();
  for (const std::string expression :
       {"DATE '2026-11-23'", "TIME '16:30:05.25'", "INTERVAL '1 month 2 days 3 hours'", "[1, NULL, 3]",
        "{'hi': 1::UBIGINT, 'lo': NULL}", "MAP {'a': 1}", "'\\xAA\\x00'::BLOB",
        "'8f3a1f5e-1111-2222-3333-444455556666'::UUID", "'0101'::BIT", "'b'::ENUM('a', 'b')", "[[1], []]",
        "[1, 2]::INTEGER[2]", "union_value(n := 1)", "'12:00:00+02'::TIMETZ",
        "[TIMESTAMPTZ '2026-01-01 00:00:00+00']"}) {
    const auto cells = ask(db, "SELECT " + expression + " AS x, CAST(x AS VARCHAR) AS y");
    EXPECT_EQ(cells.rows.at(0).at(0), cells.rows.at(0).at(1)) << expression;
    EXPECT_TRUE(std::holds_alternative<std::string>(cells.rows.at(0).at(0))) << expression;
  }
}

TEST(Database, RendersManyRowsOfOtherTypesBesidePlainOnes) {
  auto db = open_database();
  const auto table =
      ask(db, "SELECT i, CASE WHEN i % 3 > 0 THEN [i, i + 1] END AS l, i::VARCHAR FROM range(10000) t(i)");
  ASSERT_EQ(table.rows.size(), 10000u);
  EXPECT_EQ(table.columns[1].type, "BIGINT[]");
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    EXPECT_EQ(table.rows[i][0], Value(static_cast<std::int64_t>(i)));
    EXPECT_EQ(to_text(table.rows[i][1]), i % 3 > 0 ? fmt::format("[{}, {}]", i, i + 1) : "");
  }
}

TEST(Database, NamesColumnsAndTypesEvenWithoutRows) {
  auto db = open_database();
  const auto table =
      ask(db, R"(SELECT 1::UBIGINT AS a, 1.5::DECIMAL(18,3) AS "b c", {'hi': 1::UBIGINT, 'l"o': [1]} AS s,
      MAP {1: 'x'} AS m, [1, 2]::INTEGER[2] AS f, '{}'::JSON AS j WHERE false)");
  std::string types;
  for (const auto& column : table.columns) types += column.name + " " + column.type + ";";
  EXPECT_EQ(types,
            "a UBIGINT;b c DECIMAL(18,3);s STRUCT(\"hi\" UBIGINT, \"l\"\"o\" INTEGER[]);m MAP(INTEGER, VARCHAR);"
            "f INTEGER[2];j JSON;");
  EXPECT_TRUE(table.rows.empty());
}

TEST(Database, BindsParametersOfEveryType) {
  auto db = open_database();
  const std::vector<Value> values{Value(),
                                  Value(true),
                                  Value(std::int64_t{-5}),
                                  Value(std::numeric_limits<std::uint64_t>::max()),
                                  Value(0.1),
                                  Value(std::string("it's; -- \xC3\xA9")),
                                  Value(Timestamp{1500 * microsecond, 6}),
                                  Value(Timestamp{1, 9}),
                                  Value(Decimal{"-12345678901234567890123.45"}),
                                  Value(Decimal{"18446744073709551616"})};
  const auto table = ask(db, "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10", values);
  EXPECT_EQ(table.rows.at(0), values);
}

TEST(Database, SaysHowManyParametersAreMissing) {
  auto db = open_database();
  const auto rows = db.query("SELECT $1 + $2", std::vector<Value>{Value(std::int64_t{1})});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().text, "the SQL has 2 parameters, 1 were given");
  EXPECT_EQ(rows.error().kind, ErrorKind::usage);
}

TEST(Database, TellsWrongSqlInOneSentenceWithCandidates) {
  auto db = open_database();
  const auto error = [&](std::string_view sql) {
    auto rows = db.query(sql);
    return rows ? rows->all().error() : rows.error();
  };
  const Error column = error("SELECT src_adr FROM (SELECT 1 AS src_addr)");
  EXPECT_EQ(column.text, "Referenced column \"src_adr\" not found in FROM clause; Candidate bindings: \"src_addr\"");
  EXPECT_EQ(column.kind, ErrorKind::usage);
  EXPECT_EQ(error("SELEC 1").text, "syntax error at or near \"SELEC\"");
  EXPECT_EQ(error("SELECT 'a'::INT").kind, ErrorKind::usage);
  EXPECT_THAT(error("SELECT sum('x')").text, HasSubstr("Candidate functions: sum(DECIMAL) -> DECIMAL; "));
  EXPECT_THAT(error("SELECT 1; SELECT 2").text, HasSubstr("multiple statements"));
  EXPECT_EQ(error("FROM read_parquet('/no/such.parquet')").kind, ErrorKind::not_found);
  EXPECT_EQ(error(std::string_view("SELECT 1\0 + 1", 12)).text, "the SQL holds a NUL character");
  for (const auto* sql : {"SELECT x", "FROM nosuch", "SELECT nosuch(1)"})
    EXPECT_THAT(error(sql).text, Not(HasSubstr("\n")));
}

TEST(Database, NeverReachesForTheNetwork) {
  auto db = open_database();
  const auto rows = db.query("FROM read_parquet('http://127.0.0.1:1/x.parquet')");
  ASSERT_FALSE(rows);
  EXPECT_THAT(rows.error().text, Not(HasSubstr("download")));
}

TEST(Database, RunsStatementsInTurn) {
  auto db = open_database();
  must(db.run("CREATE TABLE t AS SELECT 1 AS a; INSERT INTO t VALUES (2);"));
  EXPECT_EQ(number(db, "SELECT sum(a) FROM t"), 3u);
  EXPECT_FALSE(db.run("INSERT INTO nosuch VALUES (1)"));
}

TEST(Database, StreamsRowsWithoutKeepingThem) {
  Settings settings;
  settings.memory_limit = std::uint64_t{100} << 20;
  settings.threads = 1;
  auto db = must(Database::open(settings));
  auto rows = must(db.query("SELECT i, i * 2, i * 3, i * 5 FROM range(20000000) t(i)"));  // 640 MB
  std::uint64_t count = 0;
  while (must(rows.next_chunk())) count += rows.size();
  EXPECT_EQ(count, 20'000'000u);
}

TEST(Database, InterruptsAQueryFromAnotherThread) {
  auto db = open_database();
  std::thread interrupter([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    db.interrupt();
  });
  const Time start = monotonic_now();
  const auto error = [&]() -> Error {
    auto rows = db.query("SELECT count(*) FROM range(10000000000) a(i) WHERE hash(i) = 42");
    return rows ? rows->all().error() : rows.error();
  }();
  interrupter.join();
  EXPECT_EQ(error.text, "interrupted");
  EXPECT_LT(monotonic_now() - start, 20 * second);
  EXPECT_EQ(number(db, "SELECT 1"), 1u);
}

TEST(Database, InterruptsAnAnswerThatIsBeingFetched) {
  auto db = open_database();
  auto rows = must(db.query("SELECT i FROM range(10000000000) t(i)"));
  ASSERT_TRUE(must(rows.next_chunk()));
  db.interrupt();
  auto more = rows.next_chunk();
  while (more && *more) more = rows.next_chunk();
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().text, "interrupted");
}

TEST(Database, AnswersTwoSessionsSideBySide) {
  auto db = open_database(2);
  must(db.run("CREATE TABLE t AS SELECT i FROM range(100000) t(i)"));
  const auto count = [&] {
    auto session = must(db.connect());
    for (int i = 0; i < 20; ++i) {
      auto rows = must(session.query("SELECT sum(i), [count(*)] FROM t"));
      const Table table = must(rows.all());
      EXPECT_EQ(table.rows[0][0], Value(std::int64_t{4999950000}));
      EXPECT_EQ(to_text(table.rows[0][1]), "[100000]");
    }
  };
  std::thread other(count);
  count();
  other.join();
}

TEST(Database, RowsOutliveTheirDatabase) {
  std::optional<Rows> rows;
  {
    auto db = open_database();
    rows = must(db.query("SELECT i FROM range(5000) t(i)"));
  }
  EXPECT_EQ(must(rows->all()).rows.size(), 5000u);
}

TEST(Database, SpillsToItsTemporaryFolder) {
  const Folder folder;
  Settings settings;
  settings.threads = 1;
  settings.memory_limit = std::uint64_t{64} << 20;
  const std::string sorted = "SELECT h FROM (SELECT hash(i) AS h FROM range(10000000) t(i)) ORDER BY h, h + 1";
  auto without = must(Database::open(settings));
  auto refused = without.query(sorted);
  const bool failed = !refused || !refused->all();
  EXPECT_TRUE(failed);
  settings.temp_directory = folder / "spill";
  auto with = must(Database::open(settings));
  auto rows = must(with.query(sorted));
  std::uint64_t count = 0;
  while (must(rows.next_chunk())) count += rows.size();
  EXPECT_EQ(count, 10'000'000u);
}

TEST(Database, RefusesToCastForStrangers) {
  auto db = open_database();
  EXPECT_FALSE(db.query("FROM flowspan_cast(1)"));
}

}  // namespace
}  // namespace flowspan::engine
