// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "base/time.hpp"
#include "flow/batch.hpp"

namespace flowspan::flow {

/// What is known to be missing. Flows lost by sequence number have one of the fates of flow/ledger.hpp; signed, because
/// late flows take back what an earlier stretch counted.
struct Missing {
  std::int64_t lost_flows = 0;         ///< by sequence numbers, of every fate
  std::int64_t dropped_flows = 0;      ///< of these in datagrams that this machine dropped or put aside
  std::int64_t down_flows = 0;         ///< of these while no collector ran
  std::int64_t undecodable_flows = 0;  ///< of these in damaged datagrams
  std::int64_t unclear_flows = 0;      ///< of these where one of several may have lost them
  std::int64_t dropped_datagrams = 0;  ///< by this machine
  std::int64_t decode_errors = 0;      ///< datagrams that were not what they should be
  Time received_min = 0;               ///< of the datagrams read
  Time received_max = 0;
};

/// Flows out of something, batch by batch.
class Reader {
 public:
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  virtual ~Reader() = default;
  /// Clears the batch (its wishes stay) and fills it with at least one row, sealed; false at the end.
  virtual Result<bool> read(FlowBatch& batch) = 0;
  /// What is known to be missing among the flows read so far, where the reader can know.
  virtual Missing missing() const { return {}; }
};

}  // namespace flowspan::flow
