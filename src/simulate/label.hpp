// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace flowspan::simulate {

/// Named misbehaviour: of hosts, of the network between router and collector (loss), of a router (restart).
enum class Kind : std::uint8_t { scan, beacon, flood, exfiltration, bruteforce, loss, restart };
inline constexpr std::array<std::string_view, 7> kind_names{"scan",       "beacon", "flood",  "exfiltration",
                                                            "bruteforce", "loss",   "restart"};
std::optional<Kind> parse_kind(std::string_view word);
inline std::string_view kind_name(Kind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

/// A piece of misbehaviour as it was sent. Empty addresses stand for many.
struct Label {
  Kind kind{};
  std::uint32_t exporter = 0;
  std::string src;
  std::string dst;                        ///< an address or a network
  std::optional<std::uint16_t> dst_port;  ///< nothing: many, or none of its own
  std::optional<std::uint8_t> proto;
  std::string note;

  Time start = 0;               ///< the earliest first packet; of loss and restart: when it began
  Time end = 0;                 ///< the latest last packet; of loss and restart: when it was over
  std::uint64_t flows = 0;      ///< flow records sent from src to dst; of loss and restart: left out
  std::uint64_t answers = 0;    ///< flow records sent of the other direction
  std::uint64_t packets = 0;    ///< of `flows`, as exported
  std::uint64_t bytes = 0;      ///< of `flows`, as exported
  std::uint64_t datagrams = 0;  ///< of loss: left out
};

/// Labels as CSV with a head line; those of which nothing was sent are left out. `exporter_name` tells the address
/// that the collector sees, `engine` v5's engine as type and id in one number.
std::string labels_csv(std::span<const Label> labels, const std::function<std::string(std::uint32_t)>& exporter_name,
                       const std::function<std::uint16_t(std::uint32_t)>& engine);

}  // namespace flowspan::simulate
