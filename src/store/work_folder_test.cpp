// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/work_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/flows_for_test.hpp"

namespace flowspan::store {
namespace {

using testing::TemporaryFolder;
using Paths = std::vector<std::filesystem::path>;

TEST(WorkFolder, LivesAsLongAsItsOwner) {
  const TemporaryFolder temporary;
  const auto parent = temporary.path() / "tmp";
  std::filesystem::path path;
  {
    const auto folder = WorkFolder::make(parent, "question");
    ASSERT_TRUE(folder) << folder.error().text;
    path = folder->path();
    EXPECT_EQ(path.parent_path(), parent);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U & ~0750U, 0U) << "others may not look into it";
    EXPECT_EQ(WorkFolder::abandoned(parent), Paths{});
    std::filesystem::create_directories(path / "spill" / "deep");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(WorkFolder, IsAbandonedWhenItsOwnerWasKilled) {
  const TemporaryFolder temporary;
  const auto parent = temporary.path() / "tmp";
  const pid_t child = ::fork();
  if (child == 0) {
    const auto folder = WorkFolder::make(parent, "question");
    ::_exit(folder ? 0 : 1);  // as a kill: nothing is tidied up
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  const auto living = WorkFolder::make(parent, "question");
  ASSERT_TRUE(living);
  const Paths dead = WorkFolder::abandoned(parent);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_NE(dead.front(), living->path());
}

TEST(WorkFolder, SaysWhereItCannotBeMade) {
  const TemporaryFolder temporary;
  const auto file = temporary.path() / "file";
  ASSERT_EQ(::mknod(file.c_str(), S_IFREG | 0640, 0), 0);
  const auto folder = WorkFolder::make(file, "question");
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().text.find(file.string()), std::string::npos) << folder.error().text;
}

}  // namespace
}  // namespace flowspan::store
