// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace flowspan::query {

/// Ends a question from another thread: answer() then fails. May be asked several times, before, during and after.
class Interrupt {
 public:
  void ask() {
    const std::lock_guard lock(mutex_);
    asked_ = true;
    if (act_) act_();
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    asked_ = false;
  }
  bool asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  /// While it lives, ask() also does `act`.
  class Acting {
   public:
    Acting(Interrupt* interrupt, std::function<void()> act) : interrupt_(interrupt) {
      if (interrupt_ != nullptr) interrupt_->set(std::move(act));
    }
    ~Acting() {
      if (interrupt_ != nullptr) interrupt_->set({});
    }
    Acting(const Acting&) = delete;
    Acting& operator=(const Acting&) = delete;

   private:
    Interrupt* interrupt_;
  };

 private:
  void set(std::function<void()> act) {
    const std::lock_guard lock(mutex_);
    act_ = std::move(act);
  }

  mutable std::mutex mutex_;
  bool asked_ = false;
  std::function<void()> act_;
};

}  // namespace flowspan::query
