// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "app/settings.hpp"
#include "base/file.hpp"

namespace flowspan::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::filesystem::path source = FLOWSPAN_SOURCE_DIR;

std::string text_of(const std::filesystem::path& path) {
  auto text = read_file(path, 1 << 20);
  EXPECT_TRUE(text) << text.error().text;
  return text.value_or("");
}

Configuration parsed(const std::string& toml) {
  auto configuration = parse_configuration(toml, "flowspan.toml");
  EXPECT_TRUE(configuration) << configuration.error().text;
  return configuration.value_or(Configuration{});
}

std::string error(const std::string& toml) {
  const auto configuration = parse_configuration(toml, "flowspan.toml");
  if (configuration) return "no error";
  EXPECT_EQ(configuration.error().kind, ErrorKind::usage);
  return configuration.error().text;
}

void expect_defaults(const Configuration& configuration) {
  for (const auto& setting : settings())
    EXPECT_EQ(setting.text(configuration), setting.text(Configuration{})) << setting.key;
  EXPECT_THAT(configuration.exporters, IsEmpty());
}

/// The example with its commented keys and tables switched on: "# [[exporter]]", "# name = …".
std::string all_switched_on(const std::string& example) {
  std::string text;
  std::istringstream lines(example);
  bool in_table = false;
  for (std::string line; std::getline(lines, line);) {
    in_table |= line == "# [[exporter]]";
    text += (in_table && line.starts_with("# ") ? line.substr(2) : line) + "\n";
  }
  return text;
}

TEST(Configuration, TheExampleIsTheDefaults) {
  const auto example = text_of(source / "examples/flowspan.toml");
  expect_defaults(parsed(example));
  for (const auto& setting : settings())
    EXPECT_THAT(example, HasSubstr("\n" + std::string(setting.key) + " = ")) << "the example lacks a key";
}

TEST(Configuration, TheExamplesExporterIsRight) {
  const auto configuration = parsed(all_switched_on(text_of(source / "examples/flowspan.toml")));
  ASSERT_EQ(configuration.exporters.size(), 1u);
  EXPECT_EQ(configuration.exporters[0].name, "edge-1");
  EXPECT_EQ(configuration.exporters[0].interfaces.at(1), "uplink");
}

TEST(Configuration, TheGuideHasEveryKey) {
  const auto guide = text_of(source / "docs/guide/configuration.md");
  for (const auto& setting : settings()) EXPECT_THAT(guide, HasSubstr("`" + std::string(setting.key) + "`"));
}

TEST(Configuration, AnEmptyFileIsTheDefaults) { expect_defaults(parsed("")); }

