// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// Captured packets in a sequence: link layer, IP, fragments. The input is a link type, then [u16 length][bytes] for each
// packet, whose first byte says how much longer it was on the wire and how much time went by.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "source/packet.hpp"

namespace {

using namespace flowspan;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes input = std::as_bytes(std::span(data, size));
  source::PacketDecoder decoder(static_cast<source::LinkType>(data[0] % 5));
  input = input.subspan(1);
  Time time = 1'700'000'000 * second;
  std::uint64_t packets = 0;
  while (input.size() >= 3) {
    const std::size_t asked = std::to_integer<std::size_t>(input[0]) << 8 | std::to_integer<std::size_t>(input[1]);
    const auto how = std::to_integer<unsigned>(input[2]);
    input = input.subspan(3);
    const Bytes packet = input.first(std::min(asked, input.size()));
    input = input.subspan(packet.size());
    time += (static_cast<int>(how >> 4) - 2) * second;
    if (const auto datagram = decoder.decode(time, packet, packet.size() + (how & 0xf))) {
      unsigned sum = 0;
      for (const std::byte byte : datagram->payload) sum += std::to_integer<unsigned>(byte);
      require(sum <= 255u * 65535u);
    }
    ++packets;
    const auto& counters = decoder.counters();
    require(counters.packets == packets);
    require(counters.datagrams + counters.other + counters.cut + counters.malformed + counters.reassembly.fragments -
                counters.reassembly.reassembled ==
            packets);
  }
  decoder.finish();
  return 0;
}
