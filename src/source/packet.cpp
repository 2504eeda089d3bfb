// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/packet.hpp"

#include <algorithm>

namespace flowspan::source {
namespace {

constexpr unsigned ether_ipv4 = 0x0800;
constexpr unsigned ether_ipv6 = 0x86dd;
constexpr unsigned protocol_udp = 17;
constexpr unsigned protocol_fragment = 44;
constexpr unsigned max_tags = 8;
constexpr unsigned max_extensions = 16;

unsigned u8(Bytes bytes, std::size_t at) { return std::to_integer<unsigned>(bytes[at]); }
unsigned u16(Bytes bytes, std::size_t at) { return u8(bytes, at) << 8 | u8(bytes, at + 1); }
std::uint32_t u32(Bytes bytes, std::size_t at) { return std::uint32_t{u16(bytes, at)} << 16 | u16(bytes, at + 2); }
std::uint64_t u64(Bytes bytes, std::size_t at) { return std::uint64_t{u32(bytes, at)} << 32 | u32(bytes, at + 4); }
Ip ip_at(Bytes bytes, std::size_t at) { return {u64(bytes, at), u64(bytes, at + 8)}; }

bool vlan_tag(unsigned type) { return type == 0x8100 || type == 0x88a8 || type == 0x9100; }

// The address families that stand for IPv6 on Linux, NetBSD and OpenBSD, FreeBSD, macOS.
bool family_ipv6(std::uint32_t family) { return family == 10 || family == 24 || family == 28 || family == 30; }

bool extension_header(unsigned protocol) {
  constexpr unsigned known[] = {0, 43, 51, 60, 135, 139, 140};  // RFC 7045 3
  return std::find(std::begin(known), std::end(known), protocol) != std::end(known);
}

}  // namespace

std::vector<std::pair<std::string_view, std::uint64_t>> PacketCounters::named() const {
  return {{"packets", packets},
          {"datagrams", datagrams},
          {"other", other},
          {"cut", cut},
          {"malformed", malformed},
          {"bad_time", bad_time},
          {"broken_file", broken_file},
          {"fragments", reassembly.fragments},
          {"reassembled", reassembly.reassembled},
          {"fragments_used", reassembly.fragments_used},
          {"fragments_incomplete", reassembly.incomplete},
          {"fragments_crowded_out", reassembly.crowded_out},
          {"fragments_overlapping", reassembly.overlapping},
          {"fragments_duplicate", reassembly.duplicate},
          {"fragments_bad", reassembly.bad_fragments}};
}

std::nullopt_t PacketDecoder::other() {
  ++counters_.other;
  return std::nullopt;
}

std::nullopt_t PacketDecoder::incomplete(bool cut) {
  ++(cut ? counters_.cut : counters_.malformed);
  return std::nullopt;
}

void PacketDecoder::finish() {
  reassembly_.finish();
  counters_.reassembly = reassembly_.counters();
}

std::optional<Datagram> PacketDecoder::decode(Time time, Bytes packet, std::uint64_t wire_length) {
  ++counters_.packets;
  const bool cut = wire_length > packet.size();
  const auto behind = [&](std::size_t header) { return packet.subspan(header); };
  switch (link_) {
    case LinkType::ethernet:
      if (packet.size() < 14) return incomplete(cut);
      return ethertype(time, u16(packet, 12), behind(14), cut);
    case LinkType::linux_cooked:  // LINKTYPE_LINUX_SLL
      if (packet.size() < 16) return incomplete(cut);
      return ethertype(time, u16(packet, 14), behind(16), cut);
    case LinkType::linux_cooked2:  // LINKTYPE_LINUX_SLL2
      if (packet.size() < 20) return incomplete(cut);
      return ethertype(time, u16(packet, 0), behind(20), cut);
    case LinkType::loopback: {  // LINKTYPE_NULL in the byte order of its host, LINKTYPE_LOOP in network order
      if (packet.size() < 4) return incomplete(cut);
      const std::uint32_t big = u32(packet, 0);
      const std::uint32_t family = std::min(big, __builtin_bswap32(big));
      if (family == 2) return ipv4(time, behind(4), cut);
      return family_ipv6(family) ? ipv6(time, behind(4), cut) : other();
    }
    case LinkType::raw: return ip(time, packet, cut);
  }
  return other();
}

std::optional<Datagram> PacketDecoder::ethertype(Time time, unsigned type, Bytes packet, bool cut) {
  for (unsigned tags = 0; vlan_tag(type); ++tags) {
    if (tags == max_tags) return incomplete(false);
    if (packet.size() < 4) return incomplete(cut);
    type = u16(packet, 2);
    packet = packet.subspan(4);
  }
  if (type == ether_ipv4) return ipv4(time, packet, cut);
  return type == ether_ipv6 ? ipv6(time, packet, cut) : other();
}

std::optional<Datagram> PacketDecoder::ip(Time time, Bytes packet, bool cut) {
  if (packet.empty()) return incomplete(cut);
  const unsigned version = u8(packet, 0) >> 4;
  if (version == 4) return ipv4(time, packet, cut);
  return version == 6 ? ipv6(time, packet, cut) : incomplete(false);
}

// RFC 791 3.1
std::optional<Datagram> PacketDecoder::ipv4(Time time, Bytes packet, bool cut) {
  if (packet.size() < 20) return incomplete(cut);
  const std::size_t header = (u8(packet, 0) & 0xf) * std::size_t{4};
  std::size_t length = u16(packet, 2);
  if (length == 0) length = packet.size();  // segmentation offload: the card fills it in later
  if (u8(packet, 0) >> 4 != 4 || header < 20 || length < header) return incomplete(false);
  if (packet.size() < header) return incomplete(cut);
  Carried carried;
  carried.time = time;
  carried.from = Ip::v4(u32(packet, 12));
  carried.to = Ip::v4(u32(packet, 16));
  carried.protocol = u8(packet, 9);
  carried.missing = length > packet.size();
  carried.cut = cut;
  carried.payload = packet.first(std::min(length, packet.size())).subspan(header);
  if (carried.protocol != protocol_udp) return other();
  const unsigned place = u16(packet, 6);
  const bool more = (place & 0x2000) != 0;
  const std::uint32_t offset = (place & 0x1fff) * 8;
  if (!more && offset == 0) return udp(carried);
  const FragmentKey key{carried.from, carried.to, u16(packet, 4), protocol_udp, false};
  return fragment(carried, key, {offset, more, protocol_udp, carried.payload});
}

// RFC 8200 3
std::optional<Datagram> PacketDecoder::ipv6(Time time, Bytes packet, bool cut) {
  if (packet.size() < 40) return incomplete(cut);
  if (u8(packet, 0) >> 4 != 6) return incomplete(false);
  const std::size_t there = packet.size() - 40;
  std::size_t length = u16(packet, 4);
  if (length == 0) length = there;  // as for IPv4
  Carried carried;
  carried.time = time;
  carried.from = ip_at(packet, 8);
  carried.to = ip_at(packet, 24);
  carried.protocol = u8(packet, 6);
  carried.missing = length > there;
  carried.cut = cut;
  carried.payload = packet.subspan(40, std::min(length, there));
  return extensions(carried);
}

// Walks IPv6 extension headers (RFC 8200 4) up to UDP.
std::optional<Datagram> PacketDecoder::extensions(Carried carried) {
  for (unsigned count = 0; carried.protocol != protocol_udp; ++count) {
    const Bytes header = carried.payload;
    const bool is_fragment = carried.protocol == protocol_fragment;
    if (!is_fragment && !extension_header(carried.protocol)) return other();
    if (count == max_extensions) return incomplete(false);
    if (header.size() < 8) return incomplete(carried.cut && carried.missing);
    std::size_t size = 8;
    if (carried.protocol == 51)
      size = (u8(header, 1) + std::size_t{2}) * 4;  // RFC 4302 2.2
    else if (!is_fragment)
      size = (u8(header, 1) + std::size_t{1}) * 8;
    if (header.size() < size) return incomplete(carried.cut && carried.missing);
    const unsigned place = is_fragment ? u16(header, 2) : 0;
    carried.protocol = u8(header, 0);
    carried.payload = header.subspan(size);
    const bool more = (place & 1) != 0;
    if (!more && (place & 0xfff8) == 0) continue;
    // Fragments of fragments do not exist (RFC 8200 4.5).
    if (carried.reassembled) return incomplete(false);
    if (carried.protocol != protocol_udp && !extension_header(carried.protocol)) return other();
    const FragmentKey key{carried.from, carried.to, u32(header, 4), 0, true};
    return fragment(carried, key, {place & 0xfff8, more, static_cast<std::uint8_t>(carried.protocol), carried.payload});
  }
  return udp(carried);
}

std::optional<Datagram> PacketDecoder::fragment(const Carried& carried, const FragmentKey& key,
                                                const Fragment& fragment) {
  if (carried.missing) return incomplete(carried.cut);
  const auto whole = reassembly_.add(carried.time, key, fragment);
  counters_.reassembly = reassembly_.counters();
  if (!whole) return std::nullopt;
  Carried packet = carried;
  packet.protocol = whole->protocol;
  packet.payload = whole->payload;
  packet.reassembled = true;
  return extensions(packet);
}

// RFC 768
std::optional<Datagram> PacketDecoder::udp(const Carried& carried) {
  const Bytes packet = carried.payload;
  const bool cut = carried.cut && carried.missing;
  if (carried.missing && !carried.cut) return incomplete(false);  // as ip_rcv of Linux
  if (packet.size() < 8) return incomplete(cut);
  const std::size_t length = u16(packet, 4);
  if (length < 8) return incomplete(false);
  if (length > packet.size()) return incomplete(cut);
  ++counters_.datagrams;
  return Datagram{carried.time,
                  {carried.from, static_cast<std::uint16_t>(u16(packet, 0))},
                  {carried.to, static_cast<std::uint16_t>(u16(packet, 2))},
                  packet.subspan(8, length - 8)};
}

}  // namespace flowspan::source
