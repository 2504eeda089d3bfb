// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/ip.hpp"

namespace flowspan::source {

/// Who has a UDP port that overlaps with `local` (any address overlaps with all), told by /proc/net/udp, udp6 and
/// /proc/PID/fd (proc(5)): "process 4711 (nfcapd)", or "a process of user 33" when its files may not be read.
struct PortHolder {
  std::string text;
  bool self = false;  ///< it is this process
};
std::optional<PortHolder> find_port_holder(const Endpoint& local, bool any);

}  // namespace flowspan::source
