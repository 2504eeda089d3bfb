// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "support/netflow_builder.hpp"

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

}  // namespace

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

ByteVector netflow(unsigned version, const NetflowHeader& header, std::span<const NetflowRecord> records) {
  switch (version) {
    case 1: return netflow_v1(header, records);
    case 5: return netflow_v5(header, records);
    default: return netflow_v7(header, records);
  }
}

ByteVector netflow(unsigned version, const NetflowHeader& header, std::size_t records) {
  return netflow(version, header, std::vector<NetflowRecord>(records));
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
