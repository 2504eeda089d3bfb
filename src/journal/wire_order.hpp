// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Numbers in bytes: little-endian (le) as in the blocks that this program writes, big-endian (be) as in IP headers.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace flowspan::journal {

constexpr std::uint16_t swap_bytes(std::uint16_t v) { return __builtin_bswap16(v); }
constexpr std::uint32_t swap_bytes(std::uint32_t v) { return __builtin_bswap32(v); }
constexpr std::uint64_t swap_bytes(std::uint64_t v) { return __builtin_bswap64(v); }

template <typename T, std::endian order>
T get(const std::byte* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return order == std::endian::native ? v : swap_bytes(v);
}

template <typename T, std::endian order>
void put(std::byte* p, T v) {
  v = order == std::endian::native ? v : swap_bytes(v);
  std::memcpy(p, &v, sizeof v);
}

inline std::uint32_t get_le32(const std::byte* p) { return get<std::uint32_t, std::endian::little>(p); }
inline std::uint16_t get_be16(const std::byte* p) { return get<std::uint16_t, std::endian::big>(p); }
inline std::uint32_t get_be32(const std::byte* p) { return get<std::uint32_t, std::endian::big>(p); }
inline std::uint64_t get_be64(const std::byte* p) { return get<std::uint64_t, std::endian::big>(p); }
inline void put_le32(std::byte* p, std::uint32_t v) { put<std::uint32_t, std::endian::little>(p, v); }
inline void put_le64(std::byte* p, std::uint64_t v) { put<std::uint64_t, std::endian::little>(p, v); }
inline void put_be16(std::byte* p, std::uint16_t v) { put<std::uint16_t, std::endian::big>(p, v); }
inline void put_be32(std::byte* p, std::uint32_t v) { put<std::uint32_t, std::endian::big>(p, v); }
inline void put_be64(std::byte* p, std::uint64_t v) { put<std::uint64_t, std::endian::big>(p, v); }

}  // namespace flowspan::journal
