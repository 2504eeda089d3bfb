// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

#include "journal/append.hpp"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/journal_test.hpp"
#include "journal/ring.hpp"

namespace flowspan::journal {
namespace {

using namespace testing;  // of this folder

std::unique_ptr<Appender> make_appender(AppendOptions options) {
  if (options.interfaces.empty()) options.interfaces = {"udp [::]:2055"};
  auto appender = Appender::open(std::move(options));
  if (!appender) {
    ADD_FAILURE() << appender.error().text;
    std::abort();
  }
  return std::move(*appender);
}

Position append(Appender& appender, const Buffer& content) {
  Bytes blocks = content;
  const auto position = appender.append(blocks);
  EXPECT_TRUE(position) << position.error().text;
  EXPECT_TRUE(blocks.empty());
  return position.value_or(Position{});
}

TEST(Appender, BeginsAFileWithItsHeaderAndAppendsWholeBlocks) {
  const TemporaryFolder folder;
  const auto directory = folder.path() / "journal";
  const auto appender = make_appender({.directory = directory});
  const auto path = journal_path(directory, 1);
  EXPECT_EQ(read_bytes(path), header());
  EXPECT_EQ(appender->position(), (Position{1, header().size()}));
  const Buffer block = packet_block(sample(1, 50));
  EXPECT_EQ(append(*appender, block + block), (Position{1, header().size() + 2 * block.size()}));
  EXPECT_EQ(read_bytes(path), header() + block + block);
  EXPECT_EQ(appender->total_bytes(), std::filesystem::file_size(path));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u & ~0640u, 0u);
}

TEST(Appender, RollsAtABlockBoundaryAndNoFileIsLongerThanAllowed) {
  const TemporaryFolder folder;
  const auto appender = make_appender({.directory = folder.path(), .max_file_bytes = 1000, .sync_interval = second});
  std::vector<Sample> sent;
  Buffer all;
  for (std::uint32_t i = 0; i < 100; ++i) {
    sent.push_back(sample(i, i * 5));
    all = all + packet_block(sent.back());
  }
  append(*appender, all);
  const auto journals = list_journals(folder.path()).value();
  for (const std::uint32_t sequence : journals.at(0)) {
    EXPECT_LE(std::filesystem::file_size(journal_path(folder.path(), sequence)), 1000u);
  }
  EXPECT_GT(appender->position().file, 20u);
  const auto follower = follow(folder.path());
  EXPECT_EQ(take_all(*follower), sent);
  EXPECT_EQ(follower->position(), appender->position());
}

TEST(Appender, ABlockLongerThanAFileGetsAFileOfItsOwn) {
  const TemporaryFolder folder;
  const auto appender = make_appender({.directory = folder.path(), .max_file_bytes = 1000});
  const std::vector<Sample> sent{sample(1, 10), sample(2, 3000), sample(3, 10), sample(4, 2000)};
  for (const Sample& made : sent) append(*appender, packet_block(made));
  EXPECT_EQ(appender->position().file, 4u);
  EXPECT_EQ(take_all(*follow(folder.path())), sent);
}

TEST(Appender, RefusesBytesThatAreNoBlockWhereItMustCut) {
  const TemporaryFolder folder;
  const auto appender = make_appender({.directory = folder.path(), .max_file_bytes = 1000});
  const Buffer garbage(2000, std::byte{7});
  Bytes blocks = garbage;
  EXPECT_FALSE(appender->append(blocks));
  EXPECT_EQ(blocks.size(), garbage.size());
}

TEST(Appender, EveryStartBeginsANewFile) {
  const TemporaryFolder folder;
  append(*make_appender({.directory = folder.path()}), packet_block(sample(1, 1)));
  EXPECT_EQ(make_appender({.directory = folder.path()})->position().file, 2u);
  EXPECT_EQ(make_appender({.directory = folder.path(), .first_file = 9})->position().file, 9u);
  const auto other = make_appender({.directory = folder.path(), .writer = 1});
  EXPECT_EQ(other->position().file, 1u);
  const auto appender = make_appender({.directory = folder.path(), .first_file = 2});
  EXPECT_EQ(appender->position().file, 10u);
  EXPECT_EQ(appender->total_bytes(), 4 * header().size() + packet_block(sample(1, 1)).size());
}

TEST(Appender, RemovesFilesBeforeAPositionButNeverTheCurrentOne) {
  const TemporaryFolder folder;
  const auto appender = make_appender({.directory = folder.path(), .max_file_bytes = 400});
  write_file(folder.path() / "1-0000000001.pcapng", {});
  for (std::uint32_t i = 0; i < 10; ++i) append(*appender, packet_block(sample(i, 200)));
  ASSERT_EQ(appender->position().file, 10u);
  ASSERT_TRUE(appender->remove_before({4, 300}));
  EXPECT_EQ(list_journals(folder.path()).value().at(0).front(), 4u);
  ASSERT_TRUE(appender->remove_before({1000, 0}));
  const auto left = list_journals(folder.path()).value();
  EXPECT_EQ(left.at(0), (std::vector<std::uint32_t>{10}));
  EXPECT_EQ(left.at(1), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(appender->total_bytes(), std::filesystem::file_size(journal_path(folder.path(), 10)));
}

TEST(Appender, SyncsAndClosesAndRefusesMore) {
  const TemporaryFolder folder;
  const auto appender = make_appender({.directory = folder.path(), .sync_interval = second});
  append(*appender, packet_block(sample(1, 1)));
  EXPECT_TRUE(appender->sync_due(5 * second));
  EXPECT_TRUE(appender->sync_due(5 * second + 1));
  EXPECT_TRUE(appender->close());
  EXPECT_TRUE(appender->close());
  const Buffer block = packet_block(sample(2, 1));
  Bytes blocks = block;
  EXPECT_FALSE(appender->append(blocks));
  EXPECT_EQ(blocks.size(), block.size());
}

TEST(Appender, SaysWhereItCannotWrite) {
  const TemporaryFolder folder;
  const auto appender = Appender::open({.directory = folder.path() / "none" / "journal"});
  ASSERT_FALSE(appender);
  EXPECT_NE(appender.error().text.find("none/journal"), std::string::npos) << appender.error().text;
}

// A file system of a few pages, as root only.
class FullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=128k,mode=0700") != 0) {
      GTEST_SKIP() << "NOT TESTED: a full disk needs root to mount a small tmpfs";
    }
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  std::filesystem::path ballast() const { return folder_.path() / "ballast"; }

