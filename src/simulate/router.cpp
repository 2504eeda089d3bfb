// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/router.hpp"

namespace flowspan::simulate {

bool Router::add(const Outgoing& outgoing, Time now) {
  if (waiting_.empty()) deadline_ = now + longest_wait;
  waiting_.push_back(outgoing);
  return waiting_.size() >= most_records(identity_.version);
}

void Router::flush(Time now, std::vector<std::byte>& payload) {
  records_.clear();
  for (const Outgoing& outgoing : waiting_) records_.push_back(outgoing.record);
  Header header;
  header.exported = now;
  header.booted = booted_;
  header.sequence = sequence_;
  header.engine = identity_.engine;
  header.sampling = identity_.sampling;
  header.router = identity_.address;
  encode(identity_.version, header, records_, payload);
  sequence_ += static_cast<std::uint32_t>(waiting_.size());
  waiting_.clear();
  deadline_.reset();
}

void Router::restart(Time up) {
  up_since_ = booted_ = up / millisecond * millisecond;
  sequence_ = 0;
  waiting_.clear();
  deadline_.reset();
}

}  // namespace flowspan::simulate
