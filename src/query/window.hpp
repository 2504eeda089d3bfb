// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/snapshot.hpp"

namespace flowspan::query {

/// --from, --to, --last and --time as the user wrote them; empty: not given. `--last 1h` ends at `--to`, else begins at
/// `--from`, else ends at `now`.
struct WindowWords {
  std::string_view from = {};
  std::string_view to = {};
  std::string_view last = {};
  std::string_view time = {};
};
Result<store::Window> parse_window(const WindowWords& words, Time now);

/// The condition as SQL over the columns received_time, first_time, last_time; empty for everything. Literals have the
/// columns' own types, so that Parquet row groups are pruned.
std::string window_sql(const store::Window& window);

/// "received", "first", "last", "active".
std::string_view time_word(store::TimeColumn time);
/// For people: "last time from 2026-11-23T15:00:00Z to 2026-11-23T16:00:00Z".
std::string window_text(const store::Window& window);

}  // namespace flowspan::query
