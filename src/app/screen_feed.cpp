// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/screen_feed.hpp"

#include <utility>

#include "store/store.hpp"

namespace flowspan::app {
namespace {

constexpr std::size_t kept_messages = 200;

}  // namespace

tui::Message message_of(std::string_view line, Time now) {
  tui::Message message{now, false, std::string(line)};
  // "2026-11-23T16:30:05.123Z warning: text", as base/log writes it.
  constexpr std::size_t time_length = 25;
  if (line.size() < time_length || line[time_length - 2] != 'Z') return message;
  const auto rest = line.substr(time_length);
  for (const std::string_view level : {"debug: ", "info: ", "warning: ", "error: "}) {
    if (!rest.starts_with(level)) continue;
    message.text = rest.substr(level.size());
    message.serious = level[0] == 'w' || level[0] == 'e';
  }
  return message;
}

ScreenFeed::ScreenFeed(std::filesystem::path store, std::vector<store::ExporterSettings> settings,
                       std::function<std::vector<std::string>()> lines)
    : store_(std::move(store)),
      lines_(std::move(lines)),
      counters_(store_, settings),
      tail_(store_ / "journal", settings),
      questions_(store_, std::move(settings)) {}

void ScreenFeed::add_messages(std::vector<tui::Message> messages) {
  for (auto& message : messages) messages_.push_back(std::move(message));
  while (messages_.size() > kept_messages) messages_.pop_front();
}

/// A datagram that killed the collector must not kill the screen: before flows are decoded, what to skip is known.
void ScreenFeed::learn_quarantine() {
  if (knows_quarantine_ && quarantine_pid_ == counters_.pid()) return;
  auto store = store::Store::open(store_, store::Mode::read);
  if (!store) return;
  const auto stretches = (*store)->quarantined();
  if (!stretches) return;
  std::map<std::uint32_t, std::vector<pipeline::Stretch>> by_writer;
  for (const auto& stretch : *stretches) by_writer[stretch.writer].push_back({stretch.position, stretch.length});
  tail_.set_quarantined(std::move(by_writer));
  knows_quarantine_ = true;
  quarantine_pid_ = counters_.pid();
}

void ScreenFeed::follow_flows(Time now) {
  learn_quarantine();
  if (!knows_quarantine_) return;
  const Status followed = tail_.follow();
  if (!followed && followed.error().text != trouble_) add_messages({{now, true, followed.error().text}});
  trouble_ = followed ? "" : followed.error().text;
}

std::shared_ptr<const tui::Model> ScreenFeed::refresh(const tui::Wishes& wishes) {
  auto model = std::make_shared<tui::Model>();
  model->now = now();
  model->store = store_.string();
  std::vector<tui::Message> messages;
  counters_.refresh(model->now, messages);
  if (lines_)
    for (const std::string& line : lines_()) messages.push_back(message_of(line, model->now));
  add_messages(std::move(messages));
  follow_flows(model->now);
  counters_.fill(*model, wishes.window, tail_.bytes_per_flow());
  model->flows.assign(tail_.flows().begin(), tail_.flows().end());
  model->one_of = tail_.one_of();
  questions_.want(wishes, model->flows.empty());
  questions_.fill(*model);
  model->messages.assign(messages_.begin(), messages_.end());
  return model;
}

}  // namespace flowspan::app
