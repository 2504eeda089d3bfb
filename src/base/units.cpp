// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/units.hpp"

#include <charconv>
#include <limits>

namespace flowspan {
namespace {

constexpr std::string_view prefixes = "KMGT";
constexpr std::string_view digits = "0123456789";

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// Bytes in one "KiB", "MB", "G", "B" or "" (any case); 0 when it is none of these.
std::uint64_t unit_size(std::string_view unit) {
  if (unit.empty() || unit == "B" || unit == "b") return 1;
  const auto power = prefixes.find(upper(unit[0]));
  if (power == std::string_view::npos) return 0;
  unit.remove_prefix(1);
  const bool binary = !unit.empty() && upper(unit[0]) == 'I';
  if (binary) unit.remove_prefix(1);
  if (!unit.empty() && unit != "B" && unit != "b") return 0;
  std::uint64_t size = 1;
  for (std::size_t i = 0; i <= power; ++i) size *= binary ? 1024 : 1000;
  return size;
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  const auto bad = [&] {
    return fail("'" + std::string(text) + "' is no size: write bytes or e.g. 64MiB, 500G or 1.5GB", ErrorKind::usage);
  };
  const auto number = text.substr(0, text.find_first_not_of("0123456789."));
  auto unit = text.substr(number.size());
  while (!number.empty() && unit.size() > 1 && unit.starts_with(' ')) unit.remove_prefix(1);
  const auto point = number.find('.');
  const auto whole = number.substr(0, point);
  const auto decimals = point == std::string_view::npos ? std::string_view{} : number.substr(point + 1);
  const std::uint64_t multiple = unit_size(unit);
  if (whole.empty() || multiple == 0 || decimals.find('.') != std::string_view::npos) return bad();
  if (point != std::string_view::npos && (decimals.empty() || multiple == 1)) return bad();  // no half bytes

  // From the last digit to the first, so that a fraction of any length stays within a few bits more than its unit.
  std::uint64_t part = 0;
  for (auto digit = decimals.rbegin(); digit != decimals.rend(); ++digit)
    part = (static_cast<std::uint64_t>(*digit - '0') * multiple + part) / 10;
  std::uint64_t bytes = 0;
  if (std::from_chars(whole.data(), whole.data() + whole.size(), bytes).ec != std::errc{} ||
      __builtin_mul_overflow(bytes, multiple, &bytes) || __builtin_add_overflow(bytes, part, &bytes))
    return fail("'" + std::string(text) + "' is too large: write a size below " +
                    size_text(std::numeric_limits<std::uint64_t>::max()),
                ErrorKind::usage);
  return bytes;
}

std::string size_text(std::uint64_t bytes) {
  std::uint64_t unit = 1;
  std::size_t power = 0;
  const auto tenths = [&] { return bytes / unit * 10 + (bytes % unit * 10 + unit / 2) / unit; };
  while (power < prefixes.size() && tenths() >= 10 * 1024) {  // after rounding: 1023.99 KiB are 1 MiB
    unit *= 1024;
    ++power;
  }
  std::string text = std::to_string(tenths() / 10);
  if (tenths() % 10 != 0) text += "." + std::to_string(tenths() % 10);
  text += ' ';
  if (power > 0) (text += prefixes[power - 1]) += 'i';
  return text += 'B';
}

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3; text.insert(at, ",")) at -= 3;
  return text;
}

Result<double> parse_fraction(std::string_view text) {
  const bool percent = text.ends_with('%');
  const auto number = text.substr(0, text.size() - (percent ? 1 : 0));
  double value = 0;
  const auto [end, code] =
      std::from_chars(number.data(), number.data() + number.size(), value, std::chars_format::fixed);
  // from_chars also reads "-1", "inf" and "nan".
  if (number.empty() || digits.find(number[0]) == std::string_view::npos || code != std::errc{} ||
      end != number.data() + number.size())
    return fail("'" + std::string(text) + "' is no share: write a percentage or a fraction, e.g. 5% or 0.05",
                ErrorKind::usage);
  if (percent) value /= 100;
  if (value > 1)
    return fail("'" + std::string(text) + "' is more than 100%: write a percentage or a fraction, e.g. 5% or 0.05",
                ErrorKind::usage);
  return value;
}

}  // namespace flowspan
