// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/maintenance.hpp"

#include <chrono>
#include <utility>

#include "store/compaction.hpp"

namespace flowspan::app {
namespace {

constexpr auto interval = std::chrono::seconds(15);
constexpr Duration pause_after_failure = 15 * minute;
// What a full disk is relieved by at once: a segment or two.
constexpr std::uint64_t room_bytes = 256ull << 20;

}  // namespace

bool free_space(store::Store& store, log::Limiter& trouble) {
  const auto report = store::make_room(store, room_bytes, now());
  if (report && report->any()) {
    trouble.write(log::Level::error, "the disk is full: " + report->text());
    return true;
  }
  if (!report) trouble.write(log::Level::error, report.error().text);
  return store.release_reserve();
}

Maintenance::Maintenance(store::Store& store, store::RetentionRules rules, bool compact)
    : store_(store), compact_(compact), rules_(std::move(rules)), thread_([this] { work(); }) {}

Maintenance::~Maintenance() {
  {
    const std::lock_guard lock(mutex_);
    stopping_.store(true);
  }
  changed_.notify_one();
}

void Maintenance::set_rules(const store::RetentionRules& rules) {
  const std::lock_guard lock(mutex_);
  rules_ = rules;
}

void Maintenance::work() {
  while (!stopping_.load()) {
    retain();
    if (const auto made = store_.make_reserve(); !made) trouble_.write(log::Level::warning, made.error().text);
    if (compact_) compact_due();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, interval, [&] { return stopping_.load(); });
  }
}

void Maintenance::retain() {
  store::RetentionRules rules;
  {
    const std::lock_guard lock(mutex_);
    rules = rules_;
  }
  const auto report = store::apply_retention(store_, rules, now());
  if (!report)
    trouble_.write(log::Level::warning, report.error().text);
  else if (report->segments > 0)
    log::info(report->text());
}

void Maintenance::compact_due() {
  if (monotonic_now() < compact_after_) return;
  store::CompactionOptions options;
  options.stop = &stopping_;
  options.background = true;
  const auto report = store::compact(store_, options, now());
  if (!report && report.error().kind != ErrorKind::busy)
    trouble_.write(log::Level::warning, report.error().text);
  else if (report && report->merges > 0)
    log::info(report->text());
  // E.g. a damaged segment: it would be read, and told of, every few seconds for ever.
  if (report && report->failed > 0) compact_after_ = monotonic_now() + pause_after_failure;
}

bool Maintenance::make_room() {
  const std::lock_guard lock(room_mutex_);
  return free_space(store_, room_trouble_);
}

}  // namespace flowspan::app
