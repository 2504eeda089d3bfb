// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/capture.hpp"

#include <fcntl.h>

#include <array>

namespace flowspan::simulate {
namespace {

constexpr std::uint32_t magic_nanoseconds = 0xA1B2'3C4D;
constexpr std::uint32_t snap_length = 65'535;
constexpr std::uint32_t link_ethernet = 1;
constexpr std::size_t ip_length = 20, udp_length = 8, frame_head = 14 + ip_length + udp_length;

/// A header, most significant byte first.
struct Head {
  std::array<std::byte, frame_head> bytes{};
  std::size_t size = 0;

  void u8(unsigned value) { bytes[size++] = static_cast<std::byte>(value); }
  void u16(unsigned value) {
    u8(value >> 8 & 0xff);
    u8(value & 0xff);
  }
  void u32(std::uint32_t value) {
    u16(value >> 16);
    u16(value & 0xffff);
  }
};

/// The Internet checksum's sum so far (RFC 1071); an odd last byte counts as if a zero followed.
std::uint32_t add_up(Bytes bytes, std::uint32_t sum) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto value = std::to_integer<std::uint32_t>(bytes[i]);
    sum += i % 2 == 0 ? value << 8 : value;
  }
  return sum;
}

unsigned checksum(std::uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

void put(std::array<std::byte, frame_head>& bytes, std::size_t at, unsigned value) {
  bytes[at] = static_cast<std::byte>(value >> 8 & 0xff);
  bytes[at + 1] = static_cast<std::byte>(value & 0xff);
}

std::array<std::byte, frame_head> head_of(const Datagram& datagram, std::uint16_t identification) {
  const auto length = static_cast<unsigned>(datagram.payload.size());
  Head head;
  for (const std::uint32_t half : {0x0200'0000u, 0x0002'0200u, 0x0000'0001u}) head.u32(half);  // local MAC addresses
  head.u16(0x0800);
  head.u16(0x4500);
  head.u16(static_cast<unsigned>(ip_length + udp_length + length));
  head.u16(identification);
  head.u16(0x4000);
  head.u16(255 << 8 | 17);
  head.u16(0);
  head.u32(datagram.from.ip.as_v4());
  head.u32(datagram.to.ip.as_v4());
  head.u16(datagram.from.port);
  head.u16(datagram.to.port);
  head.u16(static_cast<unsigned>(udp_length + length));
  head.u16(0);
  const Bytes all(head.bytes);
  put(head.bytes, 24, checksum(add_up(all.subspan(14, ip_length), 0)));
  // The pseudo header of RFC 768: addresses, protocol, length.
  std::uint32_t sum = add_up(all.subspan(26, 8), 17 + static_cast<std::uint32_t>(udp_length + length));
  sum = add_up(all.subspan(34, udp_length), sum);
  const unsigned udp = checksum(add_up(datagram.payload, sum));
  put(head.bytes, 40, udp == 0 ? 0xffff : udp);
  return head.bytes;
}

template <std::size_t n>
void append_words(std::vector<std::byte>& out, const std::array<std::uint32_t, n>& words) {
  for (const std::uint32_t word : words)
    for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::byte>(word >> shift & 0xff));
}

}  // namespace

Result<CaptureWriter> CaptureWriter::create(const std::filesystem::path& path) {
  auto fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (!fd) return fail(fd.error());
  CaptureWriter writer(path, std::move(*fd));
  const std::uint32_t version = 2 | 4u << 16;
  append_words<6>(writer.bytes_, {magic_nanoseconds, version, 0, 0, snap_length, link_ethernet});
  return writer;
}

Status CaptureWriter::add(const Datagram& datagram) {
  const auto length = static_cast<std::uint32_t>(frame_head + datagram.payload.size());
  append_words<4>(bytes_, {static_cast<std::uint32_t>(datagram.received / second),
                           static_cast<std::uint32_t>(datagram.received % second), length, length});
  const auto head = head_of(datagram, identification_++);
  bytes_.insert(bytes_.end(), head.begin(), head.end());
  bytes_.insert(bytes_.end(), datagram.payload.begin(), datagram.payload.end());
  return bytes_.size() < block ? Status{} : finish();
}

Status CaptureWriter::finish() {
  auto written = write_all(fd_.fd(), bytes_, path_);
  bytes_.clear();
  return written;
}

}  // namespace flowspan::simulate
