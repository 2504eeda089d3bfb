// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <new>
#include <string>

#include "base/result.hpp"

namespace flowspan {

/// Memory that a child process shares with its parent.
class SharedMemory {
 public:
  static Result<SharedMemory> create(std::size_t bytes);
  void* data() const { return data_.get(); }

 private:
  struct Unmap {
    std::size_t bytes = 0;
    void operator()(void* data) const;
  };
  explicit SharedMemory(std::unique_ptr<void, Unmap> data) : data_(std::move(data)) {}
  std::unique_ptr<void, Unmap> data_;
};

/// How a child process ended: "exit code 3", "signal 11 (Segmentation fault)".
struct ChildEnd {
  bool died = false;  ///< of a signal
  std::string text;
};

/// Runs `work` in a copy of this process and waits for its end; its result is the exit code. To be called while this
/// process has one thread, or others that hold no lock that `work` could want (malloc's excepted: fork(2) minds it).
Result<ChildEnd> run_in_child(const std::function<int()>& work);

}  // namespace flowspan