  TemporaryFolder folder_;
  bool mounted_ = false;
};

TEST_F(FullDisk, CutsATornBlockOffAndGoesOnWithoutLossOrDouble) {
  for (const std::uint64_t limit : {std::uint64_t{64} << 20, std::uint64_t{20'000}}) {
    const auto directory = folder_.path() / std::to_string(limit);
    const auto appender = make_appender({.directory = directory, .max_file_bytes = limit, .sync_interval = second});
    write_file(ballast(), Buffer(40'000));
    auto follower = follow(directory);
    std::vector<Sample> sent;
    std::vector<Sample> seen;
    Buffer all;
    for (std::uint32_t i = 0; i < 100; ++i) {
      sent.push_back(sample(i, 900 + i));
      all = all + packet_block(sent.back());
    }
    Bytes blocks = all;
    auto position = appender->append(blocks);
    ASSERT_FALSE(position);
    EXPECT_EQ(position.error().kind, ErrorKind::no_space) << position.error().text;
    EXPECT_FALSE(blocks.empty());
    EXPECT_LT(blocks.size(), all.size());
    EXPECT_EQ(block_length(blocks) > 0, true);
    const auto path = journal_path(directory, appender->position().file);
    EXPECT_EQ(std::filesystem::file_size(path), appender->position().offset);  // nothing torn is left
    for (auto& made : take_all(*follower)) seen.push_back(std::move(made));
    EXPECT_EQ(follower->position(), appender->position());
    EXPECT_FALSE(appender->append(blocks));  // still full
    for (auto& made : take_all(*follower)) seen.push_back(std::move(made));

    std::filesystem::remove(ballast());
    position = appender->append(blocks);
    ASSERT_TRUE(position) << position.error().text;
    for (auto& made : take_all(*follower)) seen.push_back(std::move(made));
    EXPECT_EQ(seen, sent);
    EXPECT_EQ(take_all(*follow(directory)), sent);
    EXPECT_EQ(follower->stats().damaged_blocks, 0u);
    EXPECT_EQ(follower->position(), *position);
    std::filesystem::remove_all(directory);
  }
}

TEST_F(FullDisk, AStartWithoutAnySpaceIsAnErrorOfItsKind) {
  const auto directory = folder_.path() / "journal";
  std::filesystem::create_directory(directory);
  write_file(ballast(), Buffer(1 << 20));
  const auto appender = Appender::open({.directory = directory, .interfaces = {"udp [::]:2055"}});
  ASSERT_FALSE(appender);
  EXPECT_EQ(appender.error().kind, ErrorKind::no_space) << appender.error().text;
}

}  // namespace
}  // namespace flowspan::journal