TEST(Configuration, EveryKeyIsRead) {
  const auto c = parsed(R"(
store = "/var/lib/flowspan"
listen = ["127.0.0.1:9995", "[::1]:2055"]
workers = 2
ring = "1GiB"
receive_buffer = 33554432
journal_max = "1G"
journal_sync = "250ms"
rotate = "1h30m"
rotate_size = "1.5GiB"
keep = "90d"
keep_bytes = "500GB"
min_free = 0.1
compact = false
mirror = "192.0.2.7:9995"
allow = ["10.0.0.0/8", "2001:db8::/32"]
on_segment = "echo %f"
metrics = "[::1]:9109"
user = "flowspan"
group = "staff"
format = "json"
quiet = true
output = ["ndjson:-", "ndjson:/tmp/flows.ndjson", "ndjson:tcp:127.0.0.1:9000"]
[sqlite]
file = "dataset.sqlite3"
keep = true
)");
  EXPECT_EQ(c.sqlite_file, "dataset.sqlite3");
  EXPECT_TRUE(c.sqlite_keep);
  ASSERT_EQ(c.output.size(), 3u);
  EXPECT_EQ(c.output[0].kind, OutputTarget::Kind::standard_output);
  EXPECT_EQ(c.output[1].path, "/tmp/flows.ndjson");
  EXPECT_EQ(c.output[2].address.port, 9000);
  EXPECT_EQ(c.store, "/var/lib/flowspan");
  ASSERT_EQ(c.listen.size(), 2u);
  EXPECT_EQ(c.listen[0].port, 9995);
  EXPECT_EQ(c.workers, 2u);
  EXPECT_EQ(c.ring, 1u << 30);
  EXPECT_EQ(c.receive_buffer, 32u << 20);
  EXPECT_EQ(c.journal_max, 1'000'000'000u);
  EXPECT_EQ(c.journal_sync, 250 * millisecond);
  EXPECT_EQ(c.rotate, 90 * minute);
  EXPECT_EQ(c.rotate_size, 3u << 29);
  EXPECT_EQ(c.keep, 90 * day);
  EXPECT_EQ(c.keep_bytes, 500'000'000'000u);
  EXPECT_DOUBLE_EQ(c.min_free, 0.1);
  EXPECT_FALSE(c.compact);
  ASSERT_EQ(c.mirror.size(), 1u);
  EXPECT_EQ(c.mirror[0].text, "192.0.2.7:9995");
  ASSERT_EQ(c.allow.size(), 2u);
  EXPECT_EQ(c.on_segment, "echo %f");
  ASSERT_TRUE(c.metrics);
  EXPECT_EQ(c.metrics->port, 9109);
  EXPECT_EQ(c.user, "flowspan");
  EXPECT_EQ(c.group, "staff");
  EXPECT_EQ(c.format, Format::json);
  EXPECT_TRUE(c.quiet);
}

TEST(Configuration, ExportersAreRead) {
  const auto c = parsed(R"(
[[exporter]]
match = "192.0.2.1"
name = "edge"
sampling = 1000
interfaces = {1 = "uplink", "2" = "office"}
active_timeout = "60s"
idle_timeout = "15s"
[[exporter]]
match = "10.0.0.0/8"
force_sampling = 1.5
)");
  ASSERT_EQ(c.exporters.size(), 2u);
  EXPECT_EQ(c.exporters[0].match, Prefix::parse("192.0.2.1").value());
  EXPECT_EQ(c.exporters[0].default_sampling, 1000.0);
  EXPECT_EQ(c.exporters[0].interfaces.at(2), "office");
  EXPECT_EQ(c.exporters[0].active_timeout, minute);
  EXPECT_EQ(c.exporters[1].forced_sampling, 1.5);
}

TEST(Configuration, MistakesNameFileLineAndWhatToWrite) {
  const std::pair<const char*, const char*> cases[] = {
      {"\n\nrotat = \"5m\"", "flowspan.toml:3: flowspan has no key 'rotat': did you mean 'rotate'?"},
      {"exporters = []", "did you mean 'exporter'?"},
      {"banana = 1", "has no key 'banana': remove it"},
      {"rotate = 300", "flowspan.toml:1: rotate takes a string in quotes, not a whole number"},
      {"ring = true", "ring takes a size, e.g. \"64MiB\", not true or false"},
      {"workers = \"2\"", "workers takes a whole number, not a string"},
      {"workers = 0", "workers: '0' is no number from 1 to 256"},
      {"workers = -1", "workers: '-1' is no number"},
      {"compact = \"no\"", "compact takes true or false, not a string"},
      {"min_free = \"200%\"", "min_free: '200%' is more than 100%"},
      {"min_free = \"x\"", "min_free: 'x' is no share"},
      {"ring = \"64 potatoes\"", "ring: '64 potatoes' is no size"},
      {"ring = 1024", "ring: 1024 is too little: write 1MiB or more"},
      {"rotate = \"0s\"", "rotate: 0s is too little: write 1s or more"},
      {"keep = \"for ever\"", "keep: 'for ever' is no length of time"},
      {"keep = \"for ever\"", ", or unlimited"},
      {"listen = []", "listen: an empty list leaves nothing to do"},
      {"listen = [2055]", "listen takes a list of strings"},
      {"listen = [\"nowhere\"]", "flowspan.toml:1: listen: "},
      {"allow = [\"10.0.0.0/64\"]", "allow: "},
      {"store = \"\"", "store: an empty path"},
      {"format = \"xml\"", "format: 'xml' is no format"},
      {"rotate = \"5m\"\nrotate = \"6m\"", "flowspan.toml:2: this is no TOML"},
      {"rotate = ", "flowspan.toml:1: this is no TOML"},
      {"[exporter]\nmatch = \"10.0.0.1\"", "write [[exporter]]"},
      {"[[exporter]]\nname = \"x\"", "this exporter has no match"},
      {"sqlite.fill = \"x\"", "flowspan.toml:1: flowspan has no key 'sqlite.fill': did you mean 'sqlite.file'?"},
      {"sqlite = \"x\"", "flowspan.toml:1: flowspan has no key 'sqlite'"},
      {"output = [\"kafka:x\"]", "flowspan.toml:1: output: there is no output 'kafka:x': write ndjson:-"},
      {"[[exporter]]\nmatch = 1", "flowspan.toml:2: match takes an address"},
      {"[[exporter]]\nmatch = \"x\"", "match: "},
      {"[[exporter]]\nmatch = \"10.0.0.1\"\nmatsch = 1",
       "flowspan.toml:3: [[exporter]] has no key 'matsch': did you mean 'match'?"},
      {"[[exporter]]\nmatch = \"10.0.0.1\"\nsampling = 0", "sampling takes a number above 0"},
      {"[[exporter]]\nmatch = \"10.0.0.1\"\nforce_sampling = \"1\"", "force_sampling takes a number above 0"},
      {"[[exporter]]\nmatch = \"10.0.0.1\"\ninterfaces = {a = \"x\"}", "'a' is no interface number"},
      {"[[exporter]]\nmatch = \"10.0.0.1\"\ninterfaces = {1 = 2}", "the name of interface 1 must be a string"},
      {"[[exporter]]\nmatch = \"10.0.0.1\"\ninterfaces = 1", "interfaces takes a table"},
      {"[[exporter]]\nmatch = \"10.0.0.1\"\nidle_timeout = 15", "idle_timeout takes a length of time in quotes"},
      {"[[exporter]]\nmatch = \"10.0.0.1\"\nidle_timeout = \"15\"", "idle_timeout: '15' is no length of time"},
      {"[[exporter]]\nmatch = \"10.0.0.1\"\n[[exporter]]\nmatch = \"10.0.0.1\"", "10.0.0.1/32 stands here twice"},
  };
  for (const auto& [toml, expected] : cases) EXPECT_THAT(error(toml), HasSubstr(expected)) << toml;
}

class Loading : public testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("FLOWSPAN_STORE");
    folder_ = std::filesystem::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    ::unsetenv("FLOWSPAN_STORE");
    std::filesystem::remove_all(folder_);
  }
  std::filesystem::path file(const std::string& toml) const {
    std::ofstream(folder_ / "flowspan.toml") << toml;
    return folder_ / "flowspan.toml";
  }
  std::filesystem::path folder_;
};

