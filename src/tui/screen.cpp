// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "tui/screen.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tui/amounts.hpp"
#include "tui/footer.hpp"
#include "tui/header.hpp"

namespace flowspan::tui {
namespace {

constexpr std::size_t newest_flows = 100;  // GDP's own
constexpr Duration message_time = 10 * second;
constexpr std::size_t longest_search = 64;
constexpr int wheel_rows = 3;

std::string_view title_of(Panel panel) {
  switch (panel) {
    case Panel::streams: return "1 Streams";
    case Panel::flows: return "2 Flows";
    case Panel::durations: return "3 Durations";
    case Panel::pairs: return "4 Who to whom";
  }
  return "";
}

/// "5m, 3s ago", "5m: asking for 12s", "5m: why not".
template <typename Row>
std::string answer_note(const Answer<Row>& answer, std::string_view window, Time now) {
  if (!answer.error.empty()) return fmt::format("{}: {}", window, answer.error);
  const std::string asking = answer.asking_since > 0 && now - answer.asking_since >= 2 * second
                                 ? fmt::format(", asking for {}", age_text(now - answer.asking_since))
                                 : "";
  if (answer.window.empty()) return fmt::format("{}{}", window, asking.empty() ? ": asking" : asking);
  return fmt::format("{}, {} ago{}", answer.window, age_text(now - answer.as_of), asking);
}

void append_utf8(std::string& text, char32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | code >> 6);
    text += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (code & 0x3f));
  }
}

void drop_last_glyph(std::string& text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
  if (!text.empty()) text.pop_back();
}

}  // namespace

Screen::Screen(ScreenOptions options)
    : options_(options),
      model_(std::make_shared<Model>()),
      latest_(model_),
      views_{TableView{2, true}, TableView{0, true}, TableView{1, true}, TableView{3, true}} {}

void Screen::update(std::shared_ptr<const Model> model) {
  latest_ = std::move(model);
  if (paused_) return;
  model_ = latest_;
  newest_durations_ = durations_of(model_->flows, newest_flows);
}

bool Screen::shows(Panel panel) const {
  return layout_.panels.empty() || std::any_of(layout_.panels.begin(), layout_.panels.end(),
                                               [&](const PlacedPanel& placed) { return placed.panel == panel; });
}

Wishes Screen::wishes() const {
  return {window_, !paused_ && !newest_only_ && shows(Panel::durations), !paused_ && shows(Panel::pairs)};
}

// --- keys ---

void Screen::step_panel(std::size_t by) {
  focus_ = static_cast<Panel>((static_cast<std::size_t>(focus_) + by) % panel_count);
}

Screen::Choice Screen::press(const Key& key) {
  if (asks_to_quit_) return press_in_question(key);
  if (search_) {
    press_in_search(key);
    return Choice::stay;
  }
  if (key.kind == Key::Kind::escape || ((help_ || messages_) && key.kind == Key::Kind::enter)) {
    press_escape();
    return Choice::stay;
  }
  if (!help_ && !messages_ && view(focus_).press(key, rows_of(focus_)->columns())) return Choice::stay;
  switch (key.kind) {
    case Key::Kind::tab: step_panel(1); break;
    case Key::Kind::back_tab: step_panel(panel_count - 1); break;
    case Key::Kind::enter: zoomed_ = !zoomed_; break;
    case Key::Kind::click:
    case Key::Kind::wheel_up:
    case Key::Kind::wheel_down: press_mouse(key); break;
    case Key::Kind::character: return press_character(key.character);
    default: break;
  }
  return Choice::stay;
}

Screen::Choice Screen::press_character(char32_t character) {
  switch (character) {
    case 'q':
      if (!options_.collecting) return Choice::quit;
      asks_to_quit_ = true;
      break;
    case '1':
    case '2':
    case '3':
    case '4': choose(static_cast<Panel>(character - '1')); break;
    case 'z': zoomed_ = !zoomed_; break;
    case '/': search_ = view(focus_).filter(); break;
    case 'w': window_ = (window_ + 1) % windows.size(); break;
    case 'W': window_ = (window_ + windows.size() - 1) % windows.size(); break;
    case 't': unix_times_ = !unix_times_; break;
    case 'd': newest_only_ = !newest_only_; break;
    case 'm':
      messages_ = !messages_;
      help_ = false;
      break;
    case '?':
    case 'h':
      help_ = !help_;
      messages_ = false;
      break;
    case ' ':
      paused_ = !paused_;
      update(latest_);
      break;
    default: break;
  }
  return Choice::stay;
}

Screen::Choice Screen::press_in_question(const Key& key) {
  if (key.kind == Key::Kind::none || key.kind == Key::Kind::resize || key.kind == Key::Kind::redraw)
    return Choice::stay;
  asks_to_quit_ = false;
  if (key.kind != Key::Kind::character) return Choice::stay;
  if (key.character == 'y') return Choice::quit;
  if (key.character == 'l') return Choice::leave;
  return Choice::stay;
}

void Screen::press_in_search(const Key& key) {
  switch (key.kind) {
    case Key::Kind::character:
      if (search_->size() < longest_search && key.character >= ' ') append_utf8(*search_, key.character);
      break;
    case Key::Kind::backspace: drop_last_glyph(*search_); break;
    case Key::Kind::enter: search_.reset(); return;
    case Key::Kind::escape: search_ = ""; break;
    default: return;
  }
  view(focus_).set_filter(*search_);
  if (key.kind == Key::Kind::escape) search_.reset();
}

