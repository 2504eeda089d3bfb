// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/receive.hpp"

#include <cstdlib>
#include <utility>

#include "base/log.hpp"

namespace flowspan::pipeline {
namespace {

// A time stamp that is a little older than the last one is an effect of reading several sockets in turn, and is raised to
// it, so that arrival order is time order. More than this is a clock that was set back: believed at once.
constexpr Duration reading_order = 10 * second;
constexpr Duration clock_step = second;
constexpr Duration receive_wait = second;
// Emptying the sockets at the end: a flood that never lets up must not keep the collector from ending.
constexpr Duration longest_drain = 2 * second;

}  // namespace

Result<std::unique_ptr<Receive>> Receive::open(std::unique_ptr<source::UdpReceiver> sockets, std::uint64_t ring_bytes) {
  auto ring = journal::Ring::create(ring_bytes);
  if (!ring) return fail(ring.error());
  auto wakeup = Wakeup::create();
  if (!wakeup) return fail(wakeup.error());
  return std::unique_ptr<Receive>(new Receive(std::move(sockets), std::move(*ring), std::move(*wakeup)));
}

Receive::Receive(std::unique_ptr<source::UdpReceiver> sockets, std::unique_ptr<journal::Ring> ring, Wakeup wakeup)
    : sockets_(std::move(sockets)),
      ring_(std::move(ring)),
      intake_(*ring_, sockets_->sockets().size()),
      wakeup_(std::move(wakeup)),
      drops_seen_(sockets_->sockets().size()),
      clock_offset_(now() - monotonic_now()) {}

void Receive::stop() {
  stopping_.store(true, std::memory_order_release);
  sockets_->stop();
}

void Receive::run() {
  while (!stopping_.load(std::memory_order_acquire)) {
    const auto batch = sockets_->receive(receive_wait);
    if (!batch) {
      log::error(batch.error().text);
      failed_.store(true, std::memory_order_relaxed);
      break;
    }
    watch_clock();
    take(*batch);
    if (batch->datagrams.empty()) intake_.flush();
  }
  const Time drain_until = monotonic_now() + longest_drain;
  while (monotonic_now() < drain_until) {
    const auto batch = sockets_->receive(0);
    if (!batch || batch->datagrams.empty()) break;
    take(*batch);
  }
  const auto counters = sockets_->counters();
  for (std::size_t i = 0; i < counters.size(); ++i)
    if (const std::uint64_t drops = counters[i].kernel_drops - drops_seen_[i]; drops > 0)
      intake_.add_kernel_drops(static_cast<std::uint32_t>(i), drops, now());
  intake_.flush();
  finished_.store(true, std::memory_order_release);
  wakeup_.wake();
}

void Receive::take(const source::ReceivedBatch& batch) {
  if (batch.datagrams.empty()) return;
  std::uint64_t& seen = drops_seen_[batch.socket];
  for (Datagram datagram : batch.datagrams) {
    // The counter that came with a datagram is that of the moment it was queued: these were dropped just before it, and
    // not before another of the same batch. It counts modulo 2^32.
    const auto more = static_cast<std::int32_t>(datagram.drop_count - static_cast<std::uint32_t>(seen));
    const std::uint64_t drops = more > 0 ? static_cast<std::uint64_t>(more) : 0;
    seen += drops;
    if (datagram.received < last_received_ && last_received_ - datagram.received < reading_order)
      datagram.received = last_received_;
    last_received_ = datagram.received;
    intake_.put(datagram, static_cast<std::uint32_t>(batch.socket), drops);
  }
  std::atomic_thread_fence(std::memory_order_seq_cst);  // with the one in wait(): a waiter sees the ring or is seen
  if (waiting_.load(std::memory_order_relaxed)) wakeup_.wake();
}

void Receive::watch_clock() {
  const Duration offset = now() - monotonic_now();
  if (std::llabs(offset - clock_offset_) > clock_step) {
    clock_steps_.fetch_add(1, std::memory_order_relaxed);
    log::warn("the clock of this machine was set " + std::string(offset < clock_offset_ ? "back" : "forward") + " by " +
              duration_text(std::llabs(offset - clock_offset_) / second * second) +
              ": flows are stored with the new time from now on");
  }
  clock_offset_ = offset;
}

void Receive::wait(Duration at_most) {
  waiting_.store(true, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (ring_->used() == 0 && !finished()) wakeup_.wait(at_most);
  waiting_.store(false, std::memory_order_release);
}

}  // namespace flowspan::pipeline
