// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/newest.hpp"

#include <map>
#include <tuple>

#include "query/answer.hpp"
#include "store/flows_for_test.hpp"

namespace flowspan::query {
namespace {

using namespace store::testing;

/// Where flows come from: a segment, or the journal of a writer. Its flows are known by their exporter, which is its
/// number, and by their bytes, which are 100 + row.
struct Source {
  std::uint32_t writer;
  std::uint64_t sequence;  ///< of a segment, in the order in which they are committed; 99: the journal
  std::uint64_t rows;
  Time received;
  Duration step;
};
constexpr std::uint64_t live = 99;

/// (exporter, row).
using Flow = std::pair<std::uint64_t, std::uint64_t>;

/// Keeps (exporter_lo, bytes) of each row.
class Flows final : public RowWriter {
 public:
  Flows() : RowWriter({}, {}) {}
  void begin(const std::vector<engine::Column>&) override {}
  void row(std::span<const engine::Value> values) override {
    found.emplace_back(std::get<std::uint64_t>(values[0]), std::get<std::uint64_t>(values[1]) - 100);
  }
  Status end(std::string_view text) override {
    quality = text;
    return {};
  }
  std::vector<Flow> found;
  std::string quality;
};

class NewestTest : public StoreTest {
 protected:
  void fill(const std::vector<Source>& sources) {
    sources_ = sources;
    store::SegmentStore segments(store());
    std::map<std::uint32_t, std::uint64_t> ends;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const auto& source = sources_[i];
      if (source.sequence == live) continue;
      auto flows = flows_of(i);
      auto& end = ends[source.writer];
      const auto range = test_range(source.writer, end, end + 100, source.rows, source.received, source.step);
      const auto done = segments.commit(range, *flows, [] { return std::string("state"); });
      ASSERT_TRUE(done) << done.error().text;
      end += 100;
    }
  }

  std::unique_ptr<TestFlows> flows_of(std::size_t source) const {
    const auto& from = sources_[source];
    auto flows = std::make_unique<TestFlows>(from.rows, 0, from.received, from.step);
    flows->exporter = source;
    return flows;
  }

  /// The journals, the last one first: their order must not count.
  LiveReaders journals() {
    return [this](const store::Store&, const store::Snapshot&) -> Result<std::vector<LiveWriter>> {
      std::vector<LiveWriter> writers;
      for (std::size_t i = sources_.size(); i-- > 0;)
        if (sources_[i].sequence == live)
          writers.push_back({sources_[i].writer, [this, i](const flow::FieldSet&) { return flows_of(i); }});
      return writers;
    };
  }

  /// All flows, the newest first, by the definition: (received_time, writer, sequence, row).
  std::vector<Flow> newest_first() const {
    std::vector<std::tuple<Time, std::uint32_t, std::uint64_t, std::uint64_t, std::uint64_t>> flows;
    for (std::size_t i = 0; i < sources_.size(); ++i)
      for (std::uint64_t row = 0; row < sources_[i].rows; ++row)
        flows.emplace_back(sources_[i].received + static_cast<Duration>(row) * sources_[i].step, sources_[i].writer,
                           sources_[i].sequence, row, i);
    std::sort(flows.rbegin(), flows.rend());
    std::vector<Flow> order;
    for (const auto& [time, writer, sequence, row, source] : flows) order.emplace_back(source, row);
    return order;
  }

  Truth ask(std::uint64_t newest, std::vector<Flow>& found) {
    Request request;
    request.store = path();
    request.sql = "SELECT exporter_lo, bytes FROM flows";
    request.newest = newest;
    Flows rows;
    const auto truth = answer(request, journals(), rows);
    EXPECT_TRUE(truth) << truth.error().text;
    found = rows.found;
    std::sort(found.begin(), found.end());
    return truth.value_or(Truth{});
  }

  /// For each number of flows there may be: exactly the newest are found.
  void expect_exact() {
    const auto order = newest_first();
    std::vector<std::size_t> numbers{1'000'000, ~std::size_t{0}};
    for (std::size_t newest = 1; newest <= order.size() + 2; ++newest) numbers.push_back(newest);
    for (const auto newest : numbers) {
      std::vector<Flow> expected(order.begin(), order.begin() + static_cast<long>(std::min(newest, order.size())));
      std::sort(expected.begin(), expected.end());
      std::vector<Flow> found;
      const auto truth = ask(newest, found);
      EXPECT_EQ(found, expected) << "the newest " << newest;
      ASSERT_TRUE(truth.newest);
      EXPECT_EQ(truth.newest->flows, newest);
      EXPECT_EQ(truth.newest->received_from.has_value(), newest <= order.size());
    }
  }

