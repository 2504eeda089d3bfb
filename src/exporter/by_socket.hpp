// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "base/datagram.hpp"

namespace flowspan::exporter {

/// Keys in order, by socket. What is at Drop::all_interfaces belongs to every socket. Everything takes a few look-ups,
/// however many keys there are.
template <typename Key>
class BySocket {
 public:
  void insert(std::uint32_t interface, const Key& key) { keys_[interface].insert(key); }
  void erase(std::uint32_t interface, const Key& key) {
    const auto found = keys_.find(interface);
    if (found == keys_.end()) return;
    found->second.erase(key);
    if (found->second.empty()) keys_.erase(found);
  }
  void clear() { keys_.clear(); }

  /// The first key beyond `key` that belongs to the socket.
  std::optional<Key> first_after(std::uint32_t interface, const Key& key) const {
    std::optional<Key> first;
    const auto look = [&](const auto& socket) {
      const auto next = socket->second.upper_bound(key);
      if (next != socket->second.end() && (!first || *next < *first)) first = *next;
    };
    if (interface == Drop::all_interfaces) {
      for (auto socket = keys_.begin(); socket != keys_.end(); ++socket) look(socket);
      return first;
    }
    for (const std::uint32_t of : {interface, Drop::all_interfaces})
      if (const auto socket = keys_.find(of); socket != keys_.end()) look(socket);
    return first;
  }

 private:
  std::map<std::uint32_t, std::set<Key>> keys_;
};

}  // namespace flowspan::exporter
