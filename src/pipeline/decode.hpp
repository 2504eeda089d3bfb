// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/fault.hpp"
#include "wire/decode.hpp"

namespace flowspan::pipeline {

/// wire::decode, which a test build can make die of a datagram.
inline wire::Outcome decode(const Datagram& datagram, exporter::Exporters& exporters, flow::FlowBatch& batch) {
  fault_on_poison(datagram.payload);
  return wire::decode(datagram, exporters, batch);
}

}  // namespace flowspan::pipeline
