// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Packets written byte by byte, for the tests of this folder.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace flowspan::source::test {

/// Grows a packet or a file in network order (or little-endian, for pcap).
class Builder {
 public:
  Builder& u8(unsigned value) {
    text_.push_back(static_cast<char>(value));
    return *this;
  }
  Builder& u16(unsigned value) { return u8(value >> 8 & 0xff).u8(value & 0xff); }
  Builder& u32(std::uint32_t value) { return u16(value >> 16).u16(value & 0xffff); }
  Builder& le16(unsigned value) { return u8(value & 0xff).u8(value >> 8 & 0xff); }
  Builder& le32(std::uint32_t value) { return le16(value & 0xffff).le16(value >> 16); }
  Builder& add(std::string_view text) {
    text_ += text;
    return *this;
  }
  Builder& zeros(std::size_t count) {
    text_.append(count, '\0');
    return *this;
  }
  const std::string& text() const { return text_; }
  Bytes bytes() const { return std::as_bytes(std::span(text_)); }

 private:
  std::string text_;
};

inline std::string udp(std::string_view payload, unsigned length_lie = 0) {
  return Builder()
      .u16(1024)
      .u16(2055)
      .u16(length_lie != 0 ? length_lie : static_cast<unsigned>(payload.size() + 8))
      .u16(0)
      .add(payload)
      .text();
}

struct Ipv4 {
  unsigned protocol = 17;
  unsigned id = 7;
  unsigned offset = 0;  ///< bytes
  bool more = false;
  unsigned options = 0;  ///< bytes, a multiple of 4
  int length_lie = -1;
};
inline std::string ipv4(std::string_view payload, const Ipv4& with = {}) {
  const auto length = static_cast<unsigned>(20 + with.options + payload.size());
  return Builder()
      .u8(0x40 | (5 + with.options / 4))
      .u8(0)
      .u16(with.length_lie >= 0 ? static_cast<unsigned>(with.length_lie) : length)
      .u16(with.id)
      .u16((with.more ? 0x2000u : 0u) | with.offset / 8)
      .u8(64)
      .u8(with.protocol)
      .u16(0)
      .u32(0x0a000001)
      .u32(0x0a000002)
      .zeros(with.options)
      .add(payload)
      .text();
}

inline std::string ipv6(std::string_view payload, unsigned next = 17, int length_lie = -1) {
  Builder packet;
  packet.u32(0x60000000)
      .u16(length_lie >= 0 ? static_cast<unsigned>(length_lie) : static_cast<unsigned>(payload.size()));
  packet.u8(next).u8(64);
  packet.u32(0x20010db8).zeros(11).u8(1);
  packet.u32(0x20010db8).zeros(11).u8(2);
  return packet.add(payload).text();
}

/// An IPv6 fragment header and what it carries.
inline std::string fragment6(std::string_view payload, unsigned offset, bool more, unsigned next = 17) {
  return Builder().u8(next).u8(0).u16(offset | (more ? 1u : 0u)).u32(99).add(payload).text();
}

inline std::string ethernet(unsigned type, std::string_view packet) {
  return Builder().zeros(12).u16(type).add(packet).text();
}

}  // namespace flowspan::source::test
