// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "flow/batch.hpp"

namespace flowspan::store {

/// Appends a line for each flow of the batch: a JSON object with the names of the view `flows`, of what has a value.
/// Addresses are text, times ISO 8601 in UTC, numbers plain (64-bit ones too), `extra` an object. `bytes` and `packets`
/// are scaled by the rate that the flow itself says, as in the view; `raw_bytes` and `raw_packets` are as exported.
void append_json_lines(const flow::FlowBatch& batch, std::string& out);

/// The fields from which such a line is made: all.
flow::FieldSet json_fields();

}  // namespace flowspan::store
