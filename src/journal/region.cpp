// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "journal/region.hpp"

#include <bit>

#include "journal/pcapng.hpp"
#include "journal/wire_order.hpp"

namespace flowspan::journal {
namespace {

constexpr std::size_t packet_fields = 28;      // draft 4.3: up to and including the original length
constexpr std::size_t statistics_fields = 20;  // draft 4.6: up to and including the time stamp
constexpr std::uint16_t epb_dropcount = 4;
constexpr std::uint16_t isb_ifdrop = 5;
constexpr std::uint16_t isb_osdrop = 7;

template <typename T>
T load(const std::byte* p) {
  return get<T, std::endian::little>(p);
}

}  // namespace

bool RegionReader::next(Datagram& datagram) {
  for (;;) {
    const std::size_t length = block_length(rest_);
    if (length == 0) return false;
    const Bytes block = rest_.first(length);
    rest_ = rest_.subspan(length);
    const auto type = static_cast<BlockType>(load<std::uint32_t>(block.data()));
    if (type == BlockType::statistics) add_drops(block.subspan(statistics_fields, length - statistics_fields - 4));
    if (type != BlockType::packet) continue;
    const std::size_t captured = load<std::uint32_t>(block.data() + 20);
    const std::size_t options = packet_fields + ((captured + 3) & ~std::size_t{3});
    if (options + 4 > length) continue;
    if (options + 4 < length) add_drops(block.subspan(options, length - options - 4));
    if (read_packet(block.subspan(packet_fields, captured), datagram) != Packet::datagram) continue;
    datagram.received = static_cast<Time>(std::uint64_t{load<std::uint32_t>(block.data() + 12)} << 32 |
                                          load<std::uint32_t>(block.data() + 16));
    return true;
  }
}

void RegionReader::add_drops(Bytes options) {
  while (options.size() >= 4) {
    const auto code = load<std::uint16_t>(options.data());
    const std::size_t length = load<std::uint16_t>(options.data() + 2);
    const std::size_t whole = 4 + ((length + 3) & ~std::size_t{3});
    if (whole > options.size()) return;
    if (length == 8 && (code == epb_dropcount || code == isb_osdrop))
      kernel_drops_ += load<std::uint64_t>(options.data() + 4);
    if (length == 8 && code == isb_ifdrop) other_drops_ += load<std::uint64_t>(options.data() + 4);
    options = options.subspan(whole);
  }
}

}  // namespace flowspan::journal