  std::vector<Source> sources_;
};

TEST_F(NewestTest, AreExactHoweverManyShareATime) {
  fill({{0, 1, 5, start, 0},
        {1, 1, 5, start, 0},
        {0, 2, 5, start, millisecond},
        {1, 2, 6, start + 2 * millisecond, 0},
        {0, live, 4, start + 4 * millisecond, millisecond},
        {1, live, 3, start + 4 * millisecond, 0}});
  expect_exact();
}

TEST_F(NewestTest, AreFoundInSegmentsAlone) {
  fill({{0, 1, 3, start, second}, {1, 1, 4, start + second, 0}, {0, 2, 3, start + 3 * second, 0}});
  expect_exact();
}

TEST_F(NewestTest, AreFoundInTheJournalAlone) {
  fill({{0, live, 7, start, 0}, {1, live, 4, start, millisecond}});
  expect_exact();
}

TEST_F(NewestTest, OfAnEmptyStoreAreNone) {
  expect_exact();  // asks for one and for two
}

TEST_F(NewestTest, ReadOnlyFilesThatMayHoldThem) {
  std::vector<Source> sources;
  for (std::uint64_t i = 0; i < 20; ++i)
    sources.push_back({0, i + 1, 10, start + static_cast<Duration>(i) * minute, second});
  fill(sources);
  std::vector<Flow> found;
  EXPECT_EQ(ask(10, found).files, 1u);
  EXPECT_EQ(ask(11, found).files, 2u);
  const auto truth = ask(25, found);
  EXPECT_EQ(truth.files, 3u);
  EXPECT_EQ(truth.flows, 30u);
  EXPECT_EQ(truth.newest->received_from, start + 17 * minute + 5 * second);
  EXPECT_EQ(found.size(), 25u);
}

TEST_F(NewestTest, OfOneFileDoNotReadAllOfIt) {
  constexpr std::uint64_t rows = 400'000;  // several row groups
  fill({{0, 1, rows, start, millisecond}});
  const auto snapshot = store::take_snapshot(store(), {}).value();
  const auto files = snapshot.files(store());
  auto database = engine::Database::open({}).value();
  ASSERT_TRUE(engine::register_live_flows(database, {}));
  const auto placed = store::placed_relation_sql(files, places_of(snapshot, {}), snapshot.fields());
  const auto boundary = find_boundary(database, placed, files, 100).value();
  ASSERT_TRUE(boundary);
  EXPECT_EQ(boundary->received, start + static_cast<Duration>(rows - 100) * millisecond);
  EXPECT_EQ(boundary->row, rows - 100);
  auto plan = database.query("EXPLAIN ANALYZE SELECT count(bytes) FROM (" + since_boundary_sql(placed, *boundary) + ")")
                  .value()
                  .all()
                  .value();
  const auto text = std::get<std::string>(plan.rows.at(0).at(1));
  EXPECT_EQ(text.find("400,000 rows"), std::string::npos) << text;
  EXPECT_NE(text.find("100 rows"), std::string::npos) << text;
}

TEST_F(NewestTest, TellLossesSinceThen) {
  store::SegmentStore segments(store());
  for (std::uint64_t i = 0; i < 4; ++i) {
    TestFlows flows(10, 0, start + static_cast<Duration>(i) * minute, second);
    auto range = test_range(0, i, i + 1, 10, start + static_cast<Duration>(i) * minute, second);
    range.lost_flows = 1;
    ASSERT_TRUE(segments.commit(range, flows, [] { return std::string("state"); }));
  }
  sources_.clear();
  EXPECT_EQ(store::take_snapshot(store(), {}, 15).value().loss.lost_flows, 2u);
  EXPECT_EQ(store::take_snapshot(store(), {}, 1000).value().loss.lost_flows, 4u);
}

}  // namespace
}  // namespace flowspan::query
