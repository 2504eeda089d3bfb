// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>

#include "base/time.hpp"
#include "simulate/network.hpp"
#include "simulate/senders.hpp"

namespace flowspan::app {

/// Sends what the network exports when it is due, until its end or until `stop`. `tick` is called a few times a
/// second, by the same thread. `start` is the plan's, `begin` the monotonic time of that moment: what is due since is
/// sent a little faster. The most that a datagram was late.
Duration send_live(simulate::Network& network, simulate::Senders& senders, Time start, Time begin,
                   const std::atomic<bool>& stop, const std::function<void()>& tick);

}  // namespace flowspan::app
