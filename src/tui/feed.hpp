// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/time.hpp"
#include "tui/model.hpp"

namespace flowspan::tui {

/// How far back the panels look.
struct Window {
  std::string_view name;
  Duration length;  ///< 0: everything
};
inline constexpr std::array<Window, 4> windows{{{"1m", minute}, {"5m", 5 * minute}, {"1h", hour}, {"all", 0}}};

/// What the screen shows now, so that nothing else need be asked.
struct Wishes {
  std::size_t window = 0;  ///< of `windows`
  bool durations = true;   ///< over the window, not over the newest flows
  bool pairs = true;
  friend bool operator==(const Wishes&, const Wishes&) = default;
};

/// Where the screen's numbers come from.
class Feed {
 public:
  virtual ~Feed() = default;
  /// How things stand now. Called about once a second and when the wishes change, always by the same thread; takes
  /// milliseconds, whatever the load: what takes longer is asked in the background.
  virtual std::shared_ptr<const Model> refresh(const Wishes& wishes) = 0;
};

}  // namespace flowspan::tui
