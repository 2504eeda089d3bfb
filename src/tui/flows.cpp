// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
// The panel of flows.
#include <array>

#include "tui/amounts.hpp"
#include "tui/panels.hpp"

namespace flowspan::tui {
namespace {

enum Field {
  number,
  protocol,
  source,
  source_port,
  destination,
  destination_port,
  tos,
  bytes,
  packets,
  first,
  last,
  exporter
};

constexpr auto table = std::to_array<Column>({
    {.title = "No", .width = 7, .widest = 15},
    {.title = "Prot", .width = 5, .priority = 1, .align = Align::left, .ascending = true},
    {.title = "Source", .width = 15, .widest = 39, .align = Align::left, .is_address = true, .ascending = true},
    {.title = "Port", .width = 5, .priority = 1, .ascending = true},
    {.title = "Destination", .width = 15, .widest = 39, .align = Align::left, .is_address = true, .ascending = true},
    {.title = "Port", .width = 5, .priority = 1, .ascending = true},
    {.title = "ToS", .width = 3, .priority = 5},
    {.title = "Bytes", .width = 5, .priority = 2},
    {.title = "Pkts", .width = 5, .priority = 4},
    {.title = "First", .width = 14, .priority = 6},
    {.title = "Last", .width = 14, .priority = 3},
    {.title = "Exporter",
     .width = 15,
     .widest = 39,
     .priority = 7,
     .align = Align::left,
     .is_address = true,
     .ascending = true},
});

class FlowRows final : public Rows {
 public:
  FlowRows(std::span<const Flow> flows, const Clock& clock) : flows_(flows), clock_(clock) {}

  std::span<const Column> columns() const override { return table; }
  std::size_t size() const override { return flows_.size(); }

  std::string text(std::size_t row, std::size_t column, int) const override {
    const Flow& flow = flows_[row];
    switch (column) {
      case number: return std::to_string(flow.number);
      case protocol: return protocol_name(flow.protocol);
      case source: return flow.source.to_string();
      case source_port: return port(flow.source_port);
      case destination: return flow.destination.to_string();
      case destination_port: return port(flow.destination_port);
      case tos: return std::to_string(flow.tos);
      case bytes: return short_amount(static_cast<double>(flow.bytes));
      case packets: return short_amount(static_cast<double>(flow.packets));
      case first: return time(flow.first);
      case last: return time(flow.last);
      default: return flow.exporter.to_string();
    }
  }

  std::partial_ordering compare(std::size_t column, std::size_t a, std::size_t b) const override {
    const Flow& x = flows_[a];
    const Flow& y = flows_[b];
    switch (column) {
      case protocol: return x.protocol <=> y.protocol;
      case source: return x.source <=> y.source;
      case source_port: return x.source_port <=> y.source_port;
      case destination: return x.destination <=> y.destination;
      case destination_port: return x.destination_port <=> y.destination_port;
      case tos: return x.tos <=> y.tos;
      case bytes: return x.bytes <=> y.bytes;
      case packets: return x.packets <=> y.packets;
      case first: return x.first <=> y.first;
      case last: return x.last <=> y.last;
      case exporter: return x.exporter <=> y.exporter;
      default: return x.number <=> y.number;
    }
  }

  Style style(std::size_t, std::size_t column) const override {
    return {column == number || column == exporter ? Role::dim : Role::plain};
  }

 private:
  static std::string port(const std::optional<unsigned>& port) { return port ? std::to_string(*port) : "-"; }
  std::string time(const std::optional<Time>& time) const {
    if (!time) return "-";
    return clock_.unix ? unix_time(*time) : clock_time(*time, clock_.now, clock_.utc);
  }

  std::span<const Flow> flows_;
  Clock clock_;
};

}  // namespace

std::unique_ptr<Rows> flow_rows(std::span<const Flow> flows, const Clock& clock) {
  return std::make_unique<FlowRows>(flows, clock);
}

}  // namespace flowspan::tui
