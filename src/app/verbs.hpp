// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The flags of every verb. Includes CLI11, so only the files that define flags include this one.

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/commands.hpp"

namespace flowspan::app {

/// What the command line asked for; run after it was read without a fault.
using Action = std::function<int()>;

void add_collect(CLI::App& program, Action& action);
void add_read(CLI::App& program, Action& action);
void add_replay(CLI::App& program, Action& action);
void add_simulate(CLI::App& program, Action& action);
void add_demo(CLI::App& program, Action& action);
void add_query(CLI::App& program, Action& action);
void add_sql(CLI::App& program, Action& action);
void add_duration(CLI::App& program, Action& action);
void add_account(CLI::App& program, Action& action);
void add_store(CLI::App& program, Action& action);
void add_watch(CLI::App& program, Action& action);
void add_check(CLI::App& program, Action& action);

/// Flags that set keys of the configuration, and --config.
class ConfigurationFlags {
 public:
  /// Adds --config and the flag of each of these keys.
  void add_to(CLI::App& verb, const std::vector<std::string_view>& keys);
  std::vector<Override> overrides() const;
  const std::string& file() const { return file_; }
  /// The configuration with these flags.
  Result<Configuration> load() const { return load_configuration(file_, overrides()); }

 private:
  struct Value {
    std::string key;
    CLI::Option* option;
    std::string text;                ///< of one value
    std::vector<std::string> words;  ///< of a list
  };
  void add(CLI::App& verb, std::string_view key);

  std::string file_;
  std::vector<std::unique_ptr<Value>> values_;  ///< CLI11 keeps pointers into them
};

/// --format table|csv|json|ndjson
void add_format(CLI::App& verb, Format& format);

}  // namespace flowspan::app
