// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/datagram.hpp"
#include "exporter/exporters.hpp"
#include "flow/reader.hpp"
#include "pipeline/tally.hpp"

namespace flowspan::pipeline {

/// The flows of a stretch of datagrams, decoded in their order. What is learned goes to `exporters`.
class DecodeReader final : public flow::Reader {
 public:
  /// Both outlive the reader.
  DecodeReader(DatagramReader& datagrams, exporter::Exporters& exporters)
      : datagrams_(datagrams), exporters_(exporters) {}

  Result<bool> read(flow::FlowBatch& batch) override;
  flow::Missing missing() const override { return tally_.missing(); }
  /// The account of what was read so far.
  const flow::Ledger& ledger() const { return tally_.ledger(); }

 private:
  DatagramReader& datagrams_;
  exporter::Exporters& exporters_;
  Tally tally_;
  std::size_t largest_ = 0;  // most flows that one datagram gave
};

}  // namespace flowspan::pipeline
