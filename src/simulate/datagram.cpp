// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/datagram.hpp"

namespace flowspan::simulate {
namespace {

constexpr unsigned random_sampling = 2;  // v5's and v8's mode: the packets are chosen at random
constexpr unsigned most_sampling = 0x3fff;

/// Appends numbers, most significant byte first.
class Writer {
 public:
  explicit Writer(std::vector<std::byte>& out) : out_(out) {}

  void u8(unsigned value) { out_.push_back(static_cast<std::byte>(value)); }
  void u16(unsigned value) {
    u8(value >> 8 & 0xff);
    u8(value & 0xff);
  }
  void u32(std::uint32_t value) {
    u16(value >> 16);
    u16(value & 0xffff);
  }

 private:
  std::vector<std::byte>& out_;
};

std::uint32_t uptime(const Header& header, Time time) {
  const Time ms = time >= 0 ? time / millisecond : (time - millisecond + 1) / millisecond;
  return static_cast<std::uint32_t>(ms - header.booted / millisecond);
}

unsigned sampling_word(const Header& header) {
  return header.sampling == 0 ? 0 : random_sampling << 14 | (header.sampling & most_sampling);
}

void put_header(Writer& out, Version version, const Header& header, std::size_t count) {
  out.u16(static_cast<unsigned>(version));
  out.u16(static_cast<unsigned>(count));
  out.u32(uptime(header, header.exported));
  out.u32(static_cast<std::uint32_t>(header.exported / second));
  out.u32(static_cast<std::uint32_t>(header.exported % second));
  if (version == Version::v1) return;
  out.u32(header.sequence);
  if (version == Version::v7) return out.u32(0);
  out.u16(header.engine);
  if (version == Version::v8) return;
  out.u16(sampling_word(header));
}

void put_record(Writer& out, Version version, const Header& header, const Record& record) {
  for (const std::uint32_t address : {record.src, record.dst, record.next_hop}) out.u32(address);
  out.u16(record.in_if);
  out.u16(record.out_if);
  out.u32(record.packets);
  out.u32(record.bytes);
  out.u32(uptime(header, record.first));
  out.u32(uptime(header, record.last));
  out.u16(record.src_port);
  out.u16(record.dst_port);
  if (version == Version::v1) {
    out.u16(0);
    for (const std::uint8_t value : {record.proto, record.tos, record.tcp_flags}) out.u8(value);
    out.u8(0);
    out.u16(0);
    return out.u32(0);
  }
  out.u8(0);
  for (const std::uint8_t value : {record.tcp_flags, record.proto, record.tos}) out.u8(value);
  out.u16(record.src_as);
  out.u16(record.dst_as);
  out.u8(record.src_mask);
  out.u8(record.dst_mask);
  out.u16(0);
  if (version == Version::v7) out.u32(header.router);
}

void put_aggregate(Writer& out, Scheme scheme, const Header& header, const Aggregate& aggregate) {
  const Record& record = aggregate.record;
  for (const std::uint32_t sum : {aggregate.flows, record.packets, record.bytes}) out.u32(sum);
  out.u32(uptime(header, record.first));
  out.u32(uptime(header, record.last));
  if (scheme == Scheme::proto_port) {
    out.u8(record.proto);
    out.u8(0);
    for (const unsigned value : {0u, unsigned{record.src_port}, unsigned{record.dst_port}}) out.u16(value);
    return;
  }
  if (scheme == Scheme::prefix) {
    out.u32(record.src);
    out.u32(record.dst);
    out.u8(record.dst_mask);
    out.u8(record.src_mask);
    out.u16(0);
  }
  for (const std::uint16_t value : {record.src_as, record.dst_as, record.in_if, record.out_if}) out.u16(value);
}

}  // namespace

std::optional<Version> parse_version(std::string_view word) {
  if (word.starts_with('v')) word.remove_prefix(1);
  for (const Version version : {Version::v1, Version::v5, Version::v7, Version::v8})
    if (word.size() == 1 && word[0] == '0' + static_cast<char>(version)) return version;
  return std::nullopt;
}

std::size_t most_records(Version version) { return version == Version::v1 ? 24 : version == Version::v5 ? 30 : 27; }

std::size_t most_records(Scheme scheme) { return scheme == Scheme::prefix ? 35 : 51; }

void encode(Version version, const Header& header, std::span<const Record> records, std::vector<std::byte>& out) {
  out.clear();
  Writer writer(out);
  put_header(writer, version, header, records.size());
  for (const Record& record : records) put_record(writer, version, header, record);
}

void encode(Scheme scheme, const Header& header, std::span<const Aggregate> aggregates, std::vector<std::byte>& out) {
  out.clear();
  Writer writer(out);
  put_header(writer, Version::v8, header, aggregates.size());
  writer.u8(static_cast<unsigned>(scheme));
  writer.u8(2);  // version of the aggregation
  writer.u16(sampling_word(header));
  writer.u16(0);
  for (const Aggregate& aggregate : aggregates) put_aggregate(writer, scheme, header, aggregate);
}

}  // namespace flowspan::simulate
