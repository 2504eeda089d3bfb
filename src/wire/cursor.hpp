// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "base/bytes.hpp"

namespace flowspan::wire {

/// A big-endian number of sizeof(T) bytes; all of them must be there. (Written with shifts, g++ 12 makes single bytes of
/// it in the column loops, which then take half as long again.)
template <typename T>
T load(const std::byte* from) {
  static_assert(std::is_unsigned_v<T> &&
                (std::endian::native == std::endian::little || std::endian::native == std::endian::big));
  T value;
  std::memcpy(&value, from, sizeof(T));
  if constexpr (std::endian::native == std::endian::big || sizeof(T) == 1) return value;
  if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
  if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
}

/// Reads big-endian numbers off the front of a datagram. A read past the end gives zero and sticks: ask ok() once,
/// after a header.
class Cursor {
 public:
  explicit constexpr Cursor(Bytes bytes) : rest_(bytes) {}

  std::uint8_t u8() { return read<std::uint8_t>(); }
  std::uint16_t u16() { return read<std::uint16_t>(); }
  std::uint32_t u32() { return read<std::uint32_t>(); }

  constexpr bool ok() const { return ok_; }
  constexpr Bytes rest() const { return rest_; }

 private:
  template <typename T>
  T read() {
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
