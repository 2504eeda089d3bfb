// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flowspan::exporter {

/// Why a datagram was not what it should be. A datagram has at most one.
enum class Reason : std::uint8_t {
  empty,                ///< no payload at all
  unknown_version,      ///< the version word is of no protocol we know
  unsupported_version,  ///< a protocol we know, but do not decode
  truncated_header,     ///< shorter than its version's header
  no_records,           ///< the header says zero records, or not even the first is whole
  truncated_records,    ///< fewer bytes than the count says; the whole records were kept
  excess_bytes,         ///< more bytes than the count says; the counted records were kept
  unknown_aggregation,  ///< NetFlow v8 of a scheme, or of a version of the schemes, that nobody has published
};
inline constexpr std::size_t reason_count = 8;

/// "truncated_header": as it stands in JSON and on screens.
std::string_view name(Reason reason);

/// What is counted of a sender. Addable; `counter_names` and values() iterate over all.
struct Counters {
  std::uint64_t datagrams = 0;
  std::uint64_t bytes_received = 0;       ///< UDP payload
  std::uint64_t flows = 0;                ///< records decoded
  std::uint64_t lost_flows = 0;           ///< missing by sequence number, less those that came late
  std::uint64_t reordered_flows = 0;      ///< came late
  std::uint64_t duplicate_datagrams = 0;  ///< came twice; their flows are kept both times
  std::uint64_t restarts = 0;             ///< of the exporter: a later boot time and a sequence that begins anew
  std::uint64_t resets = 0;               ///< the sequence jumped absurdly; nothing can be said of losses
  std::uint64_t clock_steps = 0;          ///< the exporter's clock jumped while its sequence went on
  std::uint64_t bad_export_times = 0;     ///< datagrams whose nanoseconds are a second or more
  std::uint64_t forgotten_engines = 0;    ///< sequences dropped, because the sender has too many
  std::array<std::uint64_t, reason_count> errors{};  ///< datagrams by Reason

  std::uint64_t error(Reason reason) const { return errors[static_cast<std::size_t>(reason)]; }
  /// Datagrams with any Reason.
  std::uint64_t decode_errors() const;

  Counters& operator+=(const Counters& other);
  friend bool operator==(const Counters&, const Counters&) = default;
};

/// One number of Counters by name: for JSON, screens and the saved state.
struct CounterName {
  std::string_view name;
  std::uint64_t Counters::*value;
  std::string_view help;
};
/// All but the errors, which `name(Reason)` names.
inline constexpr auto counter_names = std::to_array<CounterName>({
    {"datagrams", &Counters::datagrams, "datagrams received"},
    {"bytes_received", &Counters::bytes_received, "bytes of UDP payload received"},
    {"flows", &Counters::flows, "flow records decoded"},
    {"lost_flows", &Counters::lost_flows, "flows missing by sequence number"},
    {"reordered_flows", &Counters::reordered_flows, "flows that came late"},
    {"duplicate_datagrams", &Counters::duplicate_datagrams, "datagrams that came twice"},
    {"restarts", &Counters::restarts, "restarts of the exporter"},
    {"resets", &Counters::resets, "jumps of the sequence number that are no loss"},
    {"clock_steps", &Counters::clock_steps, "jumps of the exporter's clock"},
    {"bad_export_times", &Counters::bad_export_times, "datagrams whose nanoseconds are a second or more"},
    {"forgotten_engines", &Counters::forgotten_engines, "sequences forgotten, because one sender has too many"},
});
static_assert(sizeof(Counters) == (counter_names.size() + reason_count) * sizeof(std::uint64_t),
              "a counter without a name");

/// Calls f(name, value) for every counter, errors included.
template <typename F>
void for_each(const Counters& counters, F&& f) {
  for (const CounterName& row : counter_names) f(row.name, counters.*row.value);
  for (std::size_t i = 0; i < reason_count; ++i) f(name(static_cast<Reason>(i)), counters.errors[i]);
}

}  // namespace flowspan::exporter
