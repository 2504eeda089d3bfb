// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/datagram.hpp"
#include "exporter/exporters.hpp"
#include "flow/batch.hpp"

namespace flowspan::wire {

/// What became of one datagram.
struct Outcome {
  std::uint32_t flows = 0;            ///< rows added to the batch
  std::uint64_t lost_flows = 0;       ///< newly known to be missing before this datagram
  std::uint64_t recovered_flows = 0;  ///< were counted as lost before, and are not: to be taken off
  bool error = false;         ///< the datagram was not what it should be; its whole records are kept all the same
  exporter::Reason reason{};  ///< only if error
  bool numbered = false;      ///< the datagram has a sequence number, and `news` says what it tells
  exporter::SequenceNews news = {};
};

/// Decodes one datagram: adds its flows to the batch (the wanted fields only) and accounts for it in `exporters`.
///
/// Takes any bytes. A function of datagram and state alone: no I/O, clock, log, lock; throws nothing but
/// std::bad_alloc. What fields are wanted changes neither the rows nor the state.
Outcome decode(const Datagram& datagram, exporter::Exporters& exporters, flow::FlowBatch& batch);

}  // namespace flowspan::wire
