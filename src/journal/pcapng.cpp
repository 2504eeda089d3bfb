// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

#include "journal/pcapng.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>

#include "journal/wire_order.hpp"

namespace flowspan::journal {

namespace {

constexpr std::uint16_t link_type_raw = 101;  // LINKTYPE_RAW: an IPv4 or IPv6 packet, told apart by its first nibble
constexpr std::size_t v4_header = 20;
constexpr std::size_t v6_header = 40;
constexpr std::size_t udp_header = 8;
constexpr std::uint8_t udp = 17;
constexpr std::uint8_t hop_limit = 64;
constexpr std::size_t drop_options = 16;  // epb_dropcount and opt_endofopt

// Option codes of the draft: 3.5, 4.1, 4.2, 4.3, 4.6.
constexpr std::uint16_t opt_comment = 1;
constexpr std::uint16_t shb_userappl = 4;
constexpr std::uint16_t if_name = 2;
constexpr std::uint16_t if_tsresol = 9;
constexpr std::uint16_t epb_dropcount = 4;
constexpr std::uint16_t isb_starttime = 2;
constexpr std::uint16_t isb_endtime = 3;
constexpr std::uint16_t isb_ifdrop = 5;
constexpr std::uint16_t isb_osdrop = 7;

constexpr std::size_t padded(std::size_t n) { return (n + 3) & ~std::size_t{3}; }

void add32(std::vector<std::byte>& out, std::uint32_t v) {
  out.resize(out.size() + 4);
  put_le32(out.data() + out.size() - 4, v);
}

void add_option(std::vector<std::byte>& out, std::uint16_t code, std::string_view value) {
  value = value.substr(0, 255);
  add32(out, static_cast<std::uint32_t>(value.size()) << 16 | code);
  for (const char c : value) {
    out.push_back(static_cast<std::byte>(c));
  }
  out.resize(padded(out.size()));
}

// Ends the options of the block that begins at `start`, and writes its length at both ends.
void end_block(std::vector<std::byte>& out, std::size_t start) {
  add32(out, 0);  // opt_endofopt
  const auto length = static_cast<std::uint32_t>(out.size() - start + 4);
  add32(out, length);
  put_le32(out.data() + start + 4, length);
}

// The one's complement sum (RFC 1071) of bytes as 16-bit words in this machine's order, not yet folded; the sum of an
// odd number of bytes is as if a zero followed.
std::uint64_t sum16(const std::byte* p, std::size_t n) {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  for (; n >= 8; p += 8, n -= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    low += word & 0xffffffff;
    high += word >> 32;
  }
  std::uint64_t rest = 0;
  if (n > 0) {
    std::memcpy(&rest, p, n);
  }
  return low + high + (rest & 0xffffffff) + (rest >> 32);
}

std::uint16_t fold(std::uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

void put_checksum(std::byte* p, std::uint16_t checksum) { std::memcpy(p, &checksum, 2); }

void write_udp_header(std::byte* p, const Datagram& datagram, std::size_t length) {
  put_be16(p, datagram.from.port);
  put_be16(p + 2, datagram.to.port);
  put_be16(p + 4, static_cast<std::uint16_t>(length));
  put_be16(p + 6, 0);
}

void write_v4_headers(std::byte* p, const Datagram& datagram) {
  const std::size_t length = udp_header + datagram.payload.size();
  put_be32(p, 0x45000000 | static_cast<std::uint32_t>(v4_header + length));
  put_be32(p + 4, 0x4000);  // identification 0, do not fragment (RFC 6864)
  put_be32(p + 8, std::uint32_t{hop_limit} << 24 | std::uint32_t{udp} << 16);
  put_be32(p + 12, datagram.from.ip.as_v4());
  put_be32(p + 16, datagram.to.ip.is_v4() ? datagram.to.ip.as_v4() : 0);
  put_checksum(p + 10, static_cast<std::uint16_t>(~fold(sum16(p, v4_header))));
  write_udp_header(p + v4_header, datagram, length);  // checksum 0: none, RFC 768
}

void write_v6_headers(std::byte* p, const Datagram& datagram) {
  const std::size_t length = udp_header + datagram.payload.size();
  put_be32(p, 0x60000000);
  put_be32(p + 4, static_cast<std::uint32_t>(length) << 16 | std::uint32_t{udp} << 8 | hop_limit);
  put_be64(p + 8, datagram.from.ip.hi);
  put_be64(p + 16, datagram.from.ip.lo);
  put_be64(p + 24, datagram.to.ip.hi);
  put_be64(p + 32, datagram.to.ip.lo);
  std::byte* const header = p + v6_header;
  write_udp_header(header, datagram, length);
  // RFC 8200 8.1: UDP over IPv6 must have a checksum, over addresses, length, protocol and the datagram itself.
  std::array<std::byte, 8> pseudo{};
  put_be32(pseudo.data(), static_cast<std::uint32_t>(length));
  put_be32(pseudo.data() + 4, udp);
  const std::uint16_t checksum = static_cast<std::uint16_t>(
      ~fold(sum16(p + 8, 32) + sum16(pseudo.data(), pseudo.size()) + sum16(header, udp_header) +
            sum16(datagram.payload.data(), datagram.payload.size())));
  put_checksum(header + 6, checksum == 0 ? std::uint16_t{0xffff} : checksum);
}

}  // namespace

std::vector<std::byte> file_header(std::span<const std::string> interfaces) {
  std::vector<std::byte> out;
  add32(out, static_cast<std::uint32_t>(BlockType::section));
  add32(out, 0);
  add32(out, byte_order_magic);
  add32(out, 1);           // version 1.0
  add32(out, 0xffffffff);  // the section's length is not known
  add32(out, 0xffffffff);
  add_option(out, shb_userappl, "flowspan");
  end_block(out, 0);
  for (const std::string& name : interfaces) {
    const std::size_t start = out.size();
    add32(out, static_cast<std::uint32_t>(BlockType::interface));
    add32(out, 0);
    add32(out, link_type_raw);
    add32(out, 0);  // no limit on a packet's length
    add_option(out, if_name, name);
    add_option(out, if_tsresol, "\x09");  // 10^-9 s
    end_block(out, start);
  }
  return out;
}

std::size_t packet_block_size(const Datagram& datagram, std::uint64_t kernel_drops) {
  const bool v4 = datagram.from.ip.is_v4();
  const std::size_t payload = datagram.payload.size();
  if (payload > (v4 ? max_payload_v4 : max_payload_v6)) {
    return 0;
  }
  return packet_block_overhead + padded((v4 ? v4_header : v6_header) + udp_header + payload) +
         (kernel_drops != 0 ? drop_options : 0);
}

std::size_t write_packet_block(std::byte* out, const Datagram& datagram, std::uint32_t interface,
                               std::uint64_t kernel_drops) {
  const bool v4 = datagram.from.ip.is_v4();
  const std::size_t headers = (v4 ? v4_header : v6_header) + udp_header;
  const std::size_t payload = datagram.payload.size();
  const std::size_t packet = headers + payload;
  const std::size_t total = packet_block_overhead + padded(packet) + (kernel_drops != 0 ? drop_options : 0);
  const auto time = static_cast<std::uint64_t>(datagram.received);
  put_le32(out, static_cast<std::uint32_t>(BlockType::packet));
  put_le32(out + 4, static_cast<std::uint32_t>(total));
  put_le32(out + 8, interface);
  put_le32(out + 12, static_cast<std::uint32_t>(time >> 32));
  put_le32(out + 16, static_cast<std::uint32_t>(time));
  put_le32(out + 20, static_cast<std::uint32_t>(packet));
  put_le32(out + 24, static_cast<std::uint32_t>(packet));
  std::byte* p = out + 28;
  put_le32(p + padded(packet) - 4, 0);  // the padding; the packet overwrites what is its
  if (payload != 0) {
    std::memcpy(p + headers, datagram.payload.data(), payload);
  }
  if (v4) {
    write_v4_headers(p, datagram);
  } else {
    write_v6_headers(p, datagram);
  }
  p += padded(packet);
  if (kernel_drops != 0) {
    put_le32(p, 8u << 16 | epb_dropcount);
    put_le64(p + 4, kernel_drops);
    put_le32(p + 12, 0);
    p += drop_options;
  }
  put_le32(p, static_cast<std::uint32_t>(total));
  return total;
}

std::size_t write_loss_block(std::byte* out, const Loss& loss, std::uint32_t interface) {
  const auto now = static_cast<std::uint64_t>(loss.last);
  put_le32(out, static_cast<std::uint32_t>(BlockType::statistics));
  put_le32(out + 4, loss_block_size);
  put_le32(out + 8, interface);
  put_le32(out + 12, static_cast<std::uint32_t>(now >> 32));
  put_le32(out + 16, static_cast<std::uint32_t>(now));
  std::byte* p = out + 20;
  const auto add_time = [&p](std::uint16_t code, Time time) {  // the high half first, as in packet blocks
    put_le32(p, 8u << 16 | code);
    put_le32(p + 4, static_cast<std::uint32_t>(static_cast<std::uint64_t>(time) >> 32));
    put_le32(p + 8, static_cast<std::uint32_t>(time));
    p += 12;
  };
  const auto add_count = [&p](std::uint16_t code, std::uint64_t count) {
    put_le32(p, 8u << 16 | code);
    put_le64(p + 4, count);
    p += 12;
  };
  add_time(isb_starttime, loss.first);
  add_time(isb_endtime, loss.last);
  add_count(isb_ifdrop, loss.ring_drops);
  add_count(isb_osdrop, loss.kernel_drops);
  put_le32(p, 0);
  put_le32(p + 4, loss_block_size);
  return loss_block_size;
}

std::string_view mark_text(MarkKind kind) { return kind == MarkKind::started ? "started" : "dropped"; }

std::size_t write_mark_block(std::byte* out, MarkKind kind, std::uint64_t datagrams, Time when) {
  const std::string_view text = mark_text(kind);
  const auto time = static_cast<std::uint64_t>(when);
  std::memset(out, 0, mark_block_size);
  put_le32(out, static_cast<std::uint32_t>(BlockType::statistics));
  put_le32(out + 4, mark_block_size);
  put_le32(out + 12, static_cast<std::uint32_t>(time >> 32));
  put_le32(out + 16, static_cast<std::uint32_t>(time));
  put_le32(out + 20, static_cast<std::uint32_t>(text.size()) << 16 | opt_comment);
  std::memcpy(out + 24, text.data(), text.size());
  put_le32(out + 32, 8u << 16 | isb_ifdrop);
  put_le64(out + 36, datagrams);
  put_le32(out + 48, mark_block_size);
  return mark_block_size;
}

Packet read_packet(Bytes packet, Datagram& datagram) {
  const std::byte* const p = packet.data();
  if (packet.size() < v4_header) {
    return Packet::damaged;
  }
  std::size_t header = 0;
  Ip from;
  Ip to;
  const auto version = static_cast<unsigned>(p[0]) >> 4;
  if (version == 4) {
    header = (static_cast<std::size_t>(p[0]) & 15) * 4;
    if (header < v4_header || header > packet.size() || get_be16(p + 2) != packet.size() ||
        fold(sum16(p, header)) != 0xffff) {
      return Packet::damaged;
    }
    constexpr std::uint16_t fragment_bits = 0x3fff;  // more fragments, offset
    if (p[9] != std::byte{udp} || (get_be16(p + 6) & fragment_bits) != 0) {
      return Packet::other;
    }
    from = Ip::v4(get_be32(p + 12));
    to = Ip::v4(get_be32(p + 16));
  } else if (version == 6) {
    header = v6_header;
    if (packet.size() < header || std::size_t{get_be16(p + 4)} + header != packet.size()) {
      return Packet::damaged;
    }
    if (p[6] != std::byte{udp}) {
      return Packet::other;
    }
    from = {get_be64(p + 8), get_be64(p + 16)};
    to = {get_be64(p + 24), get_be64(p + 32)};
  } else {
    return Packet::damaged;
  }
  if (packet.size() - header < udp_header || get_be16(p + header + 4) != packet.size() - header) {
    return Packet::damaged;
  }
  datagram.from = {from, get_be16(p + header)};
  datagram.to = {to, get_be16(p + header + 2)};
  datagram.payload = packet.subspan(header + udp_header);
  return Packet::datagram;
}

bool is_big_endian_section(Bytes file) {
  return file.size() >= min_block &&
         get_le32(file.data()) == static_cast<std::uint32_t>(BlockType::section) &&  // the same in both orders
         get_le32(file.data() + 8) == swap_bytes(byte_order_magic);
}

std::size_t block_length(Bytes blocks) {
  if (blocks.size() < min_block) {
    return 0;
  }
  const std::size_t length = get_le32(blocks.data() + 4);
  return length < min_block || length % 4 != 0 || length > blocks.size() ? 0 : length;
}

std::size_t whole_blocks(Bytes blocks, std::size_t at_most) {
  std::size_t whole = block_length(blocks);
  while (whole != 0 && whole < at_most) {
    const std::size_t length = block_length(blocks.subspan(whole));
    if (length == 0 || length > at_most - whole) {
      break;
    }
    whole += length;
  }
  return whole;
}

}  // namespace flowspan::journal
