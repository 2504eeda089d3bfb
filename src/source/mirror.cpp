// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/mirror.hpp"

namespace flowspan::source {

Result<Mirror> Mirror::open(const std::vector<Address>& targets, std::uint64_t send_buffer) {
  Mirror mirror;
  for (const Address& target : targets) {
    auto sender = UdpSender::open(target, send_buffer);
    if (!sender) return fail(sender.error());
    mirror.senders_.push_back(std::move(*sender));
  }
  return mirror;
}

void Mirror::send(std::span<const Datagram> datagrams) {
  for (const auto& sender : senders_) sender->send(datagrams);
}

std::vector<Mirror::Target> Mirror::counters() const {
  std::vector<Target> targets;
  targets.reserve(senders_.size());
  for (const auto& sender : senders_) targets.push_back({sender->name(), sender->counters()});
  return targets;
}

std::vector<std::string> Mirror::warnings() const {
  std::vector<std::string> texts;
  for (const auto& sender : senders_)
    if (!sender->warning().empty()) texts.push_back(sender->warning());
  return texts;
}

}  // namespace flowspan::source
