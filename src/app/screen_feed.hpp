// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/flow_tail.hpp"
#include "app/screen_counters.hpp"
#include "app/screen_questions.hpp"
#include "tui/feed.hpp"

namespace flowspan::app {

/// A store as the screen sees it, in the collecting process or in another one: the counters that the collector publishes,
/// the journal's end, and questions in the background.
class ScreenFeed final : public tui::Feed {
 public:
  /// `lines`: what the process has logged since the last time; may be empty.
  ScreenFeed(std::filesystem::path store, std::vector<store::ExporterSettings> settings,
             std::function<std::vector<std::string>()> lines = {});

  std::shared_ptr<const tui::Model> refresh(const tui::Wishes& wishes) override;

 private:
  void follow_flows(Time now);
  void learn_quarantine();
  void add_messages(std::vector<tui::Message> messages);

  std::filesystem::path store_;
  std::function<std::vector<std::string>()> lines_;
  ScreenCounters counters_;
  FlowTail tail_;
  ScreenQuestions questions_;
  std::deque<tui::Message> messages_;
  std::string trouble_;
  bool knows_quarantine_ = false;
  std::uint64_t quarantine_pid_ = 0;
};

/// A line of the log as a message: without its time, serious from warnings on.
tui::Message message_of(std::string_view line, Time now);

}  // namespace flowspan::app
