// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/screen.hpp"

#include <gtest/gtest.h>

#include <regex>

#include "tui/header.hpp"
#include "tui/model_for_test.hpp"

namespace flowspan::tui {
namespace {

using State = Collecting::State;

class ScreenTest : public testing::Test {
 protected:
  ScreenTest() { screen.update(model); }

  std::string draw(int width = 80, int height = 24) {
    Cells cells(width, height);
    screen.draw(cells);
    return cells.text();
  }
  Screen::Choice press(Key::Kind kind) { return screen.press({.kind = kind}); }
  Screen::Choice type(std::string_view text) {
    Screen::Choice choice{};
    for (const char c : text)
      choice = screen.press({.kind = Key::Kind::character, .character = static_cast<char32_t>(c)});
    return choice;
  }
  static bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
  /// The first row of the only panel.
  std::string first_row() {
    const std::string text = draw();
    std::size_t at = 0;
    for (int line = 0; line < 4; ++line) at = text.find('\n', at) + 1;
    return text.substr(at, text.find('\n', at) - at);
  }

  std::shared_ptr<Model> model = test::model();
  Screen screen{{.collecting = false, .utc = true}};
};

TEST_F(ScreenTest, KeysChooseTheColumnAndTheDirectionOfSorting) {
  draw();
  type("1z");
  EXPECT_TRUE(has(first_row(), "192.0.2.1 "));
  type("r");
  EXPECT_TRUE(has(first_row(), "192.0.2.9"));  // no flows at all
  type("<<");                                  // from flows/s over the version to the exporter
  EXPECT_TRUE(has(draw(), "Exporter▲"));
  EXPECT_TRUE(has(first_row(), "192.0.2.1 "));
  type("r");
  EXPECT_TRUE(has(first_row(), "2001:db8"));
  type("<");  // round to the last column, which has no room here
  EXPECT_TRUE(has(first_row(), "192.0.2.1 "));
}

TEST_F(ScreenTest, NewestFirstOrLast) {
  draw();
  type("2z");
  EXPECT_TRUE(has(first_row(), "1000150"));
  type("r");
  EXPECT_TRUE(has(first_row(), "1000001"));
}

TEST_F(ScreenTest, ScrollsInsideOfWhatThereIs) {
  draw();
  type("2z");
  draw();
  press(Key::Kind::end);
  EXPECT_TRUE(has(draw(), "132-150 of 150"));
  press(Key::Kind::page_up);
  press(Key::Kind::page_up);
  EXPECT_TRUE(has(draw(), "-"));
  press(Key::Kind::home);
  press(Key::Kind::up);
  EXPECT_TRUE(has(draw(), "1-19 of 150"));
  for (int i = 0; i < 19; ++i) press(Key::Kind::down);
  EXPECT_TRUE(has(draw(), "2-20 of 150"));
  model = test::model();
  model->flows.resize(3);  // fewer than the cursor's row
  screen.update(model);
  EXPECT_TRUE(has(first_row(), "1000003"));
}

TEST_F(ScreenTest, SearchKeepsTheRowsThatHaveTheText) {
  draw();
  type("2z/icmp");
  EXPECT_TRUE(has(draw(), "/icmp"));
  press(Key::Kind::enter);
  EXPECT_TRUE(has(draw(), "'icmp': 1-19 of 20 in 150"));
  EXPECT_FALSE(has(draw(), "TCP"));
  press(Key::Kind::escape);
  EXPECT_TRUE(has(draw(), "TCP"));
  type("/");
  type("zzzz");
  EXPECT_TRUE(has(draw(), "'zzzz': 0 in 150"));
  for (int i = 0; i < 5; ++i) press(Key::Kind::backspace);
  EXPECT_TRUE(has(draw(), "1-19 of 150"));
}

TEST_F(ScreenTest, WhileAnotherKeyIsTypedIntoASearchItDoesNothingElse) {
  draw();
  EXPECT_EQ(type("/q"), Screen::Choice::stay);
  press(Key::Kind::escape);
  EXPECT_EQ(type("q"), Screen::Choice::quit);
}

TEST_F(ScreenTest, AZoomedPanelIsAloneAndOnlyWhatIsShownIsAskedFor) {
  draw();
  EXPECT_TRUE(screen.wishes().pairs);
  EXPECT_FALSE(screen.wishes().durations);  // of the newest flows
  press(Key::Kind::enter);
  const std::string zoomed = draw();
  EXPECT_TRUE(has(zoomed, "1 Streams"));
  EXPECT_FALSE(has(zoomed, "2 Flows"));
  EXPECT_FALSE(screen.wishes().pairs);
  type("3d");
  draw();
  EXPECT_TRUE(screen.wishes().durations);
  press(Key::Kind::escape);
  EXPECT_TRUE(has(draw(), "2 Flows"));
}

TEST_F(ScreenTest, PausedItShowsWhatItShowed) {
  draw();
  type(" ");
  auto later = test::model();
  later->collecting.pid = 815;
  screen.update(later);
  EXPECT_TRUE(has(draw(), "collector 4711"));
  EXPECT_TRUE(has(draw(), "PAUSED"));
  type(" ");
  EXPECT_TRUE(has(draw(), "collector 815"));
}

TEST_F(ScreenTest, TheWindowGoesRound) {
  for (const std::string_view name : {"window 1m", "window 5m", "window 1h", "window all", "window 1m"}) {
    EXPECT_TRUE(has(draw(), name)) << name;
    type("w");
  }
  EXPECT_EQ(screen.wishes().window, 1u);
}

TEST_F(ScreenTest, TimesAreUnixSecondsOrTheClock) {
  draw();
  EXPECT_TRUE(has(draw(), "1795466614.97"));
  type("t");
  EXPECT_TRUE(has(draw(), "20:43:34.97"));
}

TEST_F(ScreenTest, DurationsOfTheNewestHundred) {
  std::vector<Flow> flows(3);
  for (auto& flow : flows) flow.source = Ip::v4(1), flow.first = 5 * second, flow.last = 7 * second;
  flows[0].source = Ip::v4(2);
  flows[2].last = 4 * second;  // before its first packet: it has no duration
  auto durations = durations_of(flows, 100);
  ASSERT_EQ(durations.size(), 2u);
  EXPECT_EQ(durations[0].total_ms, 2'001u);
  EXPECT_EQ(durations[1].total_ms, 2'001u);
  EXPECT_EQ(durations[1].flows, 2u);
  durations = durations_of(flows, 1);
  ASSERT_EQ(durations.size(), 1u);
  EXPECT_EQ(durations[0].flows, 1u);
  EXPECT_EQ(durations[0].total_ms, std::nullopt);
}

TEST_F(ScreenTest, ASourceWithoutADurationHasNoT) {
  auto changed = std::make_shared<Model>(*test::model());
  changed->durations.rows = {{Ip::v4(1), {}, 7}, {Ip::v4(2), 0, 3}, {Ip::v4(3), 50, 1}};
  changed->durations.note = "7 flows end before they begin: in C, not in T";
  screen.update(changed);
  type("3zd");
  const std::string text = draw(100, 24);
  EXPECT_TRUE(has(text, " 3 ─ 7 flows end before they begin: in C, not in T")) << text;
  EXPECT_LT(text.find("0.0.0.3 "), text.find("0.0.0.2 ")) << text;
  EXPECT_LT(text.find("0.0.0.2 "), text.find("0.0.0.1 ")) << text;
  EXPECT_TRUE(std::regex_search(text, std::regex("0\\.0\\.0\\.1 +7 *\n"))) << text;
  type("d");  // of the newest flows
  EXPECT_FALSE(has(draw(100, 24), "end before they begin"));
}

TEST_F(ScreenTest, OnePanelAtATimeWhereItIsNarrow) {
  for (const char panel : {'1', '2', '3', '4'}) {
    type(std::string(1, panel));
    const std::string text = draw(40, 24);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 24);
    EXPECT_TRUE(has(text, std::string("─ ") + panel + " ")) << text;
  }
  EXPECT_EQ(draw(20, 4), "too small\n\n\n\n");
  for (int width = 0; width < 200; width += 7)
    for (int height = 0; height < 60; height += 5) draw(width, height);
}

TEST_F(ScreenTest, HostileNamesReachNoTerminal) {
  model = test::model();
  model->streams[0].name = "\x1b]0;owned\x07\xe2\x80\xae";
  model->store = "\x1b[2J";
  model->messages.push_back({model->now, true, "\x1b[31mred"});
  screen.update(model);
  const std::string text = draw();
  EXPECT_FALSE(has(text, "\x1b"));
  EXPECT_FALSE(has(text, "\x07"));
  EXPECT_FALSE(has(text, "\xe2\x80\xae"));
}

TEST_F(ScreenTest, ItSaysWhoCollects) {
  const auto says = [&](State state) {
    model = test::model();
    model->collecting.state = state;
    model->collecting.heard = model->now - 12 * second;
    screen.update(model);
    return draw();
  };
  EXPECT_TRUE(has(says(State::no_store), "no store yet: waiting for one"));
  EXPECT_TRUE(has(says(State::nobody), "no collector is running"));
  EXPECT_TRUE(has(says(State::silent), "collector 4711 is silent for 12s"));
  EXPECT_TRUE(has(says(State::gone), "collector 4711 died, last heard 12s ago"));
  EXPECT_TRUE(has(says(State::running), "collector 4711, up 1h02m"));
  EXPECT_TRUE(has(status_line(*model), "123,456 flows/s, 4,115 datagrams/s"));
}

TEST_F(ScreenTest, AnEmptyStoreIsNoFault) {
  screen.update(std::make_shared<Model>());
  EXPECT_TRUE(has(draw(), "waiting for a store"));
  EXPECT_TRUE(has(draw(), "no store yet"));
}

TEST_F(ScreenTest, ACollectorsScreenAsksBeforeItStops) {
  Screen collecting({.collecting = true, .utc = true});
  const auto press_one = [&](char32_t c) { return collecting.press({.kind = Key::Kind::character, .character = c}); };
  EXPECT_EQ(press_one('q'), Screen::Choice::stay);
  EXPECT_EQ(press_one('n'), Screen::Choice::stay);
  EXPECT_EQ(press_one('y'), Screen::Choice::stay);  // no question any more
  press_one('q');
  EXPECT_EQ(press_one('l'), Screen::Choice::leave);
  press_one('q');
  EXPECT_EQ(press_one('y'), Screen::Choice::quit);
}

TEST_F(ScreenTest, ClicksChooseAndTheWheelScrolls) {
  draw();
  screen.press({.kind = Key::Kind::wheel_down, .x = 5, .y = 12});
  EXPECT_TRUE(has(draw(), "1-8 of 150"));  // the cursor went down 3
  for (int i = 0; i < 4; ++i) screen.press({.kind = Key::Kind::wheel_down, .x = 5, .y = 12});
  EXPECT_FALSE(has(draw(), "1-8 of 150"));
  screen.press({.kind = Key::Kind::click, .x = 5, .y = 12});
  type("z");
  EXPECT_TRUE(has(draw(), "2 Flows"));
  EXPECT_FALSE(has(draw(), "1 Streams"));
}

TEST(PlaceColumnsTest, TheImportantOnesStay) {
  const std::vector<Column> columns{{.title = "a", .width = 4, .widest = 8},
                                    {.title = "b", .width = 3, .priority = 2},
                                    {.title = "c", .width = 3, .priority = 1}};
  const std::vector<int> wanted{6, 3, 3};
  const auto placed = [&](int width, std::size_t shift = 0) {
    std::string text;
    for (const auto& [column, x, size] : place_columns(columns, wanted, shift, width))
      text += std::to_string(column) + "@" + std::to_string(x) + "+" + std::to_string(size) + " ";
    return text;
  };
  EXPECT_EQ(placed(14), "0@0+6 1@7+3 2@11+3 ");
  EXPECT_EQ(placed(12), "0@0+4 1@5+3 2@9+3 ");
  EXPECT_EQ(placed(11), "0@0+6 2@7+3 ");
  EXPECT_EQ(placed(7), "0@0+6 ");
  EXPECT_EQ(placed(2), "0@0+2 ");
  EXPECT_EQ(placed(14, 1), "0@0+6 2@7+3 ");
}

}  // namespace
}  // namespace flowspan::tui
