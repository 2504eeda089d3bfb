// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

namespace flowspan {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class ScratchFolderTest : public testing::Test {
 protected:
  ScratchFolderTest() : base_((fs::temp_directory_path() / "flowspan-scratch-XXXXXX").string()) {
    EXPECT_NE(::mkdtemp(base_.data()), nullptr);
  }
  ~ScratchFolderTest() override { fs::remove_all(base_); }

  /// What a killed process leaves: a lock file that nobody has locked.
  fs::path left_over(const std::string& name) const {
    const fs::path path = base() / name;
    fs::create_directories(path / "flowspan-data" / "segments");
    std::ofstream(path / "flowspan-data" / "catalog.sqlite3") << "x";
    std::ofstream(path / "lock") << "1\n";
    return path;
  }
  std::vector<fs::path> remove_dead() const { return ScratchFolder::remove_dead(base(), "demo"); }
  fs::path base() const { return base_; }

 private:
  std::string base_;
};

TEST_F(ScratchFolderTest, IsOfThisUserAndGoesWithItsOwner) {
  fs::path path;
  {
    auto folder = ScratchFolder::make(base(), "demo");
    ASSERT_TRUE(folder) << folder.error().text;
    path = folder->path();
    EXPECT_TRUE(path.filename().string().starts_with("demo-"));
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
    fs::create_directory(path / "data");
    const ScratchFolder moved = std::move(*folder);
    EXPECT_THAT(remove_dead(), ElementsAre());
    EXPECT_TRUE(fs::exists(path / "data"));
  }
  EXPECT_FALSE(fs::exists(path));
  const auto none = ScratchFolder::make(base() / "none", "demo");
  ASSERT_FALSE(none);
  EXPECT_TRUE(none.error().text.starts_with("cannot make a folder in " + base().string() + "/none"))
      << none.error().text;
}

TEST_F(ScratchFolderTest, OfADeadProcessIsRemovedByTheNext) {
  const fs::path dead = left_over("demo-abcdef");
  auto alive = ScratchFolder::make(base(), "demo");
  ASSERT_TRUE(alive);
  EXPECT_THAT(remove_dead(), ElementsAre(dead));
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_TRUE(fs::exists(alive->path()));
  EXPECT_THAT(remove_dead(), ElementsAre());
}

TEST_F(ScratchFolderTest, OfAKilledProcessIsFree) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto folder = ScratchFolder::make(base(), "demo");
    if (folder) (void)::raise(SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(remove_dead().size(), 1u);
  EXPECT_TRUE(fs::is_empty(base()));
}

TEST_F(ScratchFolderTest, NothingElseIsTouched) {
  const fs::path elsewhere = left_over("elsewhere");
  const std::vector<fs::path> others{left_over("demo-abcde"), left_over("demo-abcdefg"), left_over("demoXabcdef"),
                                     left_over("other-abcdef")};
  fs::create_directory_symlink(elsewhere, base() / "demo-linked");
  const fs::path no_lock = left_over("demo-nolock");
  fs::remove(no_lock / "lock");
  const fs::path linked_lock = left_over("demo-lnlock");
  fs::remove(linked_lock / "lock");
  fs::create_symlink(elsewhere / "lock", linked_lock / "lock");
  const fs::path folder_lock = left_over("demo-dirlck");
  fs::remove(folder_lock / "lock");
  fs::create_directory(folder_lock / "lock");
  std::ofstream(base() / "demo-a-file") << "x";
  EXPECT_THAT(remove_dead(), ElementsAre());
  for (const fs::path& path : others) EXPECT_TRUE(fs::exists(path / "flowspan-data")) << path;
  for (const fs::path& path : {elsewhere, no_lock, linked_lock, folder_lock})
    EXPECT_TRUE(fs::exists(path / "flowspan-data" / "catalog.sqlite3")) << path;
  EXPECT_TRUE(fs::is_symlink(base() / "demo-linked"));
  EXPECT_TRUE(ScratchFolder::remove_dead(base() / "none", "demo").empty());
}

TEST_F(ScratchFolderTest, SomebodyElsesIsNotTouched) {
  const fs::path folder = left_over("demo-theirs");
  const fs::path lock = left_over("demo-itlock");
  constexpr uid_t nobody = 65534;
  if (::chown(folder.c_str(), nobody, nobody) != 0 || ::chown((lock / "lock").c_str(), nobody, nobody) != 0)
    GTEST_SKIP() << "only root can give a folder to somebody else";
  EXPECT_THAT(remove_dead(), ElementsAre());
  EXPECT_TRUE(fs::exists(folder / "flowspan-data"));
  EXPECT_TRUE(fs::exists(lock / "flowspan-data"));
}

TEST_F(ScratchFolderTest, LinksInItAreNotFollowed) {
  const fs::path elsewhere = left_over("elsewhere");
  const fs::path dead = left_over("demo-abcdef");
  fs::create_directory_symlink(elsewhere, dead / "link");
  EXPECT_THAT(remove_dead(), ElementsAre(dead));
  EXPECT_TRUE(fs::exists(elsewhere / "flowspan-data" / "catalog.sqlite3"));
}

}  // namespace
}  // namespace flowspan
