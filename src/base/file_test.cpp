// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <thread>

namespace flowspan {
namespace {

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

/// A folder of its own for each test.
class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "flowspan-file-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override {
    if (!folder.empty()) std::filesystem::remove_all(folder);
  }

  std::size_t count_files() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
    return count;
  }
  void write(const std::filesystem::path& path, std::string_view text) const {
    auto file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
    ASSERT_TRUE(file);
    ASSERT_TRUE(write_all(file->fd(), std::as_bytes(std::span(text)), path));
  }

  std::filesystem::path folder;
};

/// Runs a function in another process, which then waits to be ended.
class Process {
 public:
  template <typename Function>
  explicit Process(Function run) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      const char answer = run() ? '+' : '-';
      if (::write(ends[1], &answer, 1) != 1) ::_exit(1);
      while (true) ::pause();
    }
    char answer = 0;
    ok_ = ::read(ends[0], &answer, 1) == 1 && answer == '+';
    ::close(ends[0]);
    ::close(ends[1]);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() { kill(); }

  bool ok() const { return ok_; }
  pid_t pid() const { return pid_; }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  bool ok_ = false;
};

TEST_F(Files, a_descriptor_is_closed_once_by_its_last_owner) {
  auto opened = open_file(folder, O_RDONLY);
  ASSERT_TRUE(opened);
  const int fd = opened->fd();
  FileDescriptor owner = std::move(*opened);
  EXPECT_FALSE(*opened);
  EXPECT_EQ(owner.fd(), fd);
  owner.close();
  owner.close();
  EXPECT_FALSE(owner);
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

TEST_F(Files, are_not_inherited_by_programs_we_start) {
  auto file = open_file(folder, O_RDONLY);
  ASSERT_TRUE(file);
  EXPECT_TRUE(::fcntl(file->fd(), F_GETFD) & FD_CLOEXEC);
}

TEST_F(Files, that_are_missing_are_named_with_advice) {
  const auto file = open_file(folder / "none", O_RDONLY);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().text,
            "cannot open " + (folder / "none").string() + ": No such file or directory (check the path)");
  EXPECT_EQ(file.error().kind, ErrorKind::not_found);
}

TEST_F(Files, report_a_full_disk_as_such) {
  auto full = open_file("/dev/full", O_WRONLY);
  if (!full) GTEST_SKIP() << "no /dev/full here";
  const auto status = write_all(full->fd(), std::as_bytes(std::span("x", 1)), "the journal");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::no_space);
  EXPECT_EQ(status.error().text, "cannot write the journal: No space left on device (free some space there)");
}

TEST_F(Files, write_all_survives_short_writes) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const std::string text(1'000'000, 'x');  // more than a pipe holds, so that write(2) must be called again
  std::size_t received = 0;
  std::thread reader([&] {
    std::array<char, 5000> block{};
    for (ssize_t size = 0; (size = ::read(ends[0], block.data(), block.size())) > 0;)
      received += static_cast<std::size_t>(size);
  });
  EXPECT_TRUE(write_all(ends[1], std::as_bytes(std::span(text)), "a pipe"));
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  EXPECT_EQ(received, text.size());
}

TEST_F(Files, and_folders_can_be_synced) {
  write(folder / "file", "text");
  auto file = open_file(folder / "file", O_RDWR);
  ASSERT_TRUE(file);
  EXPECT_TRUE(sync_data(file->fd(), folder / "file"));
  EXPECT_TRUE(sync_path(folder / "file"));
  EXPECT_TRUE(sync_path(folder));
  EXPECT_TRUE(sync_path(folder.string() + "/"));
  EXPECT_TRUE(sync_path("/"));
  EXPECT_EQ(sync_path(folder / "none").error().kind, ErrorKind::not_found);
}

TEST_F(Files, without_a_folder_in_their_path_can_be_synced) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder);
  write("file", "text");
  EXPECT_TRUE(sync_path("file"));
  EXPECT_TRUE(replace_file("file", "new"));
  std::filesystem::current_path(before);
  EXPECT_EQ(read_file(folder / "file", 10).value(), "new");
}

TEST_F(Files, a_replaced_file_has_the_new_content_and_leaves_nothing_behind) {
  ASSERT_TRUE(replace_file(folder / "file", "a long first content"));
  ASSERT_TRUE(replace_file(folder / "file", "second"));
  EXPECT_EQ(read_file(folder / "file", 100).value(), "second");
  ASSERT_TRUE(replace_file(folder / "file", ""));
  EXPECT_EQ(read_file(folder / "file", 100).value(), "");
  EXPECT_EQ(count_files(), 1u);
}

TEST_F(Files, a_file_that_is_being_replaced_is_read_whole) {
  const std::string old(100'000, 'a');
  const std::string young(50'000, 'b');
  ASSERT_TRUE(replace_file(folder / "file", old));
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) (void)replace_file(folder / "file", i % 2 == 0 ? young : old);
    done = true;
  });
  std::size_t torn = 0;
  while (!done) {
    const auto text = read_file(folder / "file", no_limit);
    if (!text || (*text != old && *text != young)) ++torn;
  }
  writer.join();
  EXPECT_EQ(torn, 0u);
}

