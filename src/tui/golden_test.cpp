// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
// What each panel looks like, as text: tests/golden/screen. Look at the difference when it changes.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

#include "tui/model_for_test.hpp"
#include "tui/screen.hpp"

namespace flowspan::tui {
namespace {

struct Shown {
  std::string name;
  int width;
  int height;
  std::string keys;
};

void PrintTo(const Shown& shown, std::ostream* out) { *out << shown.name; }

Key key_of(char c) {
  if (c == '\t') return {.kind = Key::Kind::tab};
  if (c == '>') return {.kind = Key::Kind::right};
  return {.kind = Key::Kind::character, .character = static_cast<char32_t>(c)};
}

std::string shown_text(const Shown& shown, std::shared_ptr<const Model> model = test::model()) {
  Screen screen({.collecting = false, .utc = true});
  Cells cells(shown.width, shown.height);
  screen.update(std::move(model));
  screen.draw(cells);
  for (const char c : shown.keys) {
    screen.press(key_of(c));
    cells = Cells(shown.width, shown.height);
    screen.draw(cells);
  }
  return cells.text();
}

class ScreenGolden : public testing::TestWithParam<Shown> {};

TEST_P(ScreenGolden, LooksAsItDid) {
  const std::string file = std::string(FLOWSPAN_SOURCE_DIR) + "/tests/golden/screen/" + GetParam().name + ".txt";
  const std::string text = shown_text(GetParam());
  if (std::getenv("FLOWSPAN_GOLDEN_UPDATE") != nullptr) {
    std::ofstream(file) << text;
    return;
  }
  std::ostringstream expected;
  expected << std::ifstream(file).rdbuf();
  EXPECT_EQ(text, expected.str()) << file;
}

INSTANTIATE_TEST_SUITE_P(All, ScreenGolden,
                         testing::Values(Shown{"all-80x24", 80, 24, ""}, Shown{"all-160x50", 160, 50, ""},
                                         Shown{"streams-80x24", 80, 24, "1z"}, Shown{"streams-160x50", 160, 50, "1z"},
                                         Shown{"flows-80x24", 80, 24, "2z"}, Shown{"flows-160x50", 160, 50, "2z"},
                                         Shown{"flows-shifted-80x24", 80, 24, "2zt>>>"},
                                         Shown{"durations-80x24", 80, 24, "3zd"},
                                         Shown{"durations-160x50", 160, 50, "3zd"},
                                         Shown{"durations-newest-80x24", 80, 24, "3z"},
                                         Shown{"pairs-80x24", 80, 24, "4z"}, Shown{"pairs-160x50", 160, 50, "4z"},
                                         Shown{"help-80x24", 80, 24, "?"}, Shown{"streams-40x24", 40, 24, ""},
                                         Shown{"flows-40x24", 40, 24, "2"}, Shown{"flows-40x8", 40, 8, "2"},
                                         Shown{"too-small-20x4", 20, 4, ""}),
                         [](const auto& test) {
                           std::string name = test.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace flowspan::tui
