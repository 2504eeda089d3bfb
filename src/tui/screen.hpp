// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tui/cells.hpp"
#include "tui/feed.hpp"
#include "tui/keys.hpp"
#include "tui/layout.hpp"
#include "tui/model.hpp"
#include "tui/panels.hpp"
#include "tui/table.hpp"

namespace flowspan::tui {

struct ScreenOptions {
  bool collecting = false;  ///< it belongs to the collector: q asks before it stops collecting
  bool utc = false;         ///< clock times in UTC, not in local time
};

/// The whole screen: what is looked at and how. Knows neither terminal nor store.
class Screen {
 public:
  /// What the user wants after a key.
  enum class Choice {
    stay,
    quit,   ///< and, where it belongs to the collector, stop collecting
    leave,  ///< the collector goes on without a screen
  };

  explicit Screen(ScreenOptions options);

  /// Shows the model from now on, unless paused.
  void update(std::shared_ptr<const Model> model);
  Choice press(const Key& key);
  void draw(Cells& cells);
  Wishes wishes() const;

 private:
  Choice press_character(char32_t character);
  Choice press_in_question(const Key& key);
  void press_in_search(const Key& key);
  void press_escape();
  void press_mouse(const Key& key);
  void choose(Panel panel) { focus_ = panel; }
  void step_panel(std::size_t by);
  TableView& view(Panel panel) { return views_[static_cast<std::size_t>(panel)]; }
  const TableView& view(Panel panel) const { return views_[static_cast<std::size_t>(panel)]; }

  std::unique_ptr<Rows> rows_of(Panel panel);
  std::string info_of(Panel panel) const;
  std::string empty_text(Panel panel) const;
  void draw_panel(const Area& area, Panel panel);
  void draw_footer(const Area& area) const;
  bool shows(Panel panel) const;

  ScreenOptions options_;
  std::shared_ptr<const Model> model_;
  std::shared_ptr<const Model> latest_;
  std::array<TableView, panel_count> views_;
  std::vector<SourceDuration> newest_durations_;
  Panel focus_ = Panel::streams;
  Layout layout_;  // as drawn last
  std::size_t window_ = 0;
  bool zoomed_ = false;
  bool paused_ = false;
  bool unix_times_ = true;
  bool newest_only_ = true;  // durations of the newest flows
  bool help_ = false;
  bool messages_ = false;
  bool asks_to_quit_ = false;
  std::optional<std::string> search_;  // being typed
};

}  // namespace flowspan::tui
