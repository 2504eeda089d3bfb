// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "flow/batch.hpp"

namespace flowspan::flow {

/// Flows out of something, batch by batch.
class Reader {
 public:
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  virtual ~Reader() = default;
  /// Clears the batch (its wishes stay) and fills it with at least one row, sealed; false at the end.
  virtual Result<bool> read(FlowBatch& batch) = 0;
};

}  // namespace flowspan::flow
