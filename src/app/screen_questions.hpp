// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "analysis/report.hpp"
#include "app/live.hpp"
#include "base/result.hpp"
#include "query/answer.hpp"
#include "query/interrupt.hpp"
#include "store/exporter_settings.hpp"
#include "tui/feed.hpp"

namespace flowspan::app {

/// What the screen asks of the store, in a thread of its own at the lowest priority, so that neither the screen nor a
/// collector waits for it. A question is asked again after some seconds, and later the longer it took: it never takes
/// more than a twentieth of the time.
class ScreenQuestions {
 public:
  ScreenQuestions(std::filesystem::path store, std::vector<store::ExporterSettings> settings,
                  query::Ask ask = ask_store);
  /// Ends a running question.
  ~ScreenQuestions();

  /// What is shown from now on. `newest`: also the newest flows of the store, as none come.
  void want(const tui::Wishes& wishes, bool newest);
  /// The answers so far, and what is being asked.
  void fill(tui::Model& model) const;

 private:
  enum class Kind : std::size_t { durations, pairs, newest };
  struct State {
    bool wanted = false;
    Time due = 0;  // monotonic
  };

  void work(const std::stop_token& stop);
  bool next(Kind& kind);
  void ask(Kind kind);
  Result<analysis::Report> answer(Kind kind, std::size_t window);
  Result<query::Truth> put(query::Request request, query::RowWriter& rows);
  void take(Kind kind, const analysis::Report& report);

  const std::filesystem::path store_;
  const std::vector<store::ExporterSettings> settings_;
  const query::Ask ask_;
  query::Interrupt interrupt_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  std::array<State, 3> states_;
  std::size_t window_ = 0;
  tui::Answer<tui::SourceDuration> durations_;
  tui::Answer<tui::Pair> pairs_;
  tui::Answer<tui::Flow> newest_;
  std::atomic<bool> ended_{false};
  std::jthread thread_;
};

}  // namespace flowspan::app
