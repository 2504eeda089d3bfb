// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/ip.hpp"

namespace flowspan::source {

/// The networks whose datagrams are taken. An empty list takes all.
class AllowList {
 public:
  AllowList() = default;
  explicit AllowList(const std::vector<Prefix>& networks);

  bool allows(const Ip& ip) const { return ranges_.empty() || find(ip); }
  bool all() const { return ranges_.empty(); }

 private:
  struct Range {
    Ip first;
    Ip last;
  };
  bool find(const Ip& ip) const;

  std::vector<Range> ranges_;  ///< sorted, disjoint
};

}  // namespace flowspan::source
