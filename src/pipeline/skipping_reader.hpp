// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/datagram.hpp"
#include "journal/follow.hpp"

namespace flowspan::pipeline {

/// A stretch of one writer's journal that must not be decoded: it killed the decoder before.
struct Stretch {
  Position position;         ///< where it begins
  std::uint64_t length = 0;  ///< bytes
};

/// A journal without its quarantined stretches.
class SkippingReader final : public DatagramReader {
 public:
  SkippingReader(journal::Follower& journal, std::vector<Stretch> skipped)
      : journal_(journal), skipped_(std::move(skipped)) {}

  Result<bool> next(Datagram& datagram) override {
    for (;;) {
      Result<bool> more = journal_.next(datagram);
      if (!more || !*more || skipped_.empty() || !is_skipped(journal_.position())) return more;
    }
  }

 private:
  // `after` is the end of the datagram's block.
  bool is_skipped(Position after) const {
    return std::any_of(skipped_.begin(), skipped_.end(), [&](const Stretch& stretch) {
      return stretch.position.file == after.file && stretch.position.offset < after.offset &&
             after.offset <= stretch.position.offset + stretch.length;
    });
  }

  journal::Follower& journal_;
  std::vector<Stretch> skipped_;
};

}  // namespace flowspan::pipeline
