// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/datagram.hpp"
#include "base/result.hpp"
#include "exporter/exporters.hpp"
#include "flow/sink.hpp"

namespace flowspan::pipeline {

/// Opens what is imported at its beginning. It is read twice: to count, and to store.
using OpenDatagrams = std::function<Result<std::unique_ptr<DatagramReader>>()>;

struct ImportOptions {
  std::uint64_t rows_per_segment = 5'000'000;
  /// Called now and then; pass is 1 or 2. False: stop, the import ends with an error of kind failed.
  std::function<bool(int pass, const DatagramReader&)> progress;
  /// Called when the first pass has read everything.
  std::function<void(const DatagramReader&)> counted;
};

struct Imported {
  std::uint64_t datagrams = 0;
  std::uint64_t rows = 0;
  exporter::Exporters exporters;  ///< what was learned of the senders
  flow::Ledger ledger;
};

/// Stores all flows of the datagrams: `store` is called for each segment, in order, and reads its flows to the end.
Result<Imported> import_datagrams(const OpenDatagrams& open, const ImportOptions& options,
                                  const std::function<Status(const flow::Range&, flow::Reader&)>& store);

}  // namespace flowspan::pipeline
