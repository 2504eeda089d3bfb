// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/nearest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace flowspan::query {
namespace {

constexpr std::array<std::string_view, 6> words{"src_addr", "dst_addr", "dst_port", "bytes", "journal_max", "listen"};

TEST(Nearest, FindsTheWordThatWasMeant) {
  EXPECT_EQ(nearest("scr_addr", words), "src_addr");
  EXPECT_EQ(nearest("dst-port", words), "dst_port");
  EXPECT_EQ(nearest("BYTES", words), "bytes");
  EXPECT_EQ(nearest("byte", words), "bytes");
  EXPECT_EQ(nearest("lisetn", words), "listen");
}

TEST(Nearest, FindsAWordThatIsPartOfAnother) { EXPECT_EQ(nearest("journal", words), "journal_max"); }

TEST(Nearest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("banana", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest("x", words), "");
  EXPECT_EQ(nearest(std::string(1000, 'a'), words), "");
  EXPECT_EQ(did_you_mean("banana", words), "");
}

TEST(Nearest, AsksInASentence) { EXPECT_EQ(did_you_mean("byets", words), ": did you mean 'bytes'?"); }

}  // namespace
}  // namespace flowspan::query
