// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/nfcapd.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/configuration.hpp"

namespace flowspan::app {
namespace {

using testing::HasSubstr;

std::string toml(const char* options) {
  const auto text = translate_nfcapd(options);
  return text ? *text : text.error().text;
}

/// The translation, read as a configuration: whatever it is, it must be one.
Configuration configuration(const char* options) {
  const auto text = toml(options);
  auto read = parse_configuration(text, "translated");
  EXPECT_TRUE(read) << read.error().text << "\n" << text;
  return read.value_or(Configuration{});
}

TEST(Nfcapd, ATypicalLineIsTranslated) {
  const auto c = configuration(
      "nfcapd -D -p 9996 -b 192.0.2.1 -w /data/flows -S 1 -y -t 60 -B 8388608 -u netflow -g www-data -P /run/n.pid "
      "-x '/usr/local/bin/move \"%d\" %f' -e -I core -s 1000 -R 192.0.2.8/9997 -R 192.0.2.9");
  ASSERT_EQ(c.listen.size(), 1u);
  EXPECT_EQ(c.listen[0].text, "192.0.2.1:9996");
  EXPECT_EQ(c.store, "/data/flows/flowspan");
  EXPECT_EQ(c.rotate, minute);
  EXPECT_EQ(c.receive_buffer, 8'388'608u);
  EXPECT_EQ(c.user, "netflow");
  EXPECT_EQ(c.group, "www-data");
  EXPECT_EQ(c.on_segment, "/usr/local/bin/move \"%d\" %f");
  ASSERT_EQ(c.mirror.size(), 2u);
  EXPECT_EQ(c.mirror[0].text, "192.0.2.8:9997");
  EXPECT_EQ(c.mirror[1].text, "192.0.2.9:9995");
  ASSERT_EQ(c.exporters.size(), 1u);
  EXPECT_EQ(c.exporters[0].name, "core");
  EXPECT_EQ(c.exporters[0].default_sampling, 1000.0);
  EXPECT_TRUE(c.exporters[0].match.contains(Ip::parse("192.0.2.77").value()));
}

TEST(Nfcapd, WhatHasNoMeaningBecomesAComment) {
  const auto text = toml("-D -E -P /run/n.pid -S 2 -T all -z -y -j -e -v -Z -m /run/s -i 5 -C none");
  for (const char* comment : {"# -D: ", "# -E: ", "# -P: ", "# -S: ", "# -T: ", "# -z: ", "# -y: ", "# -j: ", "# -e: ",
                              "# -v: ", "# -Z: ", "# -m: ", "# -i: ", "# -C: "})
    EXPECT_THAT(text, HasSubstr(comment));
  configuration("-D -E -P /run/n.pid -S 2 -T all -z -y -j -e -v -Z -m /run/s -i 5 -C none");
}

TEST(Nfcapd, ThePortIs9995WhereNoneIsGiven) {
  EXPECT_EQ(configuration("").listen[0].text, ":9995");
  EXPECT_EQ(configuration("-4").listen[0].text, "0.0.0.0:9995");
  EXPECT_EQ(configuration("-6").listen[0].text, "[::]:9995");
  EXPECT_EQ(configuration("-b ::1 -p 1").listen[0].text, "[::1]:1");
  EXPECT_EQ(configuration("-J 239.1.1.1").listen[0].text, "239.1.1.1:9995");
}

TEST(Nfcapd, LettersMayStandTogether) {
  const auto c = configuration("-Dyzp9996 -w/data/");
  EXPECT_EQ(c.listen[0].port, 9996);
  EXPECT_EQ(c.store, "/data/flowspan");
}

TEST(Nfcapd, TheLastOfRepeatedOptionsCounts) {
  const auto c = configuration("-p 1 -p 2 -l /a -w /b -t 60 -t 120");
  EXPECT_EQ(c.listen[0].port, 2);
  EXPECT_EQ(c.store, "/b/flowspan");
  EXPECT_EQ(c.rotate, 2 * minute);
}

TEST(Nfcapd, SourcesBecomeExporters) {
  const auto c = configuration("-n edge,192.0.2.1,/data/edge -n 'core \"x\"',2001:db8::1,/data/core -s -100");
  ASSERT_EQ(c.exporters.size(), 3u);
  EXPECT_EQ(c.exporters[0].forced_sampling, 100.0);
  EXPECT_EQ(c.exporters[1].name, "edge");
  EXPECT_EQ(c.exporters[2].name, "core \"x\"");
}

TEST(Nfcapd, PlaceholdersThatAreNotKnownHereAreSaid) {
  EXPECT_THAT(toml("-x 'do %f %u %i'"), HasSubstr("# -x: %u has no meaning here"));
}

TEST(Nfcapd, MistakesAreSaid) {
  EXPECT_THAT(toml("-q"), HasSubstr("nfcapd 1.7 has no option -q"));
  EXPECT_THAT(toml("-p"), HasSubstr("-p lacks its value"));
  EXPECT_THAT(toml("9995"), HasSubstr("'9995' is no option of nfcapd"));
  EXPECT_THAT(toml("-x 'open"), HasSubstr("a quote ' is not closed"));
  EXPECT_THAT(toml("-t soon"), HasSubstr("-t soon: this is no number"));
  EXPECT_THAT(toml("-s 0"), HasSubstr("-s 0: this is no sampling rate"));
  EXPECT_THAT(toml("-n edge"), HasSubstr("write ident,address,folder"));
  EXPECT_THAT(toml("-R /1"), HasSubstr("write host/port"));
}

TEST(Nfcapd, NothingOfTheOptionsEscapesItsPlace) {
  configuration("-I 'a\nlisten = [\"x\"]' -x 'a\"b\\c' -n 'e,192.0.2.1,/x\n[[exporter]]' -f 'x\ny = 1'");
}

}  // namespace
}  // namespace flowspan::app
