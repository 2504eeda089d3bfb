// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
// The panel of exporters.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/units.hpp"
#include "tui/amounts.hpp"
#include "tui/panels.hpp"

namespace flowspan::tui {
namespace {

/// An exporter with traffic sends at least so often; silent ones are marked.
constexpr Duration silent_after = minute;

enum Field {
  exporter,
  version,
  flow_rate,
  history,
  bits,
  per_datagram,
  datagram_rate,
  lost,
  errors,
  flows,
  heard,
  since
};

constexpr auto table = std::to_array<Column>({
    {.title = "Exporter", .width = 15, .widest = 39, .align = Align::left, .is_address = true, .ascending = true},
    {.title = "Ver", .width = 3, .priority = 2},
    {.title = "Flows/s", .width = 8},
    {.title = "", .width = 10, .priority = 4, .align = Align::left, .takes_rest = true},
    {.title = "bit/s", .width = 6, .priority = 4},
    {.title = "Fl/dgram", .width = 8, .priority = 3},
    {.title = "Dgram/s", .width = 7, .priority = 5},
    {.title = "Lost", .width = 6, .priority = 1},
    {.title = "Errors", .width = 6, .priority = 6},
    {.title = "Flows", .width = 6, .priority = 7},
    {.title = "Seen", .width = 6, .priority = 1},
    {.title = "Since", .width = 6, .priority = 8},
});

class StreamRows final : public Rows {
 public:
  explicit StreamRows(const Model& model) : model_(model) {}

  std::span<const Column> columns() const override { return table; }
  std::size_t size() const override { return model_.streams.size(); }

  std::string text(std::size_t row, std::size_t column, int width) const override {
    const Stream& stream = model_.streams[row];
    switch (column) {
      case exporter: return stream.name;
      case version: return stream.version == 0 ? "-" : fmt::format("v{}", stream.version);
      case flow_rate: return short_amount(stream.flows_per_second);
      case history: return sparkline(stream.history, width);
      case bits: return stream.bits_per_second ? short_amount(*stream.bits_per_second) : "-";
      case per_datagram: return fmt::format("{:.1f}", stream.flows_per_datagram);
      case datagram_rate: return short_amount(stream.datagrams_per_second);
      case lost: return short_amount(static_cast<double>(stream.lost_flows));
      case errors: return short_amount(static_cast<double>(stream.errors));
      case flows: return short_amount(static_cast<double>(stream.flows));
      case heard: return age_text(model_.now - stream.last_seen);
      default: return age_text(model_.now - stream.first_seen);
    }
  }

  std::partial_ordering compare(std::size_t column, std::size_t a, std::size_t b) const override {
    const Stream& x = model_.streams[a];
    const Stream& y = model_.streams[b];
    switch (column) {
      case exporter: return x.ip <=> y.ip;
      case version: return x.version <=> y.version;
      case bits: return x.bits_per_second.value_or(-1) <=> y.bits_per_second.value_or(-1);
      case per_datagram: return x.flows_per_datagram <=> y.flows_per_datagram;
      case datagram_rate: return x.datagrams_per_second <=> y.datagrams_per_second;
      case lost: return x.lost_flows <=> y.lost_flows;
      case errors: return x.errors <=> y.errors;
      case flows: return x.flows <=> y.flows;
      case heard: return y.last_seen <=> x.last_seen;
      case since: return y.first_seen <=> x.first_seen;
      default: return x.flows_per_second <=> y.flows_per_second;
    }
  }

  Style style(std::size_t row, std::size_t column) const override {
    const Stream& stream = model_.streams[row];
    const bool silent = model_.now - stream.last_seen > silent_after;
    switch (column) {
      case history: return {Role::bar};
      case lost:
        if (stream.losing) return {Role::bad, true};
        return {stream.lost_flows > 0 ? Role::warning : Role::dim};
      case errors: return {stream.errors > 0 ? Role::warning : Role::dim};
      case heard: return {silent ? Role::bad : Role::plain, silent};
      case flow_rate: return {silent ? Role::dim : Role::plain, !silent};
      default: return {silent ? Role::dim : Role::plain};
    }
  }

 private:
  const Model& model_;
};

}  // namespace

std::unique_ptr<Rows> stream_rows(const Model& model) { return std::make_unique<StreamRows>(model); }

}  // namespace flowspan::tui
