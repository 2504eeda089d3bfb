// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
// The map of who talks to whom.
#include <algorithm>
#include <array>

#include "tui/amounts.hpp"
#include "tui/panels.hpp"

namespace flowspan::tui {
namespace {

enum Field { source, arrow, destination, bytes, share, flows, packets };

constexpr auto table = std::to_array<Column>({
    {.title = "Source", .width = 15, .widest = 39, .align = Align::left, .is_address = true, .ascending = true},
    {.title = "→", .width = 1, .priority = 1, .align = Align::left},
    {.title = "Destination", .width = 15, .widest = 39, .align = Align::left, .is_address = true, .ascending = true},
    {.title = "Bytes", .width = 6},
    {.title = "", .width = 4, .priority = 2, .align = Align::left, .takes_rest = true},
    {.title = "Flows", .width = 6, .priority = 4},
    {.title = "Pkts", .width = 5, .priority = 5},
});

class PairRows final : public Rows {
 public:
  explicit PairRows(std::span<const Pair> pairs) : pairs_(pairs) {
    for (const auto& pair : pairs_) most_ = std::max(most_, static_cast<double>(pair.bytes));
  }

  std::span<const Column> columns() const override { return table; }
  std::size_t size() const override { return pairs_.size(); }

  std::string text(std::size_t row, std::size_t column, int width) const override {
    const Pair& pair = pairs_[row];
    const auto amount = static_cast<double>(pair.bytes);
    switch (column) {
      case source: return pair.source.to_string();
      case arrow: return "→";
      case destination: return pair.destination.to_string();
      case bytes: return short_amount(amount);
      case flows: return short_amount(static_cast<double>(pair.flows));
      case packets: return short_amount(static_cast<double>(pair.packets));
      default: return most_ > 0 ? bar(amount / most_, width) : "";
    }
  }

  std::partial_ordering compare(std::size_t column, std::size_t a, std::size_t b) const override {
    const Pair& x = pairs_[a];
    const Pair& y = pairs_[b];
    switch (column) {
      case source: return x.source <=> y.source;
      case destination: return x.destination <=> y.destination;
      case flows: return x.flows <=> y.flows;
      case packets: return x.packets <=> y.packets;
      default: return x.bytes <=> y.bytes;
    }
  }

  Style style(std::size_t, std::size_t column) const override {
    return {column == share ? Role::bar : column == arrow ? Role::dim : Role::plain};
  }

 private:
  std::span<const Pair> pairs_;
  double most_ = 0;
};

}  // namespace

std::unique_ptr<Rows> pair_rows(std::span<const Pair> pairs) { return std::make_unique<PairRows>(pairs); }

}  // namespace flowspan::tui