TEST_F(Loading, AFlagWinsOverTheFile) {
  const auto path = file("rotate = \"1m\"\nworkers = 2\n");
  const auto c = load_configuration(path, {{"rotate", {"2m"}}, {"listen", {":1", ":2"}}, {"compact", {"false"}}});
  ASSERT_TRUE(c) << c.error().text;
  EXPECT_EQ(c->rotate, 2 * minute);
  EXPECT_EQ(c->workers, 2u);
  EXPECT_EQ(c->listen.size(), 2u);
  EXPECT_FALSE(c->compact);
  EXPECT_EQ(c->file, path);
}

TEST_F(Loading, TheEnvironmentsStoreStandsBetweenFlagAndFile) {
  const auto path = file("store = \"file\"\n");
  EXPECT_EQ(load_configuration(path)->store, "file");
  ::setenv("FLOWSPAN_STORE", "environment", 1);
  EXPECT_EQ(load_configuration(path)->store, "environment");
  EXPECT_EQ(load_configuration(path, {{"store", {"flag"}}})->store, "flag");
}

TEST_F(Loading, AWrongFlagIsNamed) {
  const auto c = load_configuration(file(""), {{"rotate_size", {"big"}}});
  ASSERT_FALSE(c);
  EXPECT_THAT(c.error().text, HasSubstr("--rotate-size: 'big' is no size"));
  EXPECT_EQ(c.error().kind, ErrorKind::usage);
}

TEST_F(Loading, AFileThatIsNotThereIsAnError) {
  const auto c = load_configuration(folder_ / "none.toml");
  ASSERT_FALSE(c);
  EXPECT_THAT(c.error().text, HasSubstr("none.toml"));
}

TEST_F(Loading, ReloadingReadsFileAndFlagsAgain) {
  const auto path = file("keep = \"1d\"\n");
  const auto running = load_configuration(path, {{"rotate", {"2m"}}});
  ASSERT_TRUE(running);
  file("keep = \"2d\"\nrotate = \"9m\"\n");
  const auto next = reload_configuration(*running);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->keep, 2 * day);
  EXPECT_EQ(next->rotate, 2 * minute);
}

TEST(Reload, SaysWhatChangesAndWhatNeedsARestart) {
  const auto running = parsed("[[exporter]]\nmatch = \"10.0.0.1\"\n[[exporter]]\nmatch = \"10.0.0.2\"\n");
  const auto next = parsed(
      "keep = \"90d\"\nlisten = [\":9995\"]\nallow = [\"10.0.0.0/8\"]\n[[exporter]]\nmatch = \"10.0.0.1\"\nname = "
      "\"x\"\n[[exporter]]\nmatch = \"10.0.0.3\"\n");
  const auto found = difference(running, next);
  EXPECT_THAT(found.reloaded,
              ElementsAre("keep: 90d (was unlimited)", "allow: 10.0.0.0/8 (was none)", "exporter 10.0.0.1/32: changed",
                          "exporter 10.0.0.3/32: added", "exporter 10.0.0.2/32: removed"));
  EXPECT_THAT(found.restart, ElementsAre("listen: :9995 (was :2055 :4739 :6343)"));

  const auto mixed = with_reloaded(running, next);
  EXPECT_EQ(mixed.keep, 90 * day);
  EXPECT_EQ(mixed.allow.size(), 1u);
  EXPECT_EQ(mixed.exporters.size(), 2u);
  EXPECT_EQ(mixed.listen.size(), 3u);
}

TEST(Reload, NothingChangesWhenNothingDiffers) {
  const auto found = difference(Configuration{}, parsed(""));
  EXPECT_THAT(found.reloaded, IsEmpty());
  EXPECT_THAT(found.restart, IsEmpty());
}

TEST(Settings, FlagsAreKeysWithDashes) {
  EXPECT_EQ(flag_of(*find_setting("rotate_size")), "--rotate-size");
  EXPECT_EQ(flag_of(*find_setting("compact")), "--no-compact");
  EXPECT_EQ(flag_of(*find_setting("quiet")), "--quiet");
  EXPECT_EQ(find_setting("exporter"), nullptr);
}

}  // namespace
}  // namespace flowspan::app
