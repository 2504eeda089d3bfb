// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "exporter/counters.hpp"

#include <numeric>

namespace flowspan::exporter {
namespace {

struct ReasonText {
  std::string_view name;
  std::string_view help;
};

// In the order of Reason.
constexpr auto texts = std::to_array<ReasonText>({
    {"empty", "datagrams without any payload"},
    {"unknown_version", "datagrams of no protocol that flowspan knows"},
    {"unsupported_version", "datagrams of a protocol that this version does not decode"},
    {"truncated_header", "datagrams shorter than their header"},
    {"no_records", "datagrams with a header but without one whole record"},
    {"truncated_records", "datagrams shorter than their count says; the whole records were kept"},
    {"excess_bytes", "datagrams longer than their count says; the counted records were kept"},
    {"unknown_aggregation", "NetFlow v8 datagrams of an aggregation scheme that flowspan does not know"},
});
static_assert(texts.size() == reason_count);

}  // namespace

std::string_view name(Reason reason) { return texts[static_cast<std::size_t>(reason)].name; }
std::string_view help(Reason reason) { return texts[static_cast<std::size_t>(reason)].help; }

std::uint64_t Counters::decode_errors() const {
  return std::accumulate(errors.begin(), errors.end(), std::uint64_t{0});
}

Counters& Counters::operator+=(const Counters& other) {
  for (const CounterName& row : counter_names) this->*row.value += other.*row.value;
  for (std::size_t i = 0; i < reason_count; ++i) errors[i] += other.errors[i];
  return *this;
}

}  // namespace flowspan::exporter
