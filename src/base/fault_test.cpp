// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/fault.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/time.hpp"

namespace flowspan {
namespace {

#ifdef FLOWSPAN_FAULTS

// The plan is read once in a process, so each case runs in one of its own and tells its outcome by its exit code.
void plan(const char* faults, const char* while_file = "") {
  ::setenv("FLOWSPAN_FAULT", faults, 1);
  ::setenv("FLOWSPAN_FAULT_WHILE", while_file, 1);
}

/// Exits with the passages that reported a full disk as a binary number, first passage highest.
[[noreturn]] void pass(const char* point, int times) {
  int full = 0;
  for (int i = 0; i < times; ++i) {
    const auto status = fault_point(point);
    full = full * 2 + (!status && status.error().kind == ErrorKind::no_space ? 1 : 0);
  }
  std::exit(full);
}

TEST(FaultPointDeathTest, does_nothing_without_a_plan) {
  EXPECT_EXIT((::unsetenv("FLOWSPAN_FAULT"), std::exit(fault_point("commit") ? 0 : 1)), testing::ExitedWithCode(0), "");
}

TEST(FaultPointDeathTest, kills_at_the_first_passage_of_its_name) {
  EXPECT_EXIT((plan("commit:kill"), pass("commit", 1)), testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT((plan("commit:kill"), pass("other", 1)), testing::ExitedWithCode(0), "");
}

TEST(FaultPointDeathTest, kills_at_the_passage_that_is_asked_for) {
  EXPECT_EXIT((plan("commit:kill:3"), pass("commit", 2)), testing::ExitedWithCode(0), "");
  EXPECT_EXIT((plan("commit:kill:3"), pass("commit", 3)), testing::KilledBySignal(SIGKILL), "");
}

TEST(FaultPointDeathTest, reports_a_full_disk_once) {
  EXPECT_EXIT((plan("write:no-space"), pass("write", 3)), testing::ExitedWithCode(0b100), "");
  EXPECT_EXIT((plan("write:no-space:2"), pass("write", 3)), testing::ExitedWithCode(0b010), "");
}

TEST(FaultPointDeathTest, reports_a_full_disk_while_a_file_exists) {
  const auto file = std::filesystem::temp_directory_path() / ("flowspan-fault-test-" + std::to_string(now()));
  std::ofstream(file) << "x";
  EXPECT_EXIT((plan("write:no-space", file.c_str()), pass("write", 3)), testing::ExitedWithCode(0b111), "");
  EXPECT_EXIT((plan("write:no-space:2", file.c_str()), pass("write", 3)), testing::ExitedWithCode(0b011), "");
  std::filesystem::remove(file);
  EXPECT_EXIT((plan("write:no-space", file.c_str()), pass("write", 3)), testing::ExitedWithCode(0), "");
}

TEST(FaultPointDeathTest, stalls_for_two_seconds) {
  EXPECT_EXIT(
      {
        plan("sync:stall");
        const Time start = monotonic_now();
        const bool ok = fault_point("sync").has_value();
        std::exit(ok && monotonic_now() - start >= 2 * second ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(FaultPointDeathTest, knows_several_points_at_once) {
  EXPECT_EXIT((plan("a:no-space,b:kill:2,c:no-space:2"), pass("c", 2)), testing::ExitedWithCode(0b01), "");
  EXPECT_EXIT((plan("a:no-space,b:kill:2"), pass("b", 2)), testing::KilledBySignal(SIGKILL), "");
}

TEST(FaultPointDeathTest, refuses_a_plan_that_it_cannot_read) {
  for (const char* faults : {"commit", ":kill", "commit:", "commit:explode", "commit:kill:", "commit:kill:0",
                             "commit:kill:-1", "commit:kill:1x", "a:kill,b"})
    EXPECT_EXIT(
        {
          plan(faults);
          const auto status = fault_point("anything");
          std::exit(!status && status.error().kind == ErrorKind::usage ? 0 : 1);
        },
        testing::ExitedWithCode(0), "")
        << faults;
}

#else

TEST(FaultPoint, is_not_in_a_release_build) {
  ::setenv("FLOWSPAN_FAULT", "commit:kill", 1);
  EXPECT_TRUE(fault_point("commit"));
}

#endif

}  // namespace
}  // namespace flowspan