/// What was opened last is closed first.
void Screen::press_escape() {
  if (help_ || messages_) {
    help_ = messages_ = false;
  } else if (!view(focus_).filter().empty()) {
    view(focus_).set_filter("");
  } else {
    zoomed_ = false;
  }
}

void Screen::press_mouse(const Key& key) {
  for (const auto& [panel, rect] : layout_.panels) {
    if (key.x < rect.x || key.x >= rect.x + rect.width || key.y < rect.y || key.y >= rect.y + rect.height) continue;
    if (key.kind == Key::Kind::wheel_up) view(panel).scroll(-wheel_rows);
    if (key.kind == Key::Kind::wheel_down) view(panel).scroll(wheel_rows);
    if (key.kind != Key::Kind::click) return;
    choose(panel);
    if (key.y > rect.y + 1) view(panel).point_at(key.y - rect.y - 1);
    return;
  }
}

// --- drawing ---

std::unique_ptr<Rows> Screen::rows_of(Panel panel) {
  switch (panel) {
    case Panel::streams: return stream_rows(*model_);
    case Panel::flows: return flow_rows(model_->flows, {unix_times_, options_.utc, model_->now});
    case Panel::durations: return duration_rows(newest_only_ ? newest_durations_ : model_->durations.rows);
    case Panel::pairs: break;
  }
  return pair_rows(model_->pairs.rows);
}

std::string Screen::info_of(Panel panel) const {
  const std::string_view window = windows[window_].name;
  switch (panel) {
    case Panel::streams:
      return model_->streams_left_out == 0 ? "" : fmt::format("{} more exist", model_->streams_left_out);
    case Panel::flows:
      if (model_->flows_are_stored) return "the newest stored";
      if (model_->one_of >= 1.05) return fmt::format("sampled: 1 of {}", short_amount(model_->one_of));
      return "";
    case Panel::durations:
      if (newest_only_) return fmt::format("newest {}", std::min(newest_flows, model_->flows.size()));
      return answer_note(model_->durations, window, model_->now);
    case Panel::pairs: break;
  }
  return answer_note(model_->pairs, window, model_->now);
}

std::string Screen::empty_text(Panel panel) const {
  if (model_->collecting.state == Collecting::State::no_store) return "waiting for a store";
  const bool window = panel == Panel::pairs || (panel == Panel::durations && !newest_only_);
  if (window) return fmt::format("no flows in the window {} (w: another)", windows[window_].name);
  return panel == Panel::streams ? "no exporter has sent anything" : "no flows yet";
}

void Screen::draw_panel(const Area& area, Panel panel) {
  const bool focused = panel == focus_;
  std::string line;
  for (int x = 0; x < area.width(); ++x) line += "─";
  area.put(0, 0, line, {focused ? Role::focus : Role::dim});
  const auto rows = rows_of(panel);
  view(panel).draw(area.part(0, 1, area.width(), area.height() - 1), *rows, focused);
  if (rows->size() == 0) area.put(1, 2, fit(empty_text(panel), area.width() - 2), {Role::dim});
  int x = area.put(1, 0, fmt::format(" {} ", title_of(panel)), {focused ? Role::focus : Role::title, true});
  const std::string left_out = panel == Panel::durations && !newest_only_ ? model_->durations.note : "";
  for (const std::string& note : {info_of(panel), view(panel).note(), left_out})
    if (!note.empty() && x + 4 < area.width())
      x = area.part(0, 0, area.width() - 1, 1)
              .put(x + 1, 0, fmt::format(" {} ", fit(note, std::min(display_width(note), area.width() - x - 4))));
}

void Screen::draw_footer(const Area& area) const {
  if (asks_to_quit_) {
    area.put(1, 0, "Stop collecting?  y: yes  l: leave the screen, go on collecting  n: no", {Role::warning, true});
  } else if (search_) {
    const int x = area.put(1, 0, "/" + *search_, {Role::key, true});
    area.put(x, 0, " ", {Role::key, false, true});
    area.put(x + 2, 0, "Enter: keep  Esc: all rows", {Role::dim});
  } else if (!model_->messages.empty() && model_->now - model_->messages.back().when < message_time) {
    const Message& message = model_->messages.back();
    area.put(1, 0, fit(message.text, area.width() - 2), {message.serious ? Role::warning : Role::plain});
  } else {
    draw_keys(area, zoomed_, paused_);
  }
}

void Screen::draw(Cells& cells) {
  const Area all(cells);
  layout_ = lay_out(cells.width(), cells.height(), focus_, zoomed_);
  if (layout_.too_small) {
    all.put(0, 0, "too small", {Role::warning});
    return;
  }
  draw_header(all.part(0, 0, all.width(), layout_.header_lines), *model_, windows[window_].name, paused_);
  for (const auto& [panel, rect] : layout_.panels) {
    draw_panel(all.part(rect.x, rect.y, rect.width, rect.height), panel);
    for (int y = 0; rect.x > 0 && y < rect.height; ++y) all.put(rect.x - 1, rect.y + y, "│", {Role::dim});
  }
  if (help_) draw_help(all, options_.collecting);
  if (messages_) draw_messages(all, model_->messages, model_->now, options_.utc);
  draw_footer(all.part(0, all.height() - 1, all.width(), 1));
}

}  // namespace flowspan::tui
