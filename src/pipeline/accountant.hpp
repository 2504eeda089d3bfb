// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/datagram.hpp"
#include "exporter/exporters.hpp"
#include "flow/batch.hpp"
#include "flow/sink.hpp"

namespace flowspan::pipeline {

/// Keeps the live account of one writer: decodes every datagram without keeping its flows, so that counters, sequences
/// and the columns that a segment will need are known at once, and cuts the journal into ranges.
///
/// Decoding for the account costs little: only the fields that no flow of the range has needed yet are looked at.
class Accountant {
 public:
  /// Continues after `from`, with what was known of the exporters there.
  Accountant(std::uint32_t writer, Position from, exporter::Exporters exporters);

  void add(const Datagram& datagram);
  /// Datagrams that were dropped here: by the kernel, the ring or a full journal. A range that has nothing else is of the
  /// time `when`.
  void add_dropped(std::uint64_t datagrams, Time when);

  /// Flows since the last cut.
  std::uint64_t rows() const { return range_.rows; }
  /// Datagrams since the last cut, the dropped not counted.
  std::uint64_t datagrams() const { return range_.datagrams; }
  /// Nothing has come since the last cut.
  bool empty() const { return range_.datagrams == 0 && range_.dropped_datagrams == 0; }

  /// Ends the range at `to` and begins the next one there.
  flow::Range cut(Position to);

  const exporter::Exporters& exporters() const { return exporters_; }

 private:
  void take_needed();

  exporter::Exporters exporters_;
  flow::Range range_;
  flow::FlowBatch batch_;
};

}  // namespace flowspan::pipeline
