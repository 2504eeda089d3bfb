// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "query/answer.hpp"

namespace flowspan::app {

/// query::answer() with the flows that are received and not yet committed.
Result<query::Truth> ask_store(const query::Request& request, query::RowWriter& rows);

}  // namespace flowspan::app
