// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace flowspan::wire {

/// A big-endian number of sizeof(T) bytes; all of them must be there. Compilers make one load and one swap of it.
template <typename T>
constexpr T load(const std::byte* from) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = value << 8 | std::to_integer<std::uint64_t>(from[i]);
  return static_cast<T>(value);
}

/// Reads big-endian numbers off the front of a datagram. A read past the end gives zero and sticks: ask ok() once,
/// after a header.
class Cursor {
 public:
  explicit constexpr Cursor(Bytes bytes) : rest_(bytes) {}

  constexpr std::uint8_t u8() { return read<std::uint8_t>(); }
  constexpr std::uint16_t u16() { return read<std::uint16_t>(); }
  constexpr std::uint32_t u32() { return read<std::uint32_t>(); }

  constexpr bool ok() const { return ok_; }
  constexpr Bytes rest() const { return rest_; }

 private:
  template <typename T>
  constexpr T read() {
    if (rest_.size() < sizeof(T)) {
      ok_ = false;
      rest_ = {};
      return 0;
    }
    const T value = load<T>(rest_.data());
    rest_ = rest_.subspan(sizeof(T));
    return value;
  }

  Bytes rest_;
  bool ok_ = true;
};

}  // namespace flowspan::wire
