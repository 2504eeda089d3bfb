// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "engine/table.hpp"

namespace flowspan::query {

/// The zone in which times are shown. Inside everything is UTC.
class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;
  /// "UTC", "local", "Europe/Prague". Any but UTC becomes the zone of the process (TZ): call it before threads start.
  static Result<TimeZone> parse(std::string_view name);

  /// ISO 8601 with the decimals of its column: "2026-11-23T16:30:05.123Z", "2026-11-23T17:30:05.123+01:00".
  std::string text(const engine::Timestamp& timestamp) const;

 private:
  bool utc_ = true;
};

}  // namespace flowspan::query
