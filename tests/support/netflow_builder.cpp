// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "support/netflow_builder.hpp"

#include <array>
#include <utility>

namespace flowspan::test {
namespace {

class Writer {
 public:
  Writer& u8(std::uint32_t value) { return put(value, 1); }
  Writer& u16(std::uint32_t value) { return put(value, 2); }
  Writer& u32(std::uint32_t value) { return put(value, 4); }
  ByteVector take() { return std::move(bytes_); }

 private:
  Writer& put(std::uint32_t value, unsigned width) {
    for (unsigned byte = width; byte-- > 0;) bytes_.push_back(static_cast<std::byte>(value >> (8 * byte) & 0xff));
    return *this;
  }
  ByteVector bytes_;
};

void put_header(Writer& out, unsigned version, const NetflowHeader& header, std::size_t records) {
  out.u16(version).u16(header.count.value_or(static_cast<std::uint16_t>(records)));
  out.u32(header.sys_uptime).u32(header.unix_secs).u32(header.unix_nsecs);
}

// The first 36 bytes are the same in all versions.
void put_head(Writer& out, const NetflowRecord& record) {
  out.u32(record.src).u32(record.dst).u32(record.next_hop).u16(record.in_if).u16(record.out_if);
  out.u32(record.packets).u32(record.bytes).u32(record.first).u32(record.last);
  out.u16(record.src_port).u16(record.dst_port);
}

// Bytes 36 to 47 of v5 and v7.
void put_tail(Writer& out, const NetflowRecord& record) {
  out.u8(record.pad1).u8(record.tcp_flags).u8(record.proto).u8(record.tos).u16(record.src_as).u16(record.dst_as);
  out.u8(record.src_mask).u8(record.dst_mask).u16(record.pad2);
}

// The sums with which most of v8's schemes begin.
Writer& put_sums(Writer& out, const NetflowRecord& record) {
  out.u32(record.flows).u32(record.packets).u32(record.bytes);
  return out.u32(record.first).u32(record.last);
}

// What v8's Catalyst schemes say of a flow after its key.
Writer& put_counts(Writer& out, const NetflowRecord& record) {
  return out.u32(record.packets).u32(record.bytes).u32(record.first).u32(record.last);
}

void put_v8(Writer& out, unsigned scheme, const NetflowRecord& r) {
  switch (scheme) {
    case 1: put_sums(out, r).u16(r.src_as).u16(r.dst_as).u16(r.in_if).u16(r.out_if); break;
    case 2: put_sums(out, r).u8(r.proto).u8(r.pad1).u16(r.reserved).u16(r.src_port).u16(r.dst_port); break;
    case 3: put_sums(out, r).u32(r.src).u8(r.src_mask).u8(r.pad1).u16(r.src_as).u16(r.in_if).u16(r.reserved); break;
    case 4: put_sums(out, r).u32(r.dst).u8(r.dst_mask).u8(r.pad1).u16(r.dst_as).u16(r.out_if).u16(r.reserved); break;
    case 5:
      put_sums(out, r).u32(r.src).u32(r.dst).u8(r.dst_mask).u8(r.src_mask).u16(r.reserved);
      out.u16(r.src_as).u16(r.dst_as).u16(r.in_if).u16(r.out_if);
      break;
    case 6:
      put_counts(out.u32(r.dst), r).u16(r.out_if).u8(r.tos).u8(r.marked_tos).u32(r.extra_pkts).u32(r.router_sc);
      break;
    case 7:
      put_counts(out.u32(r.dst).u32(r.src), r).u16(r.out_if).u16(r.in_if).u8(r.tos).u8(r.marked_tos).u16(r.reserved);
      out.u32(r.extra_pkts).u32(r.router_sc);
      break;
    case 8:
      put_counts(out.u32(r.dst).u32(r.src).u16(r.dst_port).u16(r.src_port), r).u16(r.out_if).u16(r.in_if);
      out.u8(r.tos).u8(r.proto).u8(r.marked_tos).u8(r.pad1).u32(r.extra_pkts).u32(r.router_sc);
      break;
    case 9:
      put_sums(out, r).u16(r.src_as).u16(r.dst_as).u16(r.in_if).u16(r.out_if).u8(r.tos).u8(r.pad1).u16(r.reserved);
      break;
    case 10:
      put_sums(out, r).u8(r.proto).u8(r.tos).u16(r.reserved).u16(r.src_port).u16(r.dst_port);
      out.u16(r.in_if).u16(r.out_if);
      break;
    case 11: put_sums(out, r).u32(r.src).u8(r.src_mask).u8(r.tos).u16(r.src_as).u16(r.in_if).u16(r.reserved); break;
    case 12: put_sums(out, r).u32(r.dst).u8(r.dst_mask).u8(r.tos).u16(r.dst_as).u16(r.out_if).u16(r.reserved); break;
    case 13:
      put_sums(out, r).u32(r.src).u32(r.dst).u8(r.dst_mask).u8(r.src_mask).u8(r.tos).u8(r.pad1);
      out.u16(r.src_as).u16(r.dst_as).u16(r.in_if).u16(r.out_if);
      break;
    case 14:
      put_sums(out, r).u32(r.src).u32(r.dst).u8(r.dst_mask).u8(r.src_mask).u8(r.tos).u8(r.proto);
      out.u16(r.src_port).u16(r.dst_port).u16(r.in_if).u16(r.out_if);
      break;
    default: break;
  }
}

}  // namespace

std::size_t NetflowKind::header_length() const { return version == 1 ? 16 : version == 8 ? 28 : 24; }

std::size_t NetflowKind::record_length() const {
  if (version == 8)
    return std::array<std::size_t, 14>{28, 28, 32, 32, 40, 32, 40, 44, 32, 32, 32, 32, 40, 40}.at(scheme - 1);
  return version == 7 ? 52 : 48;
}

std::vector<NetflowKind> netflow_kinds() {
  std::vector<NetflowKind> kinds{1, 5, 7};
  for (unsigned scheme = 1; scheme <= 14; ++scheme) kinds.emplace_back(8, scheme);
  return kinds;
}

ByteVector netflow_v1(const NetflowHeader& header, std::span<const NetflowRecord> records) {
  Writer out;
  put_header(out, 1, header, records.size());
  for (const NetflowRecord& record : records) {
    put_head(out, record);
    out.u8(record.pad1).u8(record.pad1).u8(record.proto).u8(record.tos).u8(record.tcp_flags);
    out.u8(record.tcp_retx_cnt).u8(record.tcp_retx_secs).u8(record.tcp_misseq_cnt).u32(record.reserved);
  }
  return out.take();
}

ByteVector netflow_v5(const NetflowHeader& header, std::span<const NetflowRecord> records) {
  Writer out;
  put_header(out, 5, header, records.size());
  out.u32(header.sequence).u8(header.engine_type).u8(header.engine_id).u16(header.sampling);
  for (const NetflowRecord& record : records) {
    put_head(out, record);
    put_tail(out, record);
  }
  return out.take();
}

ByteVector netflow_v7(const NetflowHeader& header, std::span<const NetflowRecord> records) {
  Writer out;
  put_header(out, 7, header, records.size());
  out.u32(header.sequence).u32(header.reserved);
  for (const NetflowRecord& record : records) {
    put_head(out, record);
    put_tail(out, record);
    out.u32(record.router_sc);
  }
  return out.take();
}

ByteVector netflow_v8(unsigned scheme, const NetflowHeader& header, std::span<const NetflowRecord> records) {
  Writer out;
  put_header(out, 8, header, records.size());
  out.u32(header.sequence).u8(header.engine_type).u8(header.engine_id).u8(scheme).u8(header.agg_version);
  out.u16(header.sampling).u16(header.reserved);
  for (const NetflowRecord& record : records) put_v8(out, scheme, record);
  return out.take();
}

ByteVector netflow(NetflowKind kind, const NetflowHeader& header, std::span<const NetflowRecord> records) {
  switch (kind.version) {
    case 1: return netflow_v1(header, records);
    case 5: return netflow_v5(header, records);
    case 8: return netflow_v8(kind.scheme, header, records);
    default: return netflow_v7(header, records);
  }
}

ByteVector netflow(NetflowKind kind, const NetflowHeader& header, std::size_t records) {
  return netflow(kind, header, std::vector<NetflowRecord>(records));
}

ByteVector netflow_v5(const NetflowHeader& header, std::size_t records) { return netflow(5, header, records); }
ByteVector netflow_v7(const NetflowHeader& header, std::size_t records) { return netflow(7, header, records); }

Datagram received(const ByteVector& payload, Ip from, Time at, std::uint16_t port) {
  Datagram datagram;
  datagram.received = at;
  datagram.from = {from, port};
  datagram.to = {Ip::v4(0x7f000001), 2055};
  datagram.payload = payload;
  return datagram;
}

}  // namespace flowspan::test
