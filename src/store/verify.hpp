// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace flowspan::store {

struct VerifyOptions {
  bool deep = false;  ///< reads every row and compares counts and sums
};

struct Finding {
  bool error = true;  ///< false: worth a word, nothing is lost
  std::string text;
};

struct VerifyReport {
  std::vector<Finding> findings;
  std::uint64_t segments = 0;  ///< examined
  std::uint64_t rows = 0;
  bool sound() const;  ///< no error among the findings
};

/// Compares the catalog with the files, read only. Errors are findings; the Result fails only when the store cannot be
/// examined at all.
Result<VerifyReport> verify(Store& store, const VerifyOptions& options);

}  // namespace flowspan::store
