// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "base/datagram.hpp"
#include "exporter/exporters.hpp"
#include "flow/ledger.hpp"
#include "flow/reader.hpp"
#include "wire/decode.hpp"

namespace flowspan::pipeline {

/// Adds up the ledger of a stretch of datagrams while they are decoded.
class Tally {
 public:
  /// Before the datagram that came after the drops is decoded.
  void drop(std::span<const Drop> drops, exporter::Exporters& exporters);
  /// After it was decoded.
  void add(const Datagram& datagram, const wire::Outcome& outcome, exporter::Exporters& exporters);

  const flow::Ledger& ledger() const { return ledger_; }
  flow::Missing missing() const;

 private:
  flow::Ledger ledger_;
  std::int64_t refused_ = 0;
  bool none_ = true;
  Time received_min_ = 0;
  Time received_max_ = 0;
};

}  // namespace flowspan::pipeline
