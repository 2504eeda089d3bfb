// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// The half of Follower that reads blocks; follow.cpp has the half that reads files.

#include <bit>

#include "journal/follow.hpp"
#include "journal/wire_order.hpp"

namespace flowspan::journal {

namespace {

constexpr std::size_t packet_header = 28;  // up to the packet data
constexpr std::size_t statistics_header = 20;
constexpr std::size_t max_description = 64 * 1024;  // of a block that describes: flowspan's have some 100 bytes

constexpr std::uint16_t end_of_options = 0;
constexpr std::uint16_t epb_dropcount = 4;
constexpr std::uint16_t isb_ifdrop = 5;
constexpr std::uint16_t isb_osdrop = 7;

constexpr std::size_t padded(std::size_t n) { return (n + 3) & ~std::size_t{3}; }

}  // namespace

std::uint32_t Follower::get32(const std::byte* p) const {
  const std::uint32_t v = get_le32(p);
  return big_endian_ ? swap_bytes(v) : v;
}

std::uint64_t Follower::get64(const std::byte* p) const {
  const auto v = get<std::uint64_t, std::endian::little>(p);
  return big_endian_ ? swap_bytes(v) : v;
}

Follower::Step Follower::read_block(Datagram& datagram) {
  const std::size_t have = filled_ - begin_;
  if (have < min_block) {
    wanted_ = min_block;
    return Step::more;
  }
  const std::byte* const block = buffer_.get() + begin_;
  const std::uint32_t type = get32(block);
  if (type == static_cast<std::uint32_t>(BlockType::section)) {  // the same number in both orders
    if (base_ + begin_ == 0) {
      big_endian_ = is_big_endian_section({block, have});
    }
    if (get32(block + 8) != byte_order_magic) {  // also a later section in the other order: no journal has one
      return Step::damage;
    }
  }
  const std::uint32_t length = get32(block + 4);
  if (length < min_block || length % 4 != 0 || length > max_block) {
    return Step::damage;
  }
  switch (static_cast<BlockType>(type)) {
    case BlockType::packet: {
      if (have < packet_header) {
        wanted_ = packet_header;
        return Step::more;
      }
      const std::size_t whole = packet_block_overhead + padded(get32(block + 20));
      if (length < whole || length > whole + max_packet_options) {
        return Step::damage;
      }
      break;
    }
    case BlockType::section:
    case BlockType::interface:
    case BlockType::statistics:
      if (length > max_description) {
        return Step::damage;
      }
      break;
    default:
      if (damage_from_) {
        return Step::damage;  // after damage only what is known is believed
      }
  }
  if (have < length) {
    wanted_ = length;
    return Step::more;
  }
  if (get32(block + length - 4) != length) {
    return Step::damage;
  }
  if (damage_from_) [[unlikely]] {
    end_damage();
  }
  begin_ += length;
  switch (static_cast<BlockType>(type)) {
    case BlockType::packet: return read_packet_block(block, length, datagram);
    case BlockType::statistics: read_loss_block(block, length); return Step::passed;
    case BlockType::section:
    case BlockType::interface:  // says nothing that a journal leaves open, so that damage in it costs nothing
      return Step::passed;
    default: ++stats_.other_blocks; return Step::passed;
  }
}

Follower::Step Follower::read_packet_block(const std::byte* block, std::size_t length, Datagram& datagram) {
  const std::size_t captured = get32(block + 20);
  const std::byte* const options = block + packet_header + padded(captured);
  const std::byte* const end = block + length - 4;
  if (options < end) {
    read_packet_options(options, end);
  }
  const Packet packet = read_packet({block + packet_header, captured}, datagram);
  if (packet == Packet::datagram) [[likely]] {
    datagram.received = static_cast<Time>(std::uint64_t{get32(block + 12)} << 32 | get32(block + 16));
    return Step::datagram;
  }
  if (packet == Packet::other) {
    ++stats_.other_packets;
  } else {
    ++stats_.damaged_blocks;
    stats_.skipped_bytes += length;
  }
  return Step::passed;
}

template <typename Use>
void Follower::for_each_option(const std::byte* options, const std::byte* end, Use use) const {
  while (end - options >= 4) {
    std::uint32_t head = get32(options);
    if (big_endian_) {
      head = head << 16 | head >> 16;  // two numbers of 16 bits
    }
    const auto code = static_cast<std::uint16_t>(head);
    const std::size_t size = head >> 16;
    options += 4;
    if (code == end_of_options || padded(size) > static_cast<std::size_t>(end - options)) {
      return;
    }
    use(code, options, size);
    options += padded(size);
  }
}

void Follower::read_packet_options(const std::byte* options, const std::byte* end) {
  for_each_option(options, end, [this](std::uint16_t code, const std::byte* value, std::size_t size) {
    if (code == epb_dropcount && size == 8) {
      stats_.kernel_drops += get64(value);
    }
  });
}

void Follower::read_loss_block(const std::byte* block, std::size_t length) {
  if (length < statistics_header + 4) {
    return;
  }
  for_each_option(block + statistics_header, block + length - 4,
                  [this](std::uint16_t code, const std::byte* value, std::size_t size) {
                    if (code == isb_ifdrop && size == 8) {
                      stats_.ring_drops += get64(value);
                    } else if (code == isb_osdrop && size == 8) {
                      stats_.kernel_drops += get64(value);
                    }
                  });
}

}  // namespace flowspan::journal
