// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/allow_list.hpp"

#include <algorithm>

namespace flowspan::source {

AllowList::AllowList(const std::vector<Prefix>& networks) {
  std::vector<Range> sorted;
  sorted.reserve(networks.size());
  for (const Prefix& network : networks) sorted.push_back({network.first(), network.last()});
  std::sort(sorted.begin(), sorted.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  for (const Range& range : sorted) {
    if (!ranges_.empty() && range.first <= ranges_.back().last)
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    else
      ranges_.push_back(range);
  }
}

bool AllowList::find(const Ip& ip) const {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), ip,
                                      [](const Ip& value, const Range& range) { return value < range.first; });
  return after != ranges_.begin() && ip <= std::prev(after)->last;
}

}  // namespace flowspan::source