TEST_F(Files, a_file_that_cannot_be_replaced_stays_as_it_was) {
  std::filesystem::create_directories(folder / "taken" / "inside");
  const auto status = replace_file(folder / "taken", "text");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().text.find("cannot replace " + (folder / "taken").string() + ": "), 0u)
      << status.error().text;
  EXPECT_TRUE(std::filesystem::is_directory(folder / "taken" / "inside"));
  EXPECT_EQ(count_files(), 1u) << "the temporary file is gone";
  EXPECT_EQ(replace_file(folder / "none" / "file", "text").error().kind, ErrorKind::not_found);
}

TEST_F(Files, of_exactly_the_limit_are_read_and_larger_ones_refused) {
  write(folder / "file", std::string(2048, 'x'));
  EXPECT_EQ(read_file(folder / "file", 2048).value().size(), 2048u);
  EXPECT_EQ(read_file(folder / "file", no_limit).value().size(), 2048u);
  const auto refused = read_file(folder / "file", 2047);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "cannot read " + (folder / "file").string() +
                                      ": it is larger than 2 KiB, the most such a file may be (check that it is the "
                                      "right one)");
  EXPECT_FALSE(read_file(folder / "file", 0));
}

TEST_F(Files, larger_than_a_block_are_read_as_they_are) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i);
  text += '\0';
  write(folder / "file", text);
  EXPECT_EQ(read_file(folder / "file", no_limit).value(), text);
}

TEST_F(Files, of_unknown_size_are_read_to_their_end) {
  if (!std::filesystem::exists("/proc/self/status")) GTEST_SKIP() << "no /proc here";
  EXPECT_GT(read_file("/proc/self/status", 1024 * 1024).value().size(), 0u);
}

TEST_F(Files, a_folder_is_no_file_to_read) {
  const auto text = read_file(folder, 100);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().text, "cannot read " + folder.string() + ": Is a directory (name a file)");
}

TEST_F(Files, a_disk_has_space_and_not_more_free_than_all) {
  const auto space = disk_space(folder);
  ASSERT_TRUE(space);
  EXPECT_GT(space->total, 0u);
  EXPECT_LE(space->free, space->total);
  EXPECT_EQ(disk_space(folder / "none").error().kind, ErrorKind::not_found);
}

TEST_F(Files, a_lock_held_by_another_process_names_its_pid) {
  const auto path = folder / "lock";
  std::optional<Result<LockFile>> theirs;  // in the child: held until it is killed
  Process holder([&] { return theirs.emplace(LockFile::acquire(path, "collect")).has_value(); });
  ASSERT_TRUE(holder.ok());
  const auto ours = LockFile::acquire(path, "collect into ./flowspan-data");
  ASSERT_FALSE(ours);
  EXPECT_EQ(ours.error().kind, ErrorKind::busy);
  EXPECT_EQ(ours.error().text, "cannot collect into ./flowspan-data: " + path.string() +
                                   " is locked; wait for or stop process " + std::to_string(holder.pid()));
}

TEST_F(Files, a_lock_is_free_when_its_holder_was_killed) {
  const auto path = folder / "lock";
  std::optional<Result<LockFile>> theirs;
  Process holder([&] { return theirs.emplace(LockFile::acquire(path, "collect")).has_value(); });
  ASSERT_TRUE(holder.ok());
  holder.kill();
  EXPECT_TRUE(LockFile::acquire(path, "collect"));
}

TEST_F(Files, a_lock_is_exclusive_within_a_process_and_free_when_destroyed) {
  {
    const auto first = LockFile::acquire(folder / "lock", "collect");
    ASSERT_TRUE(first);
    const auto second = LockFile::acquire(folder / "lock", "collect");
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().text.ends_with("process " + std::to_string(::getpid()))) << second.error().text;
  }
  EXPECT_TRUE(LockFile::acquire(folder / "lock", "collect"));
}

TEST_F(Files, a_lock_file_with_a_longer_text_of_old_names_only_the_new_holder) {
  write(folder / "lock", "123456789 and more\n");
  const auto lock = LockFile::acquire(folder / "lock", "collect");
  ASSERT_TRUE(lock);
  EXPECT_EQ(read_file(folder / "lock", 100).value(), std::to_string(::getpid()) + "\n");
}

TEST_F(Files, a_lock_whose_holder_wrote_no_living_pid_is_busy_all_the_same) {
  const auto lock = LockFile::acquire(folder / "lock", "collect");
  ASSERT_TRUE(lock);
  write(folder / "lock", "");
  const auto second = LockFile::acquire(folder / "lock", "collect");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  EXPECT_TRUE(second.error().text.ends_with("process (unknown pid)")) << second.error().text;
}

TEST_F(Files, a_lock_in_a_missing_folder_is_an_error_not_busy) {
  EXPECT_EQ(LockFile::acquire(folder / "none" / "lock", "collect").error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace flowspan
