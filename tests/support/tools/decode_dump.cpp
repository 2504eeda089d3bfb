// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// decode_dump FILE: decodes datagrams with wire::decode and prints them as JSON lines, for tests that hold the decoder against
// other programs. FILE is a sequence of [length, 16 bits big endian][UDP payload]; all come from 10.1.0.1.
//
//   {"datagram":0,"flows":2,"lost_flows":0,"recovered_flows":0,"error":"truncated_records"}     error only if there is one
//   {"datagram":0,"record":0,"src_lo":281470816487426,…}                        the fields that are not NULL, by name

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "flow/batch.hpp"
#include "wire/decode.hpp"

namespace {

using namespace flowspan;

std::string value(const flow::FlowBatch& batch, flow::FieldIndex field, std::size_t row) {
  const flow::Field& description = flow::fields[field];
  if (!batch.present(field)) return std::to_string(description.absent);
  switch (description.type) {
    case flow::Type::u8: return std::to_string(batch.values<std::uint8_t>(field)[row]);
    case flow::Type::u16: return std::to_string(batch.values<std::uint16_t>(field)[row]);
    case flow::Type::u32: return std::to_string(batch.values<std::uint32_t>(field)[row]);
    case flow::Type::u64: return std::to_string(batch.values<std::uint64_t>(field)[row]);
    case flow::Type::f64: return std::to_string(batch.values<double>(field)[row]);
    case flow::Type::text: return batch.texts(field)[row];  // extra: JSON
    default: return std::to_string(batch.values<std::int64_t>(field)[row]);
  }
}

void print(const flow::FlowBatch& batch, std::size_t datagram) {
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    std::printf("{\"datagram\":%zu,\"record\":%zu", datagram, row);
    for (flow::FieldIndex field = 0; field < flow::field_count; ++field) {
      if (batch.is_null(field, row)) continue;
      const std::string name(flow::fields[field].name);
      std::printf(",\"%s\":%s", name.c_str(), value(batch, field, row).c_str());
    }
    std::printf("}\n");
  }
}

void print(const wire::Outcome& outcome, std::size_t datagram) {
  const std::string error = outcome.error ? ",\"error\":\"" + std::string(name(outcome.reason)) + "\"" : "";
  std::printf("{\"datagram\":%zu,\"flows\":%u,\"lost_flows\":%llu,\"recovered_flows\":%llu%s}\n", datagram,
              outcome.flows, static_cast<unsigned long long>(outcome.lost_flows),
              static_cast<unsigned long long>(outcome.recovered_flows), error.c_str());
}

void dump(Bytes file) {
  exporter::Exporters exporters;
  flow::FlowBatch batch;
  for (std::size_t number = 0; file.size() >= 2; ++number) {
    const std::size_t said = std::to_integer<std::size_t>(file[0]) << 8 | std::to_integer<std::size_t>(file[1]);
    const std::size_t length = std::min(said, file.size() - 2);
    Datagram datagram;
    datagram.received = static_cast<Time>(number) * second;
    datagram.from = {Ip::v4(0x0a010001), 40'001};
    datagram.payload = file.subspan(2, length);
    file = file.subspan(2 + length);
    batch.clear();
    const wire::Outcome outcome = wire::decode(datagram, exporters, batch);
    batch.seal();
    print(outcome, number);
    print(batch, number);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: decode_dump FILE\n");
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "decode_dump: cannot open %s\n", argv[1]);
    return 1;
  }
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  dump(std::as_bytes(std::span(bytes)));
  return 0;
}
