// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "server/prometheus.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace flowspan::server {
namespace {

std::string number(double value) {
  const std::string text = prometheus_text({{"m", "A.", MetricType::gauge, {}, value}});
  return text.substr(text.rfind(' ') + 1);
}

TEST(Prometheus, WritesHelpTypeAndValue) {
  EXPECT_EQ(prometheus_text({{"flowspan_flows_total", "Flow records decoded.", MetricType::counter, {}, 12}}),
            "# HELP flowspan_flows_total Flow records decoded.\n"
            "# TYPE flowspan_flows_total counter\n"
            "flowspan_flows_total 12\n");
}

TEST(Prometheus, NothingIsAnEmptyText) { EXPECT_EQ(prometheus_text({}), ""); }

TEST(Prometheus, NumbersOfOneNameStandTogetherUnderOneHead) {
  EXPECT_EQ(prometheus_text({{"a", "A.", MetricType::gauge, {{"worker", "0"}}, 1},
                             {"b_total", "B.", MetricType::counter, {}, 2},
                             {"a", "A.", MetricType::gauge, {{"worker", "1"}, {"listen", ":2055"}}, 3}}),
            "# HELP a A.\n# TYPE a gauge\na{worker=\"0\"} 1\na{worker=\"1\",listen=\":2055\"} 3\n"
            "# HELP b_total B.\n# TYPE b_total counter\nb_total 2\n");
}

TEST(Prometheus, EscapesWhatWouldEndALabelOrALine) {
  EXPECT_EQ(prometheus_text({{"a", "a \"b\"\\\nc", MetricType::gauge, {{"exporter", "x\"y\\z\nÄ"}}, 0}}),
            "# HELP a a \"b\"\\\\\\nc\n# TYPE a gauge\na{exporter=\"x\\\"y\\\\z\\nÄ\"} 0\n");
}

TEST(Prometheus, WholeNumbersHaveNoPoint) {
  EXPECT_EQ(number(0), "0\n");
  EXPECT_EQ(number(9007199254740991.0), "9007199254740991\n");
  EXPECT_EQ(number(-3), "-3\n");
}

TEST(Prometheus, OtherNumbersAreExact) {
  EXPECT_EQ(std::stod(number(0.1)), 0.1);
  EXPECT_EQ(std::stod(number(1764000000.123)), 1764000000.123);
  EXPECT_EQ(std::stod(number(1e300)), 1e300);
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "+Inf\n");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-Inf\n");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "NaN\n");
}

}  // namespace
}  // namespace flowspan::server
