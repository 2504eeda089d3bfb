// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/cells.hpp"

#include <gtest/gtest.h>

#include "tui/amounts.hpp"
#include "tui/glyphs.hpp"

namespace flowspan::tui {
namespace {

TEST(GlyphsTest, WidthIsThatOfATerminal) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("日本"), 4);
  EXPECT_EQ(display_width("e\xcc\x81"), 1);  // e and a joining acute
  EXPECT_EQ(display_width("▇→…"), 3);
}

TEST(GlyphsTest, WhatATerminalObeysIsShownInstead) {
  for (const std::string_view hostile :
       {"\x1b", "\x07", "\n", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6", "\xff", "\xc0\x9b", "\xed\xa0\x80"}) {
    std::string_view rest = hostile;
    while (const auto glyph = next_glyph(rest))
      EXPECT_EQ(glyph->bytes, "\xef\xbf\xbd") << testing::PrintToString(hostile);
  }
  std::string_view rest = "\xe6\x97";  // cut
  EXPECT_EQ(next_glyph(rest)->bytes, "\xef\xbf\xbd");
}

TEST(GlyphsTest, FitIsExact) {
  EXPECT_EQ(fit("abc", 5), "abc  ");
  EXPECT_EQ(fit("abc", 5, Align::right), "  abc");
  EXPECT_EQ(fit("abcdef", 4), "abc…");
  EXPECT_EQ(fit("日本語", 4), "日… ");
  EXPECT_EQ(display_width(fit("日本語", 4)), 4);
  EXPECT_EQ(fit("abc", 0), "");
}

TEST(GlyphsTest, AddressesKeepTheirEnds) {
  EXPECT_EQ(fit_middle("2001:db8:aaaa:bbbb::17", 15), "2001:db…bbb::17");
  EXPECT_EQ(fit_middle("10.0.0.1", 15), "10.0.0.1       ");
  EXPECT_EQ(fit_middle("日本語日本語", 7), "日…語  ");
  EXPECT_EQ(fit_middle("abcdef", 2), "a…");
}

TEST(CellsTest, WritesAreClipped) {
  Cells cells(6, 2);
  const Area area = Area(cells).part(1, 0, 4, 1);
  EXPECT_EQ(area.put(-1, 0, "abcdef"), 4);  // goes on to the clip's end
  area.put(0, 1, "not there");
  area.put(0, -1, "nor there");
  EXPECT_EQ(cells.text(), " bcde\n\n");
}

TEST(CellsTest, PartsStayInside) {
  Cells cells(6, 2);
  const Area part = Area(cells).part(4, 1, 10, 10);
  EXPECT_EQ(part.width(), 2);
  EXPECT_EQ(part.height(), 1);
  part.put(0, 0, "abc");
  EXPECT_EQ(cells.text(), "\n    ab\n");
}

TEST(CellsTest, WideGlyphsAreNeverHalved) {
  Cells cells(5, 1);
  Area(cells).put(0, 0, "日本語");
  EXPECT_EQ(cells.text(), "日本\n");  // the third would have half a column
  EXPECT_EQ(cells.at(1, 0).glyph, "");
  Area(cells).put(1, 0, "x");
  EXPECT_EQ(cells.text(), " x本\n");
  Area(cells).put(2, 0, "y");
  EXPECT_EQ(cells.text(), " xy\n");
}

TEST(CellsTest, JoiningMarksAreBounded) {
  Cells cells(3, 1);
  std::string text = "e";
  for (int i = 0; i < 1'000; ++i) text += "\xcc\x81";
  Area(cells).put(0, 0, text + "x");
  EXPECT_LE(cells.at(0, 0).glyph.size(), 16u);
  EXPECT_EQ(cells.at(1, 0).glyph, "x");
}

TEST(CellsTest, NoControlCharacterIsInACell) {
  Cells cells(40, 1);
  Area(cells).put(0, 0, "a\x1b[31mb\xc2\x9bx\r\nc");
  for (int x = 0; x < cells.width(); ++x)
    for (const char c : cells.at(x, 0).glyph) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  EXPECT_EQ(cells.text(),
            "a\xef\xbf\xbd[31mb\xef\xbf\xbdx\xef\xbf\xbd\xef\xbf\xbd"
            "c\n");
}

TEST(AmountsTest, ShortAmountsTakeFiveColumns) {
  EXPECT_EQ(short_amount(0), "0");
  EXPECT_EQ(short_amount(0.3), "0.3");
  EXPECT_EQ(short_amount(7), "7");
  EXPECT_EQ(short_amount(999), "999");
  EXPECT_EQ(short_amount(999.6), "1.00k");
  EXPECT_EQ(short_amount(12'345), "12.3k");
  EXPECT_EQ(short_amount(999'500), "1.00M");
  EXPECT_EQ(short_amount(456e9), "456G");
  for (double value = 0.01; value < 1e20; value *= 1.37) EXPECT_LE(short_amount(value).size(), 5u) << value;
}

TEST(AmountsTest, SparklinesAndBars) {
  EXPECT_EQ(sparkline(std::vector<float>{0, 1, 4, 8}, 6), "   ▁▄█");
  EXPECT_EQ(sparkline(std::vector<float>{9, 0.001f, 8}, 2), "▁█");
  EXPECT_EQ(sparkline({}, 2), "  ");
  EXPECT_EQ(bar(1, 3), "███");
  EXPECT_EQ(bar(0.5, 3), "█▌");
  EXPECT_EQ(bar(0.0001, 3), "▏");
  EXPECT_EQ(bar(0, 3), "");
}

TEST(AmountsTest, TimesAsGdpAndByTheClock) {
  const Time time = 1'795'466'615 * second + 7 * millisecond;
  EXPECT_EQ(unix_time(time), "1795466615.007");
  EXPECT_EQ(unix_time(-millisecond), "-1.999");
  EXPECT_EQ(clock_time(time, time + hour, true), "20:43:35.007");
  EXPECT_EQ(clock_time(time, time + day, true), "11-23 20:43:35");
  EXPECT_EQ(clock_time(0, time, true), "1970-01-01");
  EXPECT_EQ(age_text(62 * minute), "1h02m");
  EXPECT_EQ(age_text(-minute), "0s");
}

}  // namespace
}  // namespace flowspan::tui
