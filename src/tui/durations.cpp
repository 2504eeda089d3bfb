// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
// The panel of the duration analysis.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "base/units.hpp"
#include "tui/amounts.hpp"
#include "tui/panels.hpp"

namespace flowspan::tui {
namespace {

enum Field { source, total, flows, readable, mean, share };

constexpr auto table = std::to_array<Column>({
    {.title = "Source", .width = 15, .widest = 39, .align = Align::left, .is_address = true, .ascending = true},
    {.title = "T ms", .width = 9, .widest = 17},
    {.title = "C", .width = 5, .widest = 12},
    {.title = "T", .width = 6, .priority = 2},
    {.title = "T/C ms", .width = 7, .priority = 3},
    {.title = "", .width = 4, .priority = 4, .align = Align::left, .takes_rest = true},
});

class DurationRows final : public Rows {
 public:
  explicit DurationRows(std::span<const SourceDuration> rows) : rows_(rows) {
    for (const auto& row : rows_) most_ = std::max(most_, row.total_ms.value_or(0));
  }

  std::span<const Column> columns() const override { return table; }
  std::size_t size() const override { return rows_.size(); }

  std::string text(std::size_t row, std::size_t column, int width) const override {
    const SourceDuration& of = rows_[row];
    if (column == source) return of.source.to_string();
    if (column == flows) return count(of.flows, width);
    if (!of.total_ms) return "";
    switch (column) {
      case total: return count(*of.total_ms, width);
      case readable: return age_text(static_cast<Duration>(std::min(*of.total_ms, most_ms)) * millisecond);
      case mean: return short_amount(mean_ms(of).value_or(0));
      default: return most_ == 0 ? "" : bar(static_cast<double>(*of.total_ms) / static_cast<double>(most_), width);
    }
  }

  std::partial_ordering compare(std::size_t column, std::size_t a, std::size_t b) const override {
    const SourceDuration& x = rows_[a];
    const SourceDuration& y = rows_[b];
    switch (column) {
      case source: return x.source <=> y.source;
      case flows: return x.flows <=> y.flows;
      case mean: return mean_ms(x) <=> mean_ms(y);
      default: return x.total_ms <=> y.total_ms;
    }
  }

  Style style(std::size_t, std::size_t column) const override {
    return {column == share ? Role::bar : column == readable || column == mean ? Role::dim : Role::plain};
  }

 private:
  static constexpr std::uint64_t most_ms = INT64_MAX / millisecond;
  /// Exact where it has room.
  static std::string count(std::uint64_t value, int width) {
    const std::string exact = count_text(value);
    return static_cast<int>(exact.size()) <= width ? exact : short_amount(static_cast<double>(value));
  }
  static std::optional<double> mean_ms(const SourceDuration& of) {
    if (!of.total_ms || of.flows == 0) return std::nullopt;
    return static_cast<double>(*of.total_ms) / static_cast<double>(of.flows);
  }

  std::span<const SourceDuration> rows_;
  std::uint64_t most_ = 0;
};

}  // namespace

std::unique_ptr<Rows> duration_rows(std::span<const SourceDuration> durations) {
  return std::make_unique<DurationRows>(durations);
}

std::vector<SourceDuration> durations_of(std::span<const Flow> flows, std::size_t newest) {
  if (flows.size() > newest) flows = flows.last(newest);
  std::vector<SourceDuration> durations;
  std::unordered_map<Ip, std::size_t> found;
  for (const Flow& flow : flows) {
    const auto [place, is_new] = found.emplace(flow.source, durations.size());
    if (is_new) durations.push_back({flow.source, {}, 0});
    SourceDuration& of = durations[place->second];
    ++of.flows;
    // As analysis::DurationQuestion has it: a flow that ends before it begins has no duration.
    if (flow.first && flow.last && *flow.last >= *flow.first)
      of.total_ms = of.total_ms.value_or(0) + static_cast<std::uint64_t>((*flow.last - *flow.first) / millisecond) + 1;
  }
  return durations;
}

}  // namespace flowspan::tui
