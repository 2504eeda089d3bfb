// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/segment_hook.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace flowspan::app {
namespace {

TEST(SegmentHook, QuotesForTheShell) {
  EXPECT_EQ(expand_hook("x %f %d %t %n %% %q %", "a'b", "s t", "now", 7), "x 'a'\\''b' 's t' 'now' 7 % %q %");
}

TEST(SegmentHook, RunsWhatWaitsBeforeItEnds) {
  std::string folder = (std::filesystem::temp_directory_path() / "flowspan-hook-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto seen = std::filesystem::path(folder) / "seen";
  {
    SegmentHook hook("sleep 0.05; echo %n >> '" + seen.string() + "'", "store");
    for (std::uint64_t rows = 1; rows <= 3; ++rows) {
      store::CommittedSegment segment;
      segment.segment.rows = rows;
      hook.add(segment);
    }
  }
  std::ifstream in(seen);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(text, "1\n2\n3\n");
  std::filesystem::remove_all(folder);
}

TEST(SegmentHook, CountsACommandThatFails) {
  SegmentHook hook("exit 3", "store");
  hook.add({});
  for (int i = 0; i < 500 && hook.failures() == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(hook.failures(), 1u);
}

}  // namespace
}  // namespace flowspan::app
