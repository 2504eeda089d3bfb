// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/configuration.hpp"

namespace flowspan::app {

enum class Verdict { ok, warning, error };

/// One thing that `flowspan check` looked at.
struct Finding {
  Verdict verdict = Verdict::ok;
  std::string what;  ///< "listen :2055", "clock"
  std::string text;  ///< what is, and if it is not ok what to do
};
using Findings = std::vector<Finding>;

// Each looks at one part of what `collect` would need. Nothing is changed, and ports are free again afterwards.
void check_ports(const Configuration& configuration, Findings& findings);
void check_store(const Configuration& configuration, Findings& findings);
void check_identity(const Configuration& configuration, Findings& findings);
void check_machine(const Configuration& configuration, Time now, Findings& findings);

}  // namespace flowspan::app
