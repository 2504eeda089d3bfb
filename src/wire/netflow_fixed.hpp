// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What NetFlow v1, v5, v7 and v8 share: a header that begins alike, and records of one fixed layout.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "wire/cursor.hpp"
#include "wire/decode.hpp"
#include "wire/fixed_records.hpp"

namespace flowspan::wire {

/// One version's format.
struct FixedFormat {
  std::uint8_t version;
  std::size_t record_length;  ///< bytes
  std::span<const FixedColumn> columns;
  std::span<const Leftover> leftovers;
  std::span<const flow::FieldIndex> unsaid = {};  ///< NULL, although the field's absent value is a number
  bool padded = false;                            ///< zeros may follow the last record
};

/// The header fields that the versions share, and whom they number.
struct FixedHeader {
  std::uint16_t count = 0;
  std::uint32_t sys_uptime = 0;  ///< ms since boot
  std::uint32_t unix_secs = 0;
  std::uint32_t unix_nsecs = 0;
  std::optional<std::uint32_t> sequence;  ///< v1 has none
  exporter::EngineKey engine;             ///< of the sequence
  std::string extra;                      ///< header fields without a column: `"name":"value"`

  /// Nanoseconds of a second or more say nothing about the fraction of the second.
  bool bad_nsecs() const { return unix_nsecs >= 1'000'000'000; }
  Time export_time() const;  ///< ns
  UptimeClock clock() const { return {export_time() / millisecond, sys_uptime}; }
};

/// The first 16 bytes, which are the same in all versions.
FixedHeader read_fixed_header(Cursor& in);

/// Counts the datagram, adds its rows and puts their columns. `in` stands behind the header. What only one version's
/// header has is for the caller to put, if the outcome has flows.
Outcome decode_fixed(const FixedFormat& format, const FixedHeader& header, const Cursor& in, const Datagram& datagram,
                     exporter::Exporters& exporters, flow::FlowBatch& batch);

Outcome decode_v1(const Datagram& datagram, exporter::Exporters& exporters, flow::FlowBatch& batch);
Outcome decode_v5(const Datagram& datagram, exporter::Exporters& exporters, flow::FlowBatch& batch);
Outcome decode_v7(const Datagram& datagram, exporter::Exporters& exporters, flow::FlowBatch& batch);
Outcome decode_v8(const Datagram& datagram, exporter::Exporters& exporters, flow::FlowBatch& batch);

/// What the headers of v5 and v8 say of who saw the flows, and how: a sampling word of two bits of mode, then one packet
/// in so many. An interval of zero says nothing of the rate.
void put_engine(const exporter::EngineKey& engine, std::uint16_t sampling, flow::FlowBatch& batch);

/// Counts a datagram that brings no flows.
Outcome refuse(const Datagram& datagram, std::uint16_t version, exporter::Reason reason,
               exporter::Exporters& exporters);

}  // namespace flowspan::wire
