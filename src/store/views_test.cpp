// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/views.hpp"

#include "store/flows_for_test.hpp"

namespace flowspan::store {
namespace {

using namespace testing;

class ViewsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    SegmentStore segments(store());
    TestFlows plain(10, 1);
    ASSERT_TRUE(segments.commit(test_range(0, 0, 1, 10), plain, [] { return std::string(); }));
    TestFlows sampled(10, 100, start + hour);
    sampled.sampling = 2.5;
    sampled.exporter = Ip::v4(0xc0000302).lo;
    auto range = test_range(0, 1, 2, 10, start + hour);
    range.fields = test_fields(true);
    ASSERT_TRUE(segments.commit(range, sampled, [] { return std::string(); }));
    files_ = take_snapshot(store(), {}).value().files(store());
    auto database = engine::Database::open({.threads = 1, .memory_limit = 0, .temp_directory = {}});
    ASSERT_TRUE(database.has_value()) << database.error().text;
    database_.emplace(std::move(*database));
  }
  std::string answer(const std::string& sql) {
    auto rows = database_->query(sql);
    EXPECT_TRUE(rows.has_value()) << rows.error().text;
    if (!rows) return "";
    const auto table = rows->all();
    EXPECT_TRUE(table.has_value()) << table.error().text;
    std::string text;
    for (const auto& row : table->rows)
      for (const auto& cell : row)
        text += (text.empty() ? "" : "|") + (engine::is_null(cell) ? "NULL" : engine::to_text(cell));
    return text;
  }
  static std::string create_view(const std::vector<std::filesystem::path>& files, const ViewOptions& options) {
    return "CREATE OR REPLACE TEMP VIEW flows AS " + flows_sql(relation_sql(files, false), options);
  }
  void view(const ViewOptions& options) {
    const auto made = database_->run(create_view(files_, options));
    ASSERT_TRUE(made.has_value()) << made.error().text;
  }

  std::vector<std::filesystem::path> files_;
  std::optional<engine::Database> database_;
};

ViewOptions with_settings() {
  ViewOptions options;
  ExporterSettings net;
  net.match = Prefix::parse("192.0.2.0/24").value();
  net.name = "core's";
  net.default_sampling = 10;
  net.interfaces = {{0, "uplink"}, {1, "it's"}};
  ExporterSettings all;
  all.match = Prefix::parse("0.0.0.0/0").value();
  all.forced_sampling = 100;
  options.exporters = {all, net};
  return options;
}

TEST_F(ViewsTest, HasEveryColumn) {
  view({});
  std::string names;
  for (const auto& field : flow::fields) names += std::string(field.name) + ", ";
  for (const auto& column : view_columns()) {
    EXPECT_EQ(answer("SELECT any_value(typeof(" + std::string(column.name) + ")) FROM flows"), column.type)
        << column.name;
    names += std::string(column.name) + ", ";
  }
  EXPECT_NE(answer("SELECT " + names + "1 FROM flows"), "");
  EXPECT_EQ(answer("SELECT count(*) FROM (DESCRIBE flows)"), std::to_string(flow::field_count + view_columns().size()));
}

TEST_F(ViewsTest, ScalesByTheRateThatWasSaid) {
  view({});
  EXPECT_EQ(answer("SELECT bytes, raw_bytes, packets, raw_packets FROM flows ORDER BY received_time LIMIT 1"),
            "100|100|2|2");
  EXPECT_EQ(answer("SELECT bytes, raw_bytes, packets, typeof(bytes) FROM flows ORDER BY received_time DESC LIMIT 1"),
            "273|109|5|UBIGINT");  // 272.5 rounded
  view({.exporters = {}, .raw = true});
  EXPECT_EQ(answer("SELECT bytes FROM flows ORDER BY received_time DESC LIMIT 1"), "109");
}

TEST_F(ViewsTest, SettingsNameAndScale) {
  view(with_settings());
  EXPECT_EQ(answer("SELECT exporter_name, exporter, bytes, in_if_name, src_addr IS NULL, dst_addr, next_hop FROM flows "
                   "ORDER BY received_time LIMIT 1"),
            "core's|192.0.2.1|1000|uplink|false|10.0.0.0|0.0.0.0");
  EXPECT_EQ(
      answer("SELECT exporter_name, bytes, in_if_name, out_if_name FROM flows ORDER BY received_time DESC LIMIT 1"),
      "192.0.3.2|10900|0|NULL");
  EXPECT_EQ(
      answer(
          "SELECT string_agg(DISTINCT in_if_name, ' ' ORDER BY in_if_name) FROM flows WHERE exporter_name = 'core''s'"),
      "2 it's uplink");
  EXPECT_EQ(answer("SELECT DISTINCT duration_ms FROM flows"), "9000");
}

