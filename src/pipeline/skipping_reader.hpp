// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
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
    passed_.clear();
    for (;;) {
      Result<bool> more = journal_.next(datagram);
      if (!more || !*more || skipped_.empty() || !is_skipped(journal_.position())) {
        if (!passed_.empty()) passed_.insert(passed_.end(), journal_.drops().begin(), journal_.drops().end());
        return more;
      }
      pass(datagram);
    }
  }
  std::span<const Drop> drops() const override { return passed_.empty() ? journal_.drops() : passed_; }

 private:
  // The datagram is as good as dropped, after what was dropped before it.
  void pass(const Datagram& datagram) {
    passed_.insert(passed_.end(), journal_.drops().begin(), journal_.drops().end());
    Drop drop;
    drop.interface = datagram.interface;
    drop.when = datagram.received;
    drop.of(DropPlace::quarantine) = 1;
    passed_.push_back(drop);
  }

  // `after` is the end of the datagram's block.
  bool is_skipped(Position after) const {
    return std::any_of(skipped_.begin(), skipped_.end(), [&](const Stretch& stretch) {
      return stretch.position.file == after.file && stretch.position.offset < after.offset &&
             after.offset <= stretch.position.offset + stretch.length;
    });
  }

  journal::Follower& journal_;
  std::vector<Stretch> skipped_;
  std::vector<Drop> passed_;  // since the datagram before, if any was skipped
};

}  // namespace flowspan::pipeline
