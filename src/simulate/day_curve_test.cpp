// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/day_curve.hpp"

#include <gtest/gtest.h>

namespace flowspan::simulate {
namespace {

constexpr Time midnight = 20'000 * day;

TEST(DayCurveTest, HasMeanOneAndIsQuietAtNight) {
  const DayCurve curve;
  double sum = 0;
  for (int i = 0; i < 24 * 60; ++i) sum += curve.factor(midnight + i * minute);
  EXPECT_NEAR(sum / (24 * 60), 1, 1e-9);
  for (int i = 0; i < 24; ++i) {
    EXPECT_GT(curve.factor(midnight + i * hour), 0.2) << i;
    EXPECT_LT(curve.factor(midnight + i * hour), 2) << i;
  }
  EXPECT_GT(curve.factor(midnight + 13 * hour), 2.5 * curve.factor(midnight + 4 * hour));
}

TEST(DayCurveTest, IsTheSameEveryDay) {
  const DayCurve curve;
  EXPECT_DOUBLE_EQ(curve.factor(midnight + 5 * hour), curve.factor(midnight + 12 * day + 5 * hour));
  EXPECT_DOUBLE_EQ(curve.factor(-19 * hour), curve.factor(5 * hour));  // before 1970
}

TEST(DayCurveTest, TellsWhenSoMuchHasPassed) {
  const DayCurve curve;
  EXPECT_NEAR(static_cast<double>(curve.after(midnight, 24 * 3600) - midnight), static_cast<double>(day), 1e9 * 60);
  EXPECT_EQ(curve.after(midnight, 3600 + 12 * 24 * 3600.0), curve.after(midnight, 3600) + 12 * day);
  const Time later = curve.after(midnight + 3 * hour, 1000);
  double sum = 0;
  for (Time t = midnight + 3 * hour; t < later; t += second) sum += curve.factor(t);
  EXPECT_NEAR(sum, 1000, 5);
}

TEST(DayCurveTest, FlatIsOneAlways) {
  const DayCurve flat(true);
  EXPECT_EQ(flat.factor(midnight + 4 * hour), 1);
  EXPECT_EQ(flat.after(midnight, 12.5), midnight + 12'500 * millisecond);
}

}  // namespace
}  // namespace flowspan::simulate
