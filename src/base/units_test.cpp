// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/units.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace flowspan {
namespace {

constexpr std::uint64_t mebi = 1024 * 1024;
constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

TEST(ParseSize, reads_powers_of_1000_and_of_1024) {
  EXPECT_EQ(parse_size("4096").value(), 4096u);
  EXPECT_EQ(parse_size("4096B").value(), 4096u);
  EXPECT_EQ(parse_size("64MiB").value(), 64 * mebi);
  EXPECT_EQ(parse_size("500G").value(), 500'000'000'000u);
  EXPECT_EQ(parse_size("500GB").value(), 500'000'000'000u);
  EXPECT_EQ(parse_size("1KiB").value(), 1024u);
  EXPECT_EQ(parse_size("2TiB").value(), 2 * mebi * mebi);
  EXPECT_EQ(parse_size("0").value(), 0u);
}

TEST(ParseSize, allows_spaces_before_the_unit_and_any_case) {
  EXPECT_EQ(parse_size("1.5 GB").value(), 1'500'000'000u);
  EXPECT_EQ(parse_size("64 mib").value(), 64 * mebi);
  EXPECT_EQ(parse_size("10k").value(), 10'000u);
}

TEST(ParseSize, keeps_fractions_exact_and_drops_parts_of_a_byte) {
  EXPECT_EQ(parse_size("1.5KiB").value(), 1536u);
  EXPECT_EQ(parse_size("0.1KiB").value(), 102u);
  EXPECT_EQ(parse_size("0.3T").value(), 300'000'000'000u);
  EXPECT_EQ(parse_size("0.99999999999999999999999999999999TiB").value(), mebi * mebi - 1);
}

TEST(ParseSize, refuses_more_than_64_bits) {
  const auto large = parse_size("99999999999T");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().text, "'99999999999T' is too large: write a size below 16777216 TiB");
  EXPECT_EQ(large.error().kind, ErrorKind::usage);
  EXPECT_EQ(parse_size("18446744073709551615").value(), largest);
  EXPECT_FALSE(parse_size("18446744073709551616"));
  EXPECT_EQ(parse_size("16777215.9TiB").value(), 16'777'215 * mebi * mebi + mebi * mebi * 9 / 10);
  EXPECT_FALSE(parse_size("16777216TiB"));
}

TEST(ParseSize, refuses_what_is_none_and_says_what_to_write) {
  for (const char* text :
       {"",     "G",       "-1",     "+1",     "1.5", "1.5B", ".5G",   "1.G", "1.2.3G", "1,5G", "1e9",
        "0x10", "64 MiB ", " 64MiB", "64MiBs", "64X", "64Kx", "4096 ", "64P", "64iB",   "1G1M"})
    EXPECT_FALSE(parse_size(text)) << text;
  EXPECT_EQ(parse_size("64X").error().text, "'64X' is no size: write bytes or e.g. 64MiB, 500G or 1.5GB");
  EXPECT_EQ(parse_size("64X").error().kind, ErrorKind::usage);
}

TEST(SizeText, is_for_people) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(1023), "1023 B");
  EXPECT_EQ(size_text(1024), "1 KiB");
  EXPECT_EQ(size_text(128 * mebi), "128 MiB");
  EXPECT_EQ(size_text(1536 * mebi), "1.5 GiB");
  EXPECT_EQ(size_text(5 * mebi * mebi), "5 TiB");
  EXPECT_EQ(size_text(largest), "16777216 TiB");
}

TEST(SizeText, rounds_up_into_the_next_unit) {
  EXPECT_EQ(size_text(mebi - 1), "1 MiB");
  EXPECT_EQ(size_text(1023 * 1024), "1023 KiB");
  EXPECT_EQ(size_text(mebi + mebi / 10), "1.1 MiB");
}

TEST(SizeText, can_be_read_back) { EXPECT_EQ(parse_size(size_text(1536 * mebi)).value(), 1536 * mebi); }

TEST(CountText, groups_thousands) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1000), "1,000");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(count_text(100000), "100,000");
  EXPECT_EQ(count_text(largest), "18,446,744,073,709,551,615");
}

TEST(ParseFraction, reads_percentages_and_fractions) {
  EXPECT_DOUBLE_EQ(parse_fraction("5%").value(), 0.05);
  EXPECT_DOUBLE_EQ(parse_fraction("0.05").value(), 0.05);
  EXPECT_DOUBLE_EQ(parse_fraction("12.5%").value(), 0.125);
  EXPECT_DOUBLE_EQ(parse_fraction("100%").value(), 1);
  EXPECT_DOUBLE_EQ(parse_fraction("1").value(), 1);
  EXPECT_DOUBLE_EQ(parse_fraction("0").value(), 0);
}

TEST(ParseFraction, refuses_more_than_all) {
  for (const char* text : {"5", "100.1%", "1.01", "999999%"})
    EXPECT_EQ(parse_fraction(text).error().text,
              "'" + std::string(text) + "' is more than 100%: write a percentage or a fraction, e.g. 5% or 0.05");
}

TEST(ParseFraction, refuses_what_is_none_and_says_what_to_write) {
  for (const char* text : {"", "%", "-1%", "-0.1", "inf", "nan", "5%%", "5 %", " 5%", "x", "0.5x", "1e-2", ".5"})
    EXPECT_EQ(parse_fraction(text).error().text,
              "'" + std::string(text) + "' is no share: write a percentage or a fraction, e.g. 5% or 0.05");
}

}  // namespace
}  // namespace flowspan
