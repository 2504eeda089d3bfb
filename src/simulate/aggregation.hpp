// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <tuple>
#include <vector>

#include "simulate/datagram.hpp"

namespace flowspan::simulate {

/// A router's aggregation cache (v8).
class Aggregation {
 public:
  static constexpr std::size_t most_aggregates = 1024;

  explicit Aggregation(Scheme scheme) : scheme_(scheme) {}

  /// Index of the aggregate that now has the flow.
  std::size_t add(const Record& flow);
  bool full() const { return aggregates_.size() >= most_aggregates; }
  std::span<const Aggregate> aggregates() const { return aggregates_; }
  void clear();

 private:
  /// Addresses, prefix lengths, AS numbers, interfaces, ports, protocol: zero where the scheme does not have them.
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint8_t, std::uint8_t, std::uint16_t, std::uint16_t,
                         std::uint16_t, std::uint16_t, std::uint16_t, std::uint16_t, std::uint8_t>;
  static Key key_of(const Record& common);

  Scheme scheme_;
  std::vector<Aggregate> aggregates_;
  std::map<Key, std::size_t> index_;
};

}  // namespace flowspan::simulate
