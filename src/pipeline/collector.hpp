// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "exporter/exporters.hpp"
#include "flow/sink.hpp"
#include "pipeline/journaling.hpp"
#include "pipeline/skipping_reader.hpp"
#include "source/address.hpp"
#include "source/mirror.hpp"
#include "source/udp.hpp"

namespace flowspan::pipeline {

struct CollectorOptions {
  std::filesystem::path journal_directory;
  source::UdpOptions udp;
  unsigned workers = 1;
  std::uint64_t ring_bytes = 256ull << 20;  ///< of each worker
  Duration journal_sync = second;
  JournalingOptions journaling;
  std::vector<source::Address> mirror;
};

/// Where a writer goes on.
struct WriterStart {
  Position position;
  std::string state;  ///< the decoder's, as saved; empty at the first start
};

/// One writer at the start of a collector: where the store stood, and where it goes on after recovery.
struct WriterHistory {
  std::uint32_t writer = 0;
  WriterStart before;
  WriterStart start;
  std::vector<Stretch> quarantined;
};

/// Where flows go beside the store.
struct Output {
  std::string kind;  ///< as in counters: "sqlite", "ndjson"
  std::string name;  ///< as in messages: "the dataset x.sqlite3"
  flow::FlowSink* sink = nullptr;
};

/// What an output was given since the start.
struct OutputCounters {
  std::string kind;
  std::uint64_t flows = 0;
  std::uint64_t skipped_flows = 0;  ///< never given to it, because it could not follow; the store has them
  std::uint64_t failures = 0;       ///< attempts to hand flows over
  bool complete = false;            ///< it was given everything; known after stop()
};

/// What a worker has met since the start; sums of all its sockets.
struct WorkerCounters {
  std::uint64_t datagrams = 0;  ///< received and let in
  std::uint64_t bytes = 0;      ///< their payload
  std::uint64_t refused = 0;    ///< datagrams of senders that are not allowed
  std::uint64_t kernel_drops = 0;
  std::uint64_t ring_drops = 0;
  std::uint64_t journal_drops = 0;
  std::uint64_t receive_errors = 0;
  std::uint64_t write_failures = 0;   ///< attempts to write the journal
  std::uint64_t commit_failures = 0;  ///< attempts to commit a range
  std::uint64_t clock_steps = 0;
  std::uint64_t journal_bytes = 0;    ///< now
  std::uint64_t rows_waiting = 0;     ///< flows journalled and not yet in a range, now
  std::uint64_t ring_high_water = 0;  ///< bytes
  /// In the order of Collector::sockets(); empty in a sum of workers.
  std::vector<source::UdpCounters> sockets;

  WorkerCounters& operator+=(const WorkerCounters& other);
};

/// One worker: its sockets, ring, journal, account and commits, and the three threads that drive them.
class Worker;

class Outlet;
class JournalHold;

/// The running collector: workers that receive, journal, account and commit, until stop().
class Collector {
 public:
  /// Opens the sockets; receives nothing yet (privileges may be dropped before start()).
  static Result<std::unique_ptr<Collector>> open(const CollectorOptions& options);
  ~Collector();

  /// What the first worker's sockets were granted, with warnings; the others are alike.
  const std::vector<source::UdpSocketInfo>& sockets() const;
  /// What to raise for the mirrors' sockets, a sentence each; those of the first worker, the others are alike.
  std::vector<std::string> mirror_warnings() const;
  /// Empty without mirrors.
  std::vector<source::Mirror::Target> mirrors() const;

  /// Opens the journals and starts the threads. `starts` has one element for each worker. `make_room` is called when the
  /// disk is full, from any thread, and says whether it freed anything. The sink outlives the collector.
  Status start(flow::SegmentSink& sink, std::vector<WriterStart> starts, const std::function<bool()>& make_room);
  /// As start(), and feeds the outputs, whose sinks outlive the collector. `histories` has every writer whose journal
  /// an earlier run may have left, the workers' own among them; journals go only when every output has read them.
  Status start(flow::SegmentSink& sink, std::vector<WriterStart> starts, const std::function<bool()>& make_room,
               const std::vector<Output>& outputs, const std::vector<WriterHistory>& histories);
  /// Receives no more, journals and commits what was received, and gives the outputs what is left. Waits until all is
  /// done, until commits have failed for some seconds and outputs had ten, or until `give_up` says true: what is then
  /// not committed stays in the journal for the next start.
  void stop(const std::function<bool()>& give_up = {});

  /// Some worker's sockets broke.
  bool failed() const;
  void set_allowed(const source::AllowList& allowed);
  /// What a segment of the writer took, so that the next ranges are cut for the right size.
  void learn_bytes_per_flow(std::uint32_t writer, double bytes);
  /// One for each worker.
  std::vector<WorkerCounters> counters() const;
  /// One for each output.
  std::vector<OutputCounters> outputs() const;
  /// Whether the disk is so full that an output that is behind must not hold journals which the store has committed.
  void set_short_of_space(bool is_short);
  /// f(worker, const exporter::Exporters&) for each worker, while its account stands still.
  void with_exporters(const std::function<void(unsigned, const exporter::Exporters&)>& f) const;

 private:
  Collector() = default;

  std::filesystem::path journal_directory_;
  std::vector<std::unique_ptr<source::Mirror>> mirrors_;
  void finish_outputs(const std::function<bool()>& give_up);

  std::vector<std::unique_ptr<JournalHold>> holds_;  // by worker; then those of writers that only left something
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<Outlet>> outlets_;
};

}  // namespace flowspan::pipeline
