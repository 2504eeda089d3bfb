// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/collector.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "pipeline/outlet.hpp"
#include "pipeline/recovery.hpp"
#include "pipeline/worker.hpp"

namespace flowspan::pipeline {
namespace {

constexpr auto stop_poll = std::chrono::milliseconds(20);
// What an output has not taken so long after the journals were closed it is not given: a reader that is slow, however
// steadily, must not keep the collector from ending.
constexpr Duration outputs_at_end = 10 * second;

}  // namespace

WorkerCounters& WorkerCounters::operator+=(const WorkerCounters& other) {
  datagrams += other.datagrams;
  bytes += other.bytes;
  refused += other.refused;
  kernel_drops += other.kernel_drops;
  ring_drops += other.ring_drops;
  journal_drops += other.journal_drops;
  receive_errors += other.receive_errors;
  write_failures += other.write_failures;
  commit_failures += other.commit_failures;
  clock_steps += other.clock_steps;
  journal_bytes += other.journal_bytes;
  rows_waiting += other.rows_waiting;
  ring_high_water += other.ring_high_water;
  return *this;
}

Result<std::unique_ptr<Collector>> Collector::open(const CollectorOptions& options) {
  std::unique_ptr<Collector> collector(new Collector());
  collector->journal_directory_ = options.journal_directory;
  auto receivers = source::UdpReceiver::open(options.udp, options.workers);
  if (!receivers) return fail(receivers.error());
  for (std::uint32_t number = 0; number < receivers->size(); ++number) {
    auto worker = Worker::open(number, std::move((*receivers)[number]), options);
    if (!worker) return fail(worker.error());
    collector->workers_.push_back(std::move(*worker));
    if (options.mirror.empty()) continue;
    auto mirror = source::Mirror::open(options.mirror);
    if (!mirror) return fail(mirror.error());
    collector->mirrors_.push_back(std::make_unique<source::Mirror>(std::move(*mirror)));
  }
  return collector;
}

Collector::~Collector() = default;

const std::vector<source::UdpSocketInfo>& Collector::sockets() const { return workers_.front()->sockets().sockets(); }

std::vector<std::string> Collector::mirror_warnings() const {
  return mirrors_.empty() ? std::vector<std::string>() : mirrors_.front()->warnings();
}

std::vector<source::Mirror::Target> Collector::mirrors() const {
  std::vector<source::Mirror::Target> all;
  for (const auto& mirror : mirrors_)
    for (source::Mirror::Target& target : mirror->counters()) all.push_back(std::move(target));
  return all;
}

Status Collector::start(flow::SegmentSink& sink, std::vector<WriterStart> starts,
                        const std::function<bool()>& make_room) {
  return start(sink, std::move(starts), make_room, {}, {});
}

Status Collector::start(flow::SegmentSink& sink, std::vector<WriterStart> starts,
                        const std::function<bool()>& make_room, const std::vector<Output>& outputs,
                        const std::vector<WriterHistory>& histories) {
  starts.resize(workers_.size());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    source::Mirror* mirror = mirrors_.empty() ? nullptr : mirrors_[i].get();
    holds_.push_back(std::make_unique<JournalHold>(outputs.size()));
    if (Status started = workers_[i]->start(sink, starts[i], mirror, make_room, *holds_[i]); !started) return started;
  }
  if (outputs.empty()) return {};
  for (const Output& output : outputs)
    outlets_.push_back(std::make_unique<Outlet>(journal_directory_, output, outlets_.size()));
  for (const WriterHistory& history : histories) {
    std::optional<Position> first;
    JournalHold* hold = nullptr;
    if (history.writer < workers_.size()) {
      first = workers_[history.writer]->first();
      hold = holds_[history.writer].get();
      hold->commit(*first);  // recovery has committed all before it
    } else {                 // a worker that is no more
      hold = holds_.emplace_back(std::make_unique<JournalHold>(outputs.size())).get();
      hold->attach([directory = journal_directory_, writer = history.writer](
                       Position position) { return remove_journals(directory, writer, position.file); },
                   [] { return std::uint64_t{0}; }, 0);
      hold->commit(history.start.position);
    }
    for (const auto& outlet : outlets_)
      if (Status added = outlet->add(history, first, *hold); !added) return added;
  }
  for (const auto& outlet : outlets_)
    if (Status started = outlet->start(); !started) return started;
  return {};
}

void Collector::stop(const std::function<bool()>& give_up) {
  for (const auto& worker : workers_) worker->stop();
  const auto done = [](const std::unique_ptr<Worker>& worker) { return worker->done(); };
  while (!std::all_of(workers_.begin(), workers_.end(), done)) {
    if (give_up && give_up())
      for (const auto& worker : workers_) worker->give_up();
    std::this_thread::sleep_for(stop_poll);
  }
  for (const auto& worker : workers_) worker->join();
  finish_outputs(give_up);
}

void Collector::set_short_of_space(bool is_short) {
  for (const auto& hold : holds_) hold->set_short_of_space(is_short);
}

void Collector::finish_outputs(const std::function<bool()>& give_up) {
  for (const auto& outlet : outlets_) outlet->finish(outputs_at_end);
  const auto done = [](const std::unique_ptr<Outlet>& outlet) { return outlet->done(); };
  while (!std::all_of(outlets_.begin(), outlets_.end(), done)) {
    if (give_up && give_up())
      for (const auto& outlet : outlets_) outlet->give_up();
    std::this_thread::sleep_for(stop_poll);
  }
  for (const auto& outlet : outlets_) outlet->join();
}

std::vector<OutputCounters> Collector::outputs() const {
  std::vector<OutputCounters> all;
  for (const auto& outlet : outlets_) all.push_back(outlet->counters());
  return all;
}

bool Collector::failed() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->failed(); });
}

void Collector::set_allowed(const source::AllowList& allowed) {
  for (const auto& worker : workers_) worker->set_allowed(allowed);
}

void Collector::learn_bytes_per_flow(std::uint32_t writer, double bytes) {
  if (writer < workers_.size() && workers_[writer]->journaling() != nullptr)
    workers_[writer]->journaling()->learn_bytes_per_flow(bytes);
}

std::vector<WorkerCounters> Collector::counters() const {
  std::vector<WorkerCounters> all;
  for (const auto& worker : workers_) all.push_back(worker->counters());
  return all;
}

void Collector::with_exporters(const std::function<void(unsigned, const exporter::Exporters&)>& f) const {
  for (unsigned number = 0; number < workers_.size(); ++number)
    if (const Journaling* journaling = workers_[number]->journaling())
      journaling->with_exporters([&](const exporter::Exporters& exporters) { f(number, exporters); });
}

}  // namespace flowspan::pipeline
