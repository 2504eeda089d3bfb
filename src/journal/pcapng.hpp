// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The blocks of a journal file as bytes: pcapng (draft-ietf-opsawg-pcapng), always written little-endian.
// docs/formats/journal.md describes the whole file.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/datagram.hpp"

namespace flowspan::journal {

enum class BlockType : std::uint32_t {
  section = 0x0A0D0D0A,  ///< Section Header Block, draft 4.1
  interface = 1,         ///< Interface Description Block, draft 4.2
  packet = 6,            ///< Enhanced Packet Block, draft 4.3
  statistics = 5,        ///< Interface Statistics Block, draft 4.6: a loss
};

inline constexpr std::size_t max_payload_v4 = 65'507;
inline constexpr std::size_t max_payload_v6 = 65'527;
/// The largest block that a reader accepts, of any type; a longer one counts as damage.
inline constexpr std::size_t max_block = 128 * 1024;
/// Of a section header (draft 4.1): tells in which order the numbers of its section are.
inline constexpr std::uint32_t byte_order_magic = 0x1A2B3C4D;
/// Type, length and length again.
inline constexpr std::size_t min_block = 12;
/// An Enhanced Packet Block without packet and options.
inline constexpr std::size_t packet_block_overhead = 32;
/// The most bytes of options that a reader accepts in an Enhanced Packet Block; flowspan writes 0 or 16.
inline constexpr std::size_t max_packet_options = 4096;

/// What a journal file starts with: a section header and one interface description (raw IP, nanoseconds) for each
/// name, such as "udp [::]:2055". Names are cut to 255 bytes. The interface number of a block is its name's place.
std::vector<std::byte> file_header(std::span<const std::string> interfaces);

/// Bytes of the block that write_packet_block() makes; 0 when the payload is too long to be a UDP datagram.
std::size_t packet_block_size(const Datagram& datagram, std::uint64_t kernel_drops);

/// Writes one Enhanced Packet Block: a synthetic IP and UDP header, the payload and, when not 0, `kernel_drops` as
/// epb_dropcount: datagrams the kernel dropped since the last block of this interface.
/// An IPv4 sender is written as IPv4 whatever the receiving address is (one that is not IPv4 becomes 0.0.0.0).
/// `out` has room for packet_block_size() bytes, which is not 0; returns how many were written (the same).
std::size_t write_packet_block(std::byte* out, const Datagram& datagram, std::uint32_t interface,
                               std::uint64_t kernel_drops);

/// Datagrams of one interface that were lost between two moments and that no packet block tells of.
struct Loss {
  Time first = 0;                  ///< when the loss began
  Time last = 0;                   ///< when it was last seen
  std::uint64_t ring_drops = 0;    ///< the ring was full: isb_ifdrop
  std::uint64_t kernel_drops = 0;  ///< the socket's buffer was full: isb_osdrop
};

inline constexpr std::size_t loss_block_size = 76;
/// Writes a Loss as an Interface Statistics Block of loss_block_size bytes, which it returns.
std::size_t write_loss_block(std::byte* out, const Loss& loss, std::uint32_t interface);

/// What happened to the whole journal, not to one interface.
enum class MarkKind {
  started,  ///< a collector began here: what came before it, and is not in the journal, nobody received
  dropped,  ///< datagrams were given up, because the journal was full or could not be written
};
inline constexpr std::size_t mark_block_size = 52;
/// Writes a mark as an Interface Statistics Block of mark_block_size bytes, which it returns: a comment says the kind,
/// isb_ifdrop the datagrams.
std::size_t write_mark_block(std::byte* out, MarkKind kind, std::uint64_t datagrams, Time when);
/// The comment of a mark.
std::string_view mark_text(MarkKind kind);

/// What an IP packet in a journal turned out to be.
enum class Packet {
  datagram,  ///< UDP, whole
  other,     ///< a sound IP header with something else in it: another protocol, a fragment
  damaged,   ///< lengths or the IPv4 header checksum are wrong
};
/// Reads a raw IP packet into `from`, `to` and `payload` of `datagram`; writes only when it returns Packet::datagram.
Packet read_packet(Bytes packet, Datagram& datagram);

/// Whether a file that starts so is big-endian (draft 4.1: the byte-order magic).
bool is_big_endian_section(Bytes file);

/// The length of the block that `blocks` starts with, as this program wrote it; 0 when there is none.
std::size_t block_length(Bytes blocks);
/// The bytes of the blocks at the front of `blocks` that fit in `at_most` bytes, but of one block at least; 0 when
/// `blocks` does not start with a block.
std::size_t whole_blocks(Bytes blocks, std::size_t at_most);

}  // namespace flowspan::journal
