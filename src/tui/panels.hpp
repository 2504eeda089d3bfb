// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "tui/model.hpp"
#include "tui/table.hpp"

namespace flowspan::tui {

/// How times are shown.
struct Clock {
  bool unix = true;  ///< seconds since 1970, as GDP shows them
  bool utc = false;  ///< else local time
  Time now = 0;
};

/// The four panels' tables. Each keeps a reference to what it is given.
std::unique_ptr<Rows> stream_rows(const Model& model);
std::unique_ptr<Rows> flow_rows(std::span<const Flow> flows, const Clock& clock);
std::unique_ptr<Rows> duration_rows(std::span<const SourceDuration> durations);
std::unique_ptr<Rows> pair_rows(std::span<const Pair> pairs);

/// T and C by source of the newest flows, at most `newest` of them.
std::vector<SourceDuration> durations_of(std::span<const Flow> flows, std::size_t newest);

}  // namespace flowspan::tui
