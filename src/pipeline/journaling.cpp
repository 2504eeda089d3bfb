// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/journaling.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "base/units.hpp"
#include "journal/region.hpp"

namespace flowspan::pipeline {
namespace {

// The ring is emptied so often while datagrams flow: many at once, for the same reason as in receiving.
constexpr Duration pace = 20 * millisecond;
constexpr Duration idle_wait = 250 * millisecond;
constexpr Duration retry_wait = 100 * millisecond;
// Until the first segment tells: what NetFlow v5 took in measurements.
constexpr double first_bytes_per_flow = 26;
constexpr std::uint64_t fewest_rows = 10'000;
// A region is taken in pieces, so that a flood does not hold the account's lock or put off a cut for long.
constexpr std::size_t piece_bytes = 4 << 20;

void sleep_for(Duration duration) { std::this_thread::sleep_for(std::chrono::nanoseconds(duration)); }

Bytes first_blocks(Bytes region, std::size_t bytes) {
  std::size_t length = 0;
  while (length < region.size() && length < bytes) length += journal::block_length(region.subspan(length));
  return region.first(length);
}

}  // namespace

Journaling::Journaling(const JournalingOptions& options, Receive& receive, std::unique_ptr<journal::Appender> appender,
                       Accountant accountant, RangeQueue& ranges, source::Mirror* mirror,
                       std::function<bool()> make_room)
    : options_(options),
      receive_(receive),
      appender_(std::move(appender)),
      ranges_(ranges),
      mirror_(mirror),
      make_room_(std::move(make_room)),
      accountant_(std::move(accountant)),
      rotation_(now() / options.rotate),
      bytes_per_flow_(first_bytes_per_flow) {}

void Journaling::run() {
  for (;;) {
    const bool finished = receive_.finished();
    Bytes region = receive_.ring().peek();
    if (region.empty() && finished) break;
    if (region.empty()) {
      receive_.wait(idle_wait);
      sleep_for(receive_.finished() ? 0 : pace);
    }
    while (!region.empty()) {
      const Bytes piece = region.size() <= piece_bytes ? region : first_blocks(region, piece_bytes);
      take(piece);
      receive_.ring().release(piece.size());
      region = region.subspan(piece.size());
    }
    if (const Status synced = appender_->sync_due(monotonic_now()); !synced)
      trouble_.write(log::Level::error, synced.error().text);
    cut_if_due();
  }
  if (const Status said = write_given_up(); !said) {
    log::error(said.error().text);
    const std::lock_guard lock(account_mutex_);
    accountant_.add_dropped(given_up_ + given_up_losses_.kernel_drops + given_up_losses_.ring_drops, now());
  }
  if (const Status closed = appender_->close(); !closed) log::error(closed.error().text);
  cut_last();
  ranges_.close();
}

void Journaling::take(Bytes region) {
  if (mirror_ != nullptr) {
    mirrored_.clear();
    Datagram datagram;
    for (journal::RegionReader blocks(region); blocks.next(datagram);) mirrored_.push_back(datagram);
    mirror_->send(mirrored_);
  }
  if (append(region)) account(region);
}

bool Journaling::is_full() const { return options_.journal_max > 0 && appender_->total_bytes() > options_.journal_max; }

bool Journaling::append(Bytes region) {
  if (is_full()) {
    give_up(region, "the journal has reached --journal-max");
    return false;
  }
  Bytes rest = region;
  for (bool made_room = false;;) {
    const Status said = write_given_up();
    const Result<Position> position = said ? appender_->append(rest) : fail(said.error());
    if (position) return true;
    write_failures_.fetch_add(1, std::memory_order_relaxed);
    trouble_.write(log::Level::error, position.error().text + "; what arrives waits in memory meanwhile");
    // Nothing is given up here: while the disk is full or broken the ring fills, and counts what it must drop. Only the
    // end of the collector ends the attempts.
    // Room that was made and did not help (another file system, a quota) is no reason to try without a pause, or for ever.
    made_room = !made_room && position.error().kind == ErrorKind::no_space && make_room_();
    if (made_room) continue;
    if (receive_.finished()) {
      const Bytes written = region.first(region.size() - rest.size());
      account(written);
      give_up(rest, "the journal can not be written");
      return false;
    }
    sleep_for(retry_wait);
  }
}

void Journaling::give_up(Bytes region, const char* why) {
  std::uint64_t datagrams = 0;
  journal::RegionReader blocks(region);
  for (Datagram datagram; blocks.next(datagram);) ++datagrams;
  const std::uint64_t all = journal_drops_.fetch_add(datagrams, std::memory_order_relaxed) + datagrams;
  trouble_.write(log::Level::error,
                 count_text(datagrams) + " datagrams dropped (" + count_text(all) + " in all): " + why);
  // The region told of drops itself, which would be forgotten with it.
  given_up_ += datagrams;
  given_up_losses_.kernel_drops += blocks.kernel_drops();
  given_up_losses_.ring_drops += blocks.drops() - blocks.kernel_drops();
}

// The journal itself says where datagrams are missing in it. A few bytes, so a journal that is full takes them, too.
Status Journaling::write_given_up() {
  std::array<std::byte, journal::mark_block_size + journal::loss_block_size> blocks{};
  std::size_t length = 0;
  const Time when = now();
  if (given_up_ > 0) length += journal::write_mark_block(blocks.data(), journal::MarkKind::dropped, given_up_, when);
  if (given_up_losses_.kernel_drops + given_up_losses_.ring_drops > 0) {
    given_up_losses_.first = given_up_losses_.last = when;
    length += journal::write_loss_block(blocks.data() + length, given_up_losses_, 0);
  }
  if (length == 0) return {};
  const Bytes all = Bytes(blocks).first(length);
  Bytes rest = all;
  const Result<Position> position = appender_->append(rest);
  const Bytes written = all.first(length - rest.size());
  account(written);
  if (!written.empty()) given_up_ = 0;
  if (rest.empty()) given_up_losses_ = {};
  return position ? Status{} : fail(position.error());
}

void Journaling::account(Bytes region) {
  const std::lock_guard lock(account_mutex_);
  journal::RegionReader blocks(region);
  for (Datagram datagram; blocks.next(datagram);) accountant_.add(datagram);
  accountant_.add_dropped(blocks.drops(), now());
  rows_waiting_.store(accountant_.rows(), std::memory_order_relaxed);
}

void Journaling::cut_if_due() {
  const Time rotation = now() / options_.rotate;
  // Any difference: the clock may also have been set back.
  // What a full journal holds is to be committed now, or it would stay full until the next rotation.
  const bool full = is_full() && accountant_.datagrams() > 0;
  const bool due = full || rotation != rotation_ || accountant_.rows() >= target_rows();
  if (!due) return;
  rotation_ = rotation;
  if (const Status said = write_given_up(); !said) trouble_.write(log::Level::error, said.error().text);
  if (accountant_.empty()) return;
  const std::lock_guard lock(account_mutex_);
  ranges_.push(accountant_.cut(appender_->position()));
  rows_waiting_.store(0, std::memory_order_relaxed);
}

void Journaling::cut_last() {
  // Up to the beginning of the file that the next start will make: once this is committed, no journal is left.
  const std::lock_guard lock(account_mutex_);
  ranges_.push(accountant_.cut({appender_->position().file + 1, 0}));
  rows_waiting_.store(0, std::memory_order_relaxed);
}

std::uint64_t Journaling::target_rows() const {
  const double rows = static_cast<double>(options_.rotate_bytes) / bytes_per_flow_.load(std::memory_order_relaxed);
  return std::max(fewest_rows, static_cast<std::uint64_t>(rows));
}

void Journaling::learn_bytes_per_flow(double bytes) {
  if (bytes >= 1) bytes_per_flow_.store(bytes, std::memory_order_relaxed);
}

}  // namespace flowspan::pipeline
