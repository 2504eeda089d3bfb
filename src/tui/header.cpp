// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/units.hpp"
#include "tui/amounts.hpp"
#include "tui/glyphs.hpp"

namespace flowspan::tui {
namespace {

using State = Collecting::State;

constexpr int sparkline_width = 12;

Role role_of(State state) {
  switch (state) {
    case State::running: return Role::good;
    case State::gone: return Role::bad;
    default: return Role::warning;
  }
}

struct Item {
  std::string value;
  std::string_view unit;  ///< after the value
  Style style;
};

std::string whole(double value) { return count_text(static_cast<std::uint64_t>(std::llround(std::max(value, 0.0)))); }

Item loss(std::string_view name, std::uint64_t count, Role role) {
  return {fmt::format("{} {}", name, count_text(count)), "", {count > 0 ? role : Role::dim, count > 0}};
}

/// The most important first: what does not fit is left out from the end.
std::vector<Item> items(const Model& model) {
  const Collecting& c = model.collecting;
  std::vector<Item> items;
  items.push_back({whole(c.flows_per_second), " flows/s", {Role::plain, true}});
  items.push_back({sparkline(c.history, sparkline_width), "", {Role::bar}});
  items.push_back(loss("lost", c.lost_flows, Role::warning));
  items.push_back(loss("drops", c.drops, Role::bad));
  items.push_back({whole(c.datagrams_per_second), " dgram/s", {}});
  items.push_back({size_text(c.journal_bytes), " journal", {}});
  if (c.bits_per_second) items.push_back({short_amount(*c.bits_per_second), " bit/s", {}});
  items.push_back(loss("errors", c.errors, Role::warning));
  items.push_back({whole(static_cast<double>(c.flows)), " flows", {}});
  return items;
}

int width_of(const Item& item) { return display_width(item.value) + display_width(item.unit); }

}  // namespace

std::string collector_text(const Model& model) {
  const Collecting& c = model.collecting;
  switch (c.state) {
    case State::no_store: return "no store yet: waiting for one";
    case State::nobody: return "no collector is running";
    case State::running: return fmt::format("collector {}, up {}", c.pid, age_text(model.now - c.started));
    case State::silent: return fmt::format("collector {} is silent for {}", c.pid, age_text(model.now - c.heard));
    case State::gone: break;
  }
  return fmt::format("collector {} died, last heard {} ago", c.pid, age_text(model.now - c.heard));
}

void draw_header(const Area& area, const Model& model, std::string_view window, bool paused) {
  const std::string right = fmt::format("{}window {} ", paused ? "PAUSED  " : "", window);
  const int right_width = display_width(right);
  const std::string state = collector_text(model);
  const int state_width = display_width(state);
  const bool has_name = area.width() > state_width + right_width + 20;
  int x = 1;
  if (has_name) {
    x = area.put(x, 0, "flowspan", {Role::title, true}) + 1;
    const int room = area.width() - x - state_width - right_width - 4;
    x = area.put(x, 0, fit(model.store, std::min(display_width(model.store), room)), {}) + 2;
  }
  x = area.put(x, 0, state, {role_of(model.collecting.state), model.collecting.state != State::running});
  if (x + 1 + right_width <= area.width())
    area.put(area.width() - right_width, 0, right, {paused ? Role::warning : Role::dim, paused});
  x = 1;
  for (const Item& item : items(model)) {
    if (x + width_of(item) + 1 > area.width()) break;
    x = area.put(x, 1, item.value, item.style);
    x = area.put(x, 1, item.unit, {Role::dim}) + 2;
  }
}

std::string status_line(const Model& model) {
  const Collecting& c = model.collecting;
  if (c.state != State::running) return collector_text(model) + " (" + model.store + ")";
  return fmt::format(
      "{} flows/s, {} datagrams/s, {} flows from {} exporters, {} lost on the way, {} datagrams dropped "
      "here, {} undecodable, {} in the journal",
      whole(c.flows_per_second), whole(c.datagrams_per_second), count_text(c.flows),
      count_text(model.streams.size() + model.streams_left_out), count_text(c.lost_flows), count_text(c.drops),
      count_text(c.errors), size_text(c.journal_bytes));
}

}  // namespace flowspan::tui
