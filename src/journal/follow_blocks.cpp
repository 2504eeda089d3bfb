// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// The half of Follower that reads blocks; follow.cpp has the half that reads files.

#include <bit>
#include <string_view>

#include "journal/follow.hpp"
#include "journal/wire_order.hpp"

namespace flowspan::journal {

namespace {

constexpr std::size_t packet_header = 28;  // up to the packet data
constexpr std::size_t statistics_header = 20;
constexpr std::size_t max_description = 64 * 1024;  // of a block that describes: flowspan's have some 100 bytes

// Interfaces between two datagrams of which drops are told apart: a journal has as many as the collector listens on.
constexpr std::size_t max_drops = 64;

constexpr std::uint16_t end_of_options = 0;
constexpr std::uint16_t opt_comment = 1;
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
  const auto received = static_cast<Time>(std::uint64_t{get32(block + 12)} << 32 | get32(block + 16));
  const std::uint32_t interface = get32(block + 8);
  if (options < end) {
    read_packet_options(options, end, interface, received);
  }
  const Packet packet = read_packet({block + packet_header, captured}, datagram);
  if (packet == Packet::datagram) [[likely]] {
    datagram.received = received;
    datagram.interface = interface;
    datagram.drop_count = 0;
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

Drop& Follower::drop_of(std::uint32_t interface, Time when) {
  for (Drop& drop : drops_) {
    if (drop.interface != interface && drops_.size() < max_drops) {
      continue;
    }
    drop.when = when;
    return drop;
  }
  Drop& drop = drops_.emplace_back();
  drop.interface = interface;
  drop.when = when;
  return drop;
}

void Follower::read_packet_options(const std::byte* options, const std::byte* end, std::uint32_t interface, Time when) {
  for_each_option(options, end, [&](std::uint16_t code, const std::byte* value, std::size_t size) {
    if (code == epb_dropcount && size == 8) {
      stats_.kernel_drops += get64(value);
      drop_of(interface, when).of(DropPlace::kernel) += get64(value);
    }
  });
}

void Follower::read_loss_block(const std::byte* block, std::size_t length) {
  if (length < statistics_header + 4) {
    return;
  }
  std::uint64_t interface_drops = 0;
  std::uint64_t kernel_drops = 0;
  std::string_view comment;
  for_each_option(block + statistics_header, block + length - 4,
                  [&](std::uint16_t code, const std::byte* value, std::size_t size) {
                    if (code == isb_ifdrop && size == 8) {
                      interface_drops += get64(value);
                    } else if (code == isb_osdrop && size == 8) {
                      kernel_drops += get64(value);
                    } else if (code == opt_comment) {
                      comment = {reinterpret_cast<const char*>(value), size};
                    }
                  });
  const auto when = static_cast<Time>(std::uint64_t{get32(block + 12)} << 32 | get32(block + 16));
  if (comment == mark_text(MarkKind::started)) {
    ++drop_of(Drop::all_interfaces, when).of(DropPlace::down);
  }
  const bool by_journal = comment == mark_text(MarkKind::dropped);
  stats_.kernel_drops += kernel_drops;
  (by_journal ? stats_.journal_drops : stats_.ring_drops) += interface_drops;
  if (kernel_drops + interface_drops == 0) {
    return;
  }
  Drop& drop = drop_of(by_journal ? Drop::all_interfaces : get32(block + 8), when);
  drop.of(DropPlace::kernel) += kernel_drops;
  drop.of(by_journal ? DropPlace::journal : DropPlace::ring) += interface_drops;
}

}  // namespace flowspan::journal
