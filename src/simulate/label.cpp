// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/label.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flowspan::simulate {
namespace {

template <typename T>
std::string number_or_nothing(const std::optional<T>& number) {
  return number ? std::to_string(*number) : std::string();
}

/// As a router's clock tells it, in whole milliseconds.
std::string time_ms(Time time) { return time_text(time / millisecond * millisecond); }

}  // namespace

std::optional<Kind> parse_kind(std::string_view word) {
  const auto found = std::find(kind_names.begin(), kind_names.end(), word);
  if (found == kind_names.end()) return std::nullopt;
  return static_cast<Kind>(found - kind_names.begin());
}

std::string labels_csv(std::span<const Label> labels, const std::function<std::string(std::uint32_t)>& exporter_name,
                       const std::function<std::uint16_t(std::uint32_t)>& engine) {
  std::string csv =
      "kind,start,end,exporter,engine,src,dst,dst_port,proto,flows,answers,packets,bytes,datagrams,note\n";
  for (const Label& label : labels) {
    const bool of_hosts = label.kind != Kind::loss && label.kind != Kind::restart;
    if (label.start == 0 || (of_hosts && label.flows + label.answers == 0)) continue;
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", kind_name(label.kind), time_ms(label.start),
                       time_ms(label.end), exporter_name(label.exporter), engine(label.exporter), label.src, label.dst,
                       number_or_nothing(label.dst_port), number_or_nothing(label.proto), label.flows, label.answers,
                       label.packets, label.bytes, label.datagrams, label.note);
  }
  return csv;
}

}  // namespace flowspan::simulate
