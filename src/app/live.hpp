// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/result.hpp"
#include "query/answer.hpp"

namespace flowspan::app {

/// Readers of the flows that are received and not yet in the snapshot's segments, one for each writer that has any.
/// Kind not_found: the journal was committed meanwhile; take a new snapshot.
Result<std::vector<query::LiveWriter>> live_readers(const store::Store& store, const store::Snapshot& snapshot);

}  // namespace flowspan::app