// The screen scales what it reads from the journal by scale_of(): it must not tell other numbers than an answer.
TEST_F(ViewsTest, ScalesAsScaleOfDoes) {
  ViewOptions options = with_settings();
  ExporterSettings only;
  only.match = Prefix::parse("192.0.2.7").value();  // says nothing of sampling: and only it counts
  ExporterSettings both;
  both.match = Prefix::parse("192.0.2.8").value();
  both.default_sampling = 3;
  both.forced_sampling = 0.5;
  options.exporters.insert(options.exporters.end(), {only, both});
  const auto relation = "SELECT * FROM (" + relation_sql({}, false) +
                        ") UNION ALL BY NAME SELECT ip_hi(e) AS exporter_hi, ip_lo(e) AS exporter_lo, "
                        "r::DOUBLE AS sampling_rate, 1000::UBIGINT AS bytes FROM (VALUES ('192.0.2.1'), ('192.0.2.7'), "
                        "('192.0.2.8'), ('10.0.0.1'), ('2001:db8::1')) AS es(e), "
                        "(VALUES (NULL), (0), (0.25), (1), (100)) AS rs(r)";
  for (const auto& with : {ViewOptions{}, options}) {
    ASSERT_TRUE(database_->run("CREATE OR REPLACE TEMP VIEW flows AS " + flows_sql(relation, with)));
    auto rows = database_->query("SELECT exporter_hi, exporter_lo, sampling_rate, bytes FROM flows");
    ASSERT_TRUE(rows) << rows.error().text;
    const auto table = rows->all();
    ASSERT_TRUE(table) << table.error().text;
    ASSERT_EQ(table->rows.size(), 25u);
    for (const auto& row : table->rows) {
      const Ip exporter{std::get<std::uint64_t>(row[0]), std::get<std::uint64_t>(row[1])};
      const auto* said = std::get_if<double>(&row[2]);
      const double scale =
          scale_of(settings_of(with.exporters, exporter), said != nullptr ? std::optional(*said) : std::nullopt);
      EXPECT_EQ(static_cast<double>(std::get<std::uint64_t>(row[3])), 1000 * scale)
          << exporter.to_string() << " says " << engine::to_text(row[2]);
    }
  }
}

TEST_F(ViewsTest, AnEmptyStoreHasTheSameView) {
  const auto made = database_->run(create_view({}, with_settings()));
  ASSERT_TRUE(made.has_value()) << made.error().text;
  EXPECT_EQ(answer("SELECT count(*), sum(bytes) FROM flows"), "0|NULL");
  EXPECT_EQ(answer("SELECT count(*) FROM (DESCRIBE flows)"), std::to_string(flow::field_count + view_columns().size()));
}

TEST_F(ViewsTest, PortableViewsSayTheSame) {
  for (const auto& options : {ViewOptions{}, with_settings()}) {
    view(options);
    const auto everything = "SELECT count(*), bit_xor(hash(f)) FROM flows AS f";
    const auto expected = answer(everything);
    ASSERT_TRUE(database_->run("DROP VIEW flows"));
    const auto script = portable_views(files_, options);
    EXPECT_EQ(script.find(" addr("), std::string::npos);
    const auto made = database_->run(script);
    ASSERT_TRUE(made.has_value()) << made.error().text;
    EXPECT_EQ(answer(everything), expected);
    ASSERT_TRUE(database_->run("DROP VIEW flows"));
  }
}

TEST_F(ViewsTest, PortableAddressesAreThoseOfRfc5952) {
  ASSERT_TRUE(database_->run(portable_views(files_, {})));
  for (const char* text : {"::", "::1", "1::", "2001:db8::1", "2001:db8:0:1:1:1:1:1", "2001:0:0:1::1",
                           "1:0:2:0:3:0:4:0", "0:1:2:3:4:5:6:7", "fe80::a:0:0:1", "1:2:3:4:5:6:7:8", "10.0.0.1",
                           "255.255.255.255", "0.0.0.0", "::ffff:0:0:1", "1::2:0:0:3:4", "0:0:1::", "2001:db8::ffff"}) {
    const auto ip = Ip::parse(text).value();
    EXPECT_EQ(
        answer("SELECT flowspan_addr(" + std::to_string(ip.hi) + "::UBIGINT, " + std::to_string(ip.lo) + "::UBIGINT)"),
        ip.to_string());
  }
  EXPECT_EQ(answer("SELECT flowspan_addr(0::UBIGINT, NULL::UBIGINT)"), "NULL");
}

}  // namespace
}  // namespace flowspan::store
