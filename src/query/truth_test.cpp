// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/truth.hpp"

#include <gtest/gtest.h>

namespace flowspan::query {
namespace {

using flow::operator""_field;

store::Snapshot snapshot() {
  store::Snapshot taken;
  taken.segments.resize(2);
  taken.segments[0].rows = 1000;
  taken.segments[1].rows = 234;
  taken.segments[1].fields["sampling_rate"_field] = true;
  taken.rows = 1234;
  return taken;
}

TEST(Truth, TellsFilesSamplingAndLossInOneLine) {
  auto truth = truth_of(snapshot(), {});
  EXPECT_EQ(
      truth_text(truth),
      "all times; 2 files with 1,234 flows; no sampling rate is known of 1,000 flows, taken as 1; nothing known lost");
  truth.live = Truth::Live{1, 1'764'000'000'123'456'789};
  truth.loss = {.lost_flows = 2, .dropped_datagrams = 1, .decode_errors = 3};
  truth.quarantined = 1;
  EXPECT_EQ(
      truth_text(truth),
      "all times; 2 files with 1,234 flows, and 1 flow live until 2025-11-24T16:00:00.123Z; no sampling rate is "
      "known of 1,000 flows, taken as 1; known lost: 2 flows on the way, 1 datagram dropped here, 3 decode errors; "
      "1 stretch of the journal in quarantine");
}

TEST(Truth, TellsWhereFlowsWereLost) {
  auto truth = truth_of({}, {});
  truth.loss = {.lost_flows = 1000,
                .dropped_datagrams = 4,
                .decode_errors = 1,
                .dropped_flows = 120,
                .down_flows = 300,
                .undecodable_flows = 1,
                .unclear_flows = 70};
  const auto text = truth_text(truth);
  EXPECT_NE(text.find("known lost: 509 flows on the way, 120 flows in 4 datagrams dropped here, 300 flows while not "
                      "collecting, 1 flow in damaged datagrams, 70 flows on the way or here, 1 decode error"),
            std::string::npos)
      << text;
}

TEST(Truth, SaysWhatWasDoneAboutSampling) {
  auto truth = truth_of({}, {});
  EXPECT_EQ(truth_text(truth),
            "all times; 0 files with 0 flows; an unknown sampling rate is taken as 1; nothing known lost");
  truth.rates_configured = true;
  EXPECT_NE(truth_text(truth).find("sampling rates of the configuration applied"), std::string::npos);
  truth.raw = true;
  EXPECT_NE(truth_text(truth).find("counters as exported"), std::string::npos);
}

TEST(Truth, SaysWhichFlowsAreTheNewest) {
  auto truth = truth_of(snapshot(), {});
  truth.newest = Truth::Newest{100, 1'764'000'000'123'000'000};
  truth.notes = {"one", "two"};
  EXPECT_TRUE(
      truth_text(truth).starts_with("the newest 100 flows, received from 2025-11-24T16:00:00.123Z on; 2 files"));
  EXPECT_TRUE(truth_text(truth).ends_with("; nothing known lost; one; two"));
  EXPECT_NE(truth_json(truth).find(R"("newest":{"flows":100,"received_from":"2025-11-24T16:00:00.123Z"})"),
            std::string::npos);
  EXPECT_NE(truth_json(truth).find(R"("notes":["one","two"])"), std::string::npos);
  truth.newest->received_from.reset();
  EXPECT_TRUE(truth_text(truth).starts_with("all flows, fewer than the newest 100; 2 files"));
  EXPECT_NE(truth_json(truth).find(R"("newest":{"flows":100,"received_from":null})"), std::string::npos);
}

TEST(Truth, IsAnObjectInJson) {
  auto truth = truth_of(snapshot(), {.column = store::TimeColumn::received, .from = 0});
  truth.live = Truth::Live{7, 1'764'000'000'000'000'000};
  truth.loss.lost_flows = 5;
  EXPECT_EQ(
      truth_json(truth),
      R"({"window":{"time":"received","from":"1970-01-01T00:00:00Z","to":null},"newest":null,"files":2,"flows_in_files":1234,)"
      R"("live":{"flows":7,"until":"2025-11-24T16:00:00Z"},"sampling":{"raw":false,"unknown_taken_as":1,)"
      R"("flows_known_to_say_none":1000,"configured":false},"lost":{"flows":5,"datagrams_dropped":0,)"
      R"("decode_errors":0,"on_the_way":5,"dropped_here":0,"not_collecting":0,"undecodable":0,"unclear":0},)"
      R"("quarantined":0,"notes":[]})");
}

}  // namespace
}  // namespace flowspan::query
