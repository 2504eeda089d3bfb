// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/simulate_live.hpp"

#include <algorithm>

#include "app/system.hpp"

namespace flowspan::app {
namespace {

constexpr Duration tick_interval = 200 * millisecond;

/// When a datagram is sent. Making the network took time: that lag is made good by going half as fast again, not in one
/// burst, which a collector could not take.
class Pace {
 public:
  Pace(Time start, Time begin, const std::atomic<bool>& stop, const std::function<void()>& tick)
      : start_(start), begin_(begin), lag_(monotonic_now() - begin), stop_(stop), tick_(tick) {}

  void wait_until(Time due) {
    const Duration since = due - start_;
    const Time at = begin_ + since + std::max<Duration>(lag_ - since / 2, 0);
    for (Time clock = monotonic_now(); !stop_; clock = monotonic_now()) {
      if (clock >= ticked_ + tick_interval) {
        ticked_ = clock;
        tick_();
      }
      latest_ = std::max(latest_, clock - at);
      if (clock >= at) return;
      sleep_for(std::min(at - clock, tick_interval));
    }
  }
  Duration latest() const { return latest_; }

 private:
  Time start_;
  Time begin_;
  Duration lag_;
  const std::atomic<bool>& stop_;
  const std::function<void()>& tick_;
  Time ticked_ = 0;
  Duration latest_ = 0;
};

}  // namespace

Duration send_live(simulate::Network& network, simulate::Senders& senders, Time start, Time begin,
                   const std::atomic<bool>& stop, const std::function<void()>& tick) {
  network.due();  // the first flows take longest
  Pace pace(start, begin, stop, tick);
  while (const auto due = network.due()) {
    pace.wait_until(*due);
    if (stop) break;
    const auto datagram = network.take();
    if (!datagram.lost) senders.send(datagram.exporter, datagram.payload);
  }
  return pace.latest();
}

}  // namespace flowspan::app
