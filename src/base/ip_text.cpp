// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>

#include "base/ip.hpp"

namespace flowspan {
namespace {

/// "0" … "255" and their lengths.
struct Octet {
  std::array<char, 3> digits{};
  std::uint8_t length = 0;
};

consteval std::array<Octet, 256> make_octets() {
  std::array<Octet, 256> octets;
  for (unsigned value = 0; value < 256; ++value) {
    Octet octet;
    if (value >= 100) octet.digits[octet.length++] = static_cast<char>('0' + value / 100);
    if (value >= 10) octet.digits[octet.length++] = static_cast<char>('0' + value / 10 % 10);
    octet.digits[octet.length++] = static_cast<char>('0' + value % 10);
    octets[value] = octet;
  }
  return octets;
}

constexpr auto octets = make_octets();

/// Writes up to one character more than the text: its place is overwritten by what follows, or is spare.
char* write_octet(unsigned value, char* out) {
  const Octet& octet = octets[value & 0xff];
  std::memcpy(out, octet.digits.data(), 3);
  return out + octet.length;
}

char* write_v4(std::uint32_t address, char* out) {
  for (int shift = 24; shift > 0; shift -= 8) {
    out = write_octet(address >> shift, out);
    *out++ = '.';
  }
  // The last one exactly: nothing follows it.
  const Octet& octet = octets[address & 0xff];
  for (unsigned i = 0; i < octet.length; ++i) *out++ = octet.digits[i];
  return out;
}

char* write_group(unsigned group, char* out) {
  constexpr const char* hex = "0123456789abcdef";
  if (group >= 0x1000) *out++ = hex[group >> 12];
  if (group >= 0x100) *out++ = hex[group >> 8 & 15];
  if (group >= 0x10) *out++ = hex[group >> 4 & 15];
  *out++ = hex[group & 15];
  return out;
}

/// The longest run of at least two zero groups, the first of equals: RFC 5952 4.2.
struct Run {
  unsigned from = 8;
  unsigned length = 0;
};

Run longest_zeros(const std::array<unsigned, 8>& groups) {
  Run best;
  Run run;
  for (unsigned i = 0; i < 8; ++i) {
    if (groups[i] != 0) {
      run.length = 0;
      continue;
    }
    if (run.length++ == 0) run.from = i;
    if (run.length > best.length) best = run;
  }
  return best.length >= 2 ? best : Run{};
}

char* write_v6(const Ip& ip, char* out) {
  std::array<unsigned, 8> groups;
  for (unsigned i = 0; i < 4; ++i) {
    groups[i] = static_cast<unsigned>(ip.hi >> (48 - 16 * i)) & 0xffff;
    groups[i + 4] = static_cast<unsigned>(ip.lo >> (48 - 16 * i)) & 0xffff;
  }
  const Run zeros = longest_zeros(groups);
  for (unsigned i = 0; i < 8; ++i) {
    if (i == zeros.from) {
      *out++ = ':';
      i += zeros.length - 1;
      if (i == 7) *out++ = ':';
      continue;
    }
    if (i > 0) *out++ = ':';
    out = write_group(groups[i], out);
  }
  return out;
}

}  // namespace

std::size_t Ip::write(char* out) const {
  const char* end = is_v4() ? write_v4(as_v4(), out) : write_v6(*this, out);
  return static_cast<std::size_t>(end - out);
}

std::string Ip::to_string() const {
  std::array<char, max_text> buffer;
  return {buffer.data(), write(buffer.data())};
}

}  // namespace flowspan
