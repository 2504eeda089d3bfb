// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/configuration.hpp"

namespace flowspan::app {

/// What TOML may hold for a key. On the command line everything is words.
enum class Kind {
  text,   ///< a string
  size,   ///< a string ("64MiB") or a whole number of bytes
  share,  ///< a string ("5%") or a number from 0 to 1
  count,  ///< a whole number
  flag,   ///< true or false; its flag takes no value
  list,   ///< a list of strings, or one string
};

/// One key of the configuration: in flowspan.toml, as a flag, in the documentation.
struct Setting {
  std::string_view key;
  Kind kind;
  std::string_view value;  ///< what stands for its value in help, e.g. "SIZE"
  std::string_view help;
  bool reload;  ///< can be changed by SIGHUP
  /// An error is a sentence about the words alone; the caller adds where they stood.
  Status (*set)(Configuration&, const std::vector<std::string>& words);
  /// The value as the user would write it.
  std::string (*text)(const Configuration&);
  void (*copy)(Configuration& to, const Configuration& from);
};

/// All of them, in the order of the documentation.
std::span<const Setting> settings();
/// nullptr when there is none of that name.
const Setting* find_setting(std::string_view key);
/// "--rotate-size"; "--no-compact" for a switch that is on by default.
std::string flag_of(const Setting& setting);
/// "compact", "rotate_size", …: for suggestions.
std::vector<std::string_view> setting_keys();

}  // namespace flowspan::app
