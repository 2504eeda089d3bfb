// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "wire/netflow_fixed.hpp"

#include <algorithm>
#include <bit>

namespace flowspan::wire {
namespace {

using namespace flow;
using exporter::Reason;

bool only_padding(const FixedFormat& format, Bytes bytes) {
  return format.padded && std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
}

/// Why the datagram is not what its count says, if so.
std::optional<Reason> problem(const FixedFormat& format, const FixedHeader& header, const Records& records,
                              Bytes rest) {
  if (records.count == 0) return Reason::no_records;
  if (records.count < header.count) return Reason::truncated_records;
  const std::size_t counted = records.count * format.record_length;
  if (rest.size() > counted && !only_padding(format, rest.subspan(counted))) return Reason::excess_bytes;
  return std::nullopt;
}

void put_datagram(const FixedFormat& format, const FixedHeader& header, const Datagram& datagram, FlowBatch& batch) {
  batch.put_all("received_time"_field, static_cast<std::uint64_t>(datagram.received / microsecond));
  batch.put_all("exporter_hi"_field, datagram.from.ip.hi);
  batch.put_all("exporter_lo"_field, datagram.from.ip.lo);
  batch.put_all("exporter_port"_field, datagram.from.port);
  batch.put_all("export_version"_field, format.version);
  batch.put_all("export_time"_field, static_cast<std::uint64_t>(header.export_time()));
  batch.put_all("sys_uptime"_field, header.sys_uptime);
  if (header.sequence) batch.put_all("flow_sequence"_field, *header.sequence);
}

void account(const FixedHeader& header, const Datagram& datagram, exporter::Exporters& exporters,
             exporter::Exporter& sender, Outcome& outcome) {
  exporter::Counters& counters = sender.counters;
  counters.flows += outcome.flows;
  if (outcome.error) ++counters.errors[static_cast<std::size_t>(outcome.reason)];
  if (header.bad_nsecs()) ++counters.bad_export_times;
  if (!header.sequence) return;
  const std::uint32_t undecodable = header.count > outcome.flows ? header.count - outcome.flows : 0;
  outcome.numbered = true;
  outcome.news = exporters.observe(sender, header.engine,
                                   {*header.sequence, outcome.flows, header.sys_uptime, header.clock().export_ms,
                                    datagram.received, undecodable, datagram.interface, datagram.from.ip});
  outcome.lost_flows = outcome.news.lost;
  outcome.recovered_flows = outcome.news.recovered;
}

}  // namespace

Time FixedHeader::export_time() const {
  return static_cast<Time>(unix_secs) * second + (bad_nsecs() ? 0 : static_cast<Time>(unix_nsecs));
}

FixedHeader read_fixed_header(Cursor& in) {
  in.u16();  // version
  FixedHeader header;
  header.count = in.u16();
  header.sys_uptime = in.u32();
  header.unix_secs = in.u32();
  header.unix_nsecs = in.u32();
  return header;
}

Outcome decode_fixed(const FixedFormat& format, const FixedHeader& header, const Cursor& in, const Datagram& datagram,
                     exporter::Exporters& exporters, FlowBatch& batch) {
  if (!in.ok()) return refuse(datagram, format.version, Reason::truncated_header, exporters);
  const Records records = Records::of(in.rest(), format.record_length, header.count);
  const std::optional<Reason> wrong = problem(format, header, records, in.rest());
  if (records.count == 0) {
    if (header.sequence) exporters.note_damaged(datagram.from.ip, header.engine, *header.sequence, header.count);
    return refuse(datagram, format.version, *wrong, exporters);
  }

  Outcome outcome;
  outcome.flows = static_cast<std::uint32_t>(records.count);
  outcome.error = wrong.has_value();
  outcome.reason = wrong.value_or(Reason{});
  account(header, datagram, exporters, exporters.exporter(datagram, format.version), outcome);

  batch.add_rows(records.count);
  if (batch.wanted().none()) return outcome;
  put_datagram(format, header, datagram, batch);
  put_columns(records, format.columns, header.clock(), batch);
  for (const FieldIndex field : format.unsaid) batch.put_null(field);
  std::string extra = header.extra;
  if (header.bad_nsecs()) append_hex(extra, "unix_nsecs", header.unix_nsecs, 4);
  put_leftovers(records, format.leftovers, extra, batch);
  return outcome;
}

void put_engine(const exporter::EngineKey& engine, std::uint16_t sampling, FlowBatch& batch) {
  batch.put_all("engine_type"_field, engine.type);
  batch.put_all("engine_id"_field, engine.id);
  batch.put_all("sampling_mode"_field, sampling >> 14);
  const unsigned interval = sampling & 0x3fffu;
  if (interval != 0) batch.put_all("sampling_rate"_field, std::bit_cast<std::uint64_t>(static_cast<double>(interval)));
}

Outcome refuse(const Datagram& datagram, std::uint16_t version, Reason reason, exporter::Exporters& exporters) {
  exporters.refuse(datagram, version, reason);
  Outcome outcome;
  outcome.error = true;
  outcome.reason = reason;
  return outcome;
}

}  // namespace flowspan::wire
