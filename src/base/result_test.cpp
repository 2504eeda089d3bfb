// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace flowspan {
namespace {

TEST(SystemError, says_what_failed_and_why) {
  EXPECT_EQ(system_error("cannot open x", EACCES).text, "cannot open x: Permission denied");
  EXPECT_EQ(system_error("cannot open x", EACCES).kind, ErrorKind::failed);
}

TEST(SystemError, tells_a_full_disk_and_a_missing_file_from_the_rest) {
  EXPECT_EQ(system_error("x", ENOSPC).kind, ErrorKind::no_space);
  EXPECT_EQ(system_error("x", EDQUOT).kind, ErrorKind::no_space);
  EXPECT_EQ(system_error("x", ENOENT).kind, ErrorKind::not_found);
}

TEST(SystemError, takes_errno_when_no_code_is_given) {
  errno = ENOENT;
  EXPECT_EQ(system_error("x").kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace flowspan
