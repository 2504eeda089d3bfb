// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "store/compaction.hpp"
#include "store/flows_for_test.hpp"
#include "store/import.hpp"
#include "store/verify.hpp"

// A child process, this program again, dies at each fault point; then the same work is done again.
namespace flowspan::store {
namespace {

using namespace testing;

constexpr const char* store_variable = "FLOWSPAN_STORE_TEST";
constexpr std::uint64_t rows_each = 3000;

/// Commits what is missing of four ranges, as recovery does: from the writer's position on.
Status collect(Store& store) {
  const auto lock = store.lock_collector();
  if (!lock) return fail(lock.error());
  if (auto swept = store.sweep(now()); !swept) return fail(swept.error());
  SegmentStore segments(store);
  std::uint64_t done = 0;
  const auto writers = store.writers();
  for (const auto& writer : *writers) done = writer.position.offset / 10;
  for (auto i = done; i < 4; ++i) {
    const Time from = start + static_cast<Time>(i) * 5 * minute;
    TestFlows flows(rows_each, i * rows_each, from);
    auto committed = segments.commit(test_range(0, i * 10, i * 10 + 10, rows_each, from), flows,
                                     [&] { return std::to_string(i + 1); });
    if (!committed) return committed;
  }
  return {};
}

Status import_file(Store& store) {
  auto import = Import::begin(store, {.path = "a.pcap", .size = 1, .digest = "d", .again = false});
  if (!import) return import.error().kind == ErrorKind::usage ? Status{} : fail(import.error());
  for (std::uint64_t i = 0; i < 2; ++i) {
    TestFlows flows(rows_each, (10 + i) * rows_each, start + static_cast<Time>(i) * minute);
    if (auto added = import->add_segment(test_fields(), flows); !added) return added;
  }
  const auto done = import->commit(now());
  return done ? Status{} : fail(done.error());
}

Status retire(Store& store) {
  // As after compaction: the inputs' files go at once.
  const auto unlinked = store.unlink_retired(start + 4 * day, 0);
  return unlinked ? Status{} : fail(unlinked.error());
}

Status everything(const std::filesystem::path& path) {
  auto store = Store::open(path, Mode::create);
  if (!store) return fail(store.error());
  if (auto done = collect(**store); !done) return done;
  if (auto done = import_file(**store); !done) return done;
  const auto compacted = compact(**store, {}, start + 3 * day);
  if (!compacted) return fail(compacted.error());
  return retire(**store);
}

/// What the child of the tests below runs; on its own it is skipped.
TEST(CrashChild, Runs) {
  const char* path = std::getenv(store_variable);
  if (path == nullptr) GTEST_SKIP();
  const auto done = everything(path);
  ASSERT_TRUE(done.has_value()) << done.error().text;
}

/// Runs the child; true when it was killed.
bool run_child(const std::filesystem::path& path, const std::string& fault) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv(store_variable, path.c_str(), 1);
    ::setenv("FLOWSPAN_FAULT", fault.c_str(), 1);
    ::execl("/proc/self/exe", "test_store", "--gtest_filter=CrashChild.Runs", "--gtest_brief=1", nullptr);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGKILL;
  EXPECT_EQ(WEXITSTATUS(status), 0) << fault;
  return false;
}

class CrashTest : public ::testing::TestWithParam<std::string> {};

TEST_P(CrashTest, EveryFlowIsThereOnce) {
#ifndef FLOWSPAN_FAULTS
  GTEST_SKIP() << "SKIPPED: built without fault points";
#endif
  TemporaryFolder folder;
  const auto path = folder.path() / "store";
  ASSERT_TRUE(run_child(path, GetParam())) << "the point was never passed";
  {
    auto store = Store::open(path, Mode::read);
    ASSERT_TRUE(store.has_value()) << store.error().text;
    const auto report = verify(**store, {.deep = true}).value();
    for (const auto& finding : report.findings) EXPECT_FALSE(finding.error) << finding.text;
  }
  const auto done = everything(path);
  ASSERT_TRUE(done.has_value()) << done.error().text;
  auto store = Store::open(path, Mode::create).value();
  EXPECT_EQ(ask(*store, "count(*)"), 6 * rows_each);
  EXPECT_EQ(ask(*store, "count(DISTINCT src_lo)"), 6 * rows_each);
  const auto writers = store->writers().value();
  ASSERT_EQ(writers.size(), 1u);
  EXPECT_EQ(writers[0].position, (Position{1, 40}));
  EXPECT_EQ(writers[0].state, "4");
  // In an hour nothing is left of the crash.
  ASSERT_TRUE(store->sweep(now() + 2 * hour));
  ASSERT_TRUE(store->unlink_retired(start + 4 * day));
  const auto snapshot = take_snapshot(*store, {}).value();
  EXPECT_EQ(files_below(path / "segments"), snapshot.segments.size());
  EXPECT_EQ(files_below(path / "tmp"), 0u);
  EXPECT_TRUE(verify(*store, {.deep = true}).value().findings.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Points, CrashTest,
    ::testing::Values("segment.before_write:kill:2", "segment.before_fsync:kill:2", "segment.after_fsync:kill:2",
                      "segment.after_rename:kill:2", "catalog.before_commit:kill:2", "catalog.after_commit:kill:2",
                      "segment.before_write:kill", "segment.after_rename:kill", "catalog.after_commit:kill:4",
                      "import.before_write:kill:2", "import.after_fsync:kill:2", "import.after_rename:kill",
                      "import.after_rename:kill:2", "import.before_commit:kill", "import.after_commit:kill",
                      "compact.after_write:kill", "compact.after_rename:kill", "compact.before_commit:kill",
                      "compact.after_commit:kill", "compact.after_commit:kill:2", "unlink.before:kill",
                      "unlink.before:kill:3", "unlink.after:kill", "unlink.after:kill:6"),
    [](const auto& point) {
      std::string name = point.param;
      for (char& c : name)
        if (c == '.' || c == ':') c = '_';
      return name;
    });

}  // namespace
}  // namespace flowspan::store
