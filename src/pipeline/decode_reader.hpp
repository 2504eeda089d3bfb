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
  /// `tally` adds up the account of what is read, and tells `exporters` of drops: for who wants one. All outlive the
  /// reader.
  DecodeReader(DatagramReader& datagrams, exporter::Exporters& exporters, Tally* tally = nullptr)
      : datagrams_(datagrams), exporters_(exporters), tally_(tally) {}

  Result<bool> read(flow::FlowBatch& batch) override;
  /// Nothing without a tally.
  flow::Missing missing() const override { return tally_ != nullptr ? tally_->missing() : flow::Missing{}; }

 private:
  DatagramReader& datagrams_;
  exporter::Exporters& exporters_;
  Tally* tally_;
  std::size_t largest_ = 0;  // most flows that one datagram gave
};

}  // namespace flowspan::pipeline
