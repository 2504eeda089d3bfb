// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace flowspan::app {

/// Tells something that goes on failing from something that failed once and was mended.
class FailureWatch {
 public:
  /// Failing: failures came for `patience` or longer, with pauses no longer than `pause`. Over after such a pause.
  FailureWatch(Duration patience, Duration pause) : patience_(patience), pause_(pause) {}
  /// How many failures there have been by now; monotonic time, to be told at least every second.
  void note(std::uint64_t failures, Time now);
  bool failing(Time now) const;
  /// How long it has been failing.
  Duration length() const { return last_ - first_; }

 private:
  Duration patience_;
  Duration pause_;
  std::uint64_t failures_ = 0;
  Time first_ = 0;
  Time last_ = 0;
  bool any_ = false;
};

/// Whether the collector does its work, and whether it does it yet.
class Health {
 public:
  enum class Stage { recovering, collecting, stopping };

  void enter(Stage stage, Time now);
  /// What was counted by now; monotonic time.
  void note(std::uint64_t journal_failures, std::uint64_t commit_failures, bool sockets_failed, Time now);

  /// Empty: all is well. Else one sentence that says what is not.
  std::string trouble(Time now) const;
  /// Empty: it collects. Else one sentence that says why not.
  std::string not_ready() const;

 private:
  Stage stage_ = Stage::recovering;
  Time noted_ = 0;
  bool sockets_failed_ = false;
  FailureWatch journal_{3 * second, 5 * second};
  // Attempts come every ten seconds at last, and an attempt may take its time.
  FailureWatch commits_{minute, 40 * second};
};

}  // namespace flowspan::app
