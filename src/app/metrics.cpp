// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/metrics.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace flowspan::app {
namespace {

using server::Label;
using server::Metric;
using server::MetricType;
using enum MetricType;

constexpr double nanoseconds = 1e9;

/// Name, help and place of a number of T.
template <typename T>
struct Row {
  std::string_view name;
  std::string_view help;
  MetricType type;
  std::uint64_t T::*value;
};

using Socket = source::UdpCounters;
using Worker = pipeline::WorkerCounters;
using Account = exporter::Counters;
using Mirror = source::SendCounters;
using Output = pipeline::OutputCounters;
using Series = ExporterSeries;

// clang-format off
constexpr auto socket_rows = std::to_array<Row<Socket>>({
    {"flowspan_received_datagrams_total", "Datagrams received, without the refused.", counter, &Socket::datagrams},
    {"flowspan_received_bytes_total", "UDP payload received, without the refused.", counter, &Socket::bytes},
    {"flowspan_refused_datagrams_total", "Datagrams of senders that --allow does not name.", counter, &Socket::refused},
    {"flowspan_kernel_dropped_datagrams_total", "Datagrams that the kernel dropped for want of receive buffer.", counter, &Socket::kernel_drops},
    {"flowspan_receive_errors_total", "Attempts to receive that failed.", counter, &Socket::errors},
});
constexpr auto worker_rows = std::to_array<Row<Worker>>({
    {"flowspan_ring_dropped_datagrams_total", "Datagrams dropped because the ring in memory was full.", counter, &Worker::ring_drops},
    {"flowspan_journal_dropped_datagrams_total", "Datagrams dropped because the journal was full or could not be written at the end.", counter, &Worker::journal_drops},
    {"flowspan_journal_write_failures_total", "Attempts to write the journal that failed and were repeated.", counter, &Worker::write_failures},
    {"flowspan_commit_failures_total", "Attempts to store a segment that failed and were repeated.", counter, &Worker::commit_failures},
    {"flowspan_clock_steps_total", "Steps of this machine's clock of more than a second.", counter, &Worker::clock_steps},
    {"flowspan_journal_bytes", "Journal on disk.", gauge, &Worker::journal_bytes},
    {"flowspan_open_range_flows", "Flows journalled and not yet handed on to become a segment.", gauge, &Worker::rows_waiting},
    {"flowspan_ring_high_water_bytes", "The most that ever waited in the ring.", gauge, &Worker::ring_high_water},
});
constexpr auto account_rows = std::to_array<Row<Account>>({
    {"flowspan_flows_total", "Flow records decoded.", counter, &Account::flows},
    {"flowspan_reordered_flows_total", "Flows that came late.", counter, &Account::reordered_flows},
    {"flowspan_duplicate_datagrams_total", "Datagrams that came twice.", counter, &Account::duplicate_datagrams},
    {"flowspan_exporter_restarts_total", "Restarts of exporters.", counter, &Account::restarts},
    {"flowspan_sequence_resets_total", "Jumps of sequence numbers that no loss explains.", counter, &Account::resets},
    {"flowspan_exporter_clock_steps_total", "Jumps of exporters' clocks.", counter, &Account::clock_steps},
    {"flowspan_bad_export_times_total", "Datagrams whose export time has a second or more of nanoseconds.", counter, &Account::bad_export_times},
    {"flowspan_forgotten_sequences_total", "Sequences forgotten because a sender had too many.", counter, &Account::forgotten_engines},
});
constexpr auto mirror_rows = std::to_array<Row<Mirror>>({
    {"flowspan_mirror_datagrams_total", "Datagrams repeated to a --mirror.", counter, &Mirror::sent},
    {"flowspan_mirror_refused_datagrams_total", "Datagrams that the kernel did not take for a --mirror.", counter, &Mirror::refused},
    {"flowspan_mirror_unreachable_total", "Times that a --mirror said it does not listen.", counter, &Mirror::unreachable},
});
constexpr auto output_rows = std::to_array<Row<Output>>({
    {"flowspan_output_flows_total", "Flows handed to a --sqlite or --output.", counter, &Output::flows},
    {"flowspan_output_skipped_flows_total", "Flows not handed to a --sqlite or --output that could not follow; the store has them.", counter, &Output::skipped_flows},
    {"flowspan_output_failures_total", "Attempts to hand flows to a --sqlite or --output that failed.", counter, &Output::failures},
});
constexpr auto series_rows = std::to_array<Row<Series>>({
    {"flowspan_exporter_flows_total", "Flow records decoded, by exporter.", counter, &Series::flows},
    {"flowspan_exporter_datagrams_total", "Datagrams accounted for, by exporter.", counter, &Series::datagrams},
    {"flowspan_exporter_received_bytes_total", "UDP payload accounted for, by exporter.", counter, &Series::bytes_received},
    {"flowspan_exporter_decode_errors_total", "Datagrams that were not what they should be, by exporter.", counter, &Series::decode_errors},
});

/// Numbers of the summary.
struct SummaryRow {
  std::string_view name;
  std::string_view help;
  MetricType type;
  std::string_view key;
};
constexpr auto summary_rows = std::to_array<SummaryRow>({
    {"flowspan_exporters", "Exporters remembered.", gauge, "exporters"},
    {"flowspan_segments_committed_total", "Segments stored.", counter, "segments"},
    {"flowspan_committed_flows_total", "Flows stored in segments.", counter, "committed_flows"},
    {"flowspan_segment_written_bytes_total", "Size of the segments stored.", counter, "segment_bytes"},
    {"flowspan_exported_bytes_total", "Traffic that the stored flows tell of, as exported.", counter, "bytes"},
    {"flowspan_exported_packets_total", "Packets that the stored flows tell of, as exported.", counter, "packets"},
    {"flowspan_miscounted_ranges_total", "Segments with more or fewer flows than were counted. Should be 0.", counter, "miscounted_ranges"},
    {"flowspan_hook_failures_total", "Commands of --on-segment that failed or were left out.", counter, "hook_failures"},
});
// clang-format on

/// Collects numbers in the order in which they are to be told.
class List {
 public:
  void add(std::string_view name, std::string_view help, MetricType type, double value,
           std::vector<Label> labels = {}) {
    metrics_.push_back({name, help, type, std::move(labels), value});
  }
  template <typename T, std::size_t N>
  void add(const std::array<Row<T>, N>& rows, const T& from, const std::vector<Label>& labels = {}) {
    for (const Row<T>& row : rows) add(row.name, row.help, row.type, static_cast<double>(from.*row.value), labels);
  }
  std::vector<Metric> take() { return std::move(metrics_); }

 private:
  std::vector<Metric> metrics_;
};

double seconds_of(Time time) { return static_cast<double>(time) / nanoseconds; }

// As the user wrote it; where that says no port, as it was bound.
std::string name_of(const source::UdpSocketInfo& socket) {
  return socket.listen.port == 0 ? socket.local.to_string() : socket.listen.text;
}

void add_workers(List& list, const Readings& readings) {
  for (std::size_t worker = 0; worker < readings.run.workers.size(); ++worker) {
    const Worker& counters = readings.run.workers[worker];
    const std::string number = std::to_string(worker);
    for (std::size_t i = 0; i < std::min(counters.sockets.size(), readings.sockets.size()); ++i)
      list.add(socket_rows, counters.sockets[i], {{"worker", number}, {"listen", name_of(readings.sockets[i])}});
    list.add(worker_rows, counters, {{"worker", number}});
  }
  for (const source::UdpSocketInfo& socket : readings.sockets)
    list.add("flowspan_receive_buffer_bytes", "Receive buffer that the kernel granted to each worker's socket.", gauge,
             static_cast<double>(socket.granted_buffer), {{"listen", name_of(socket)}});
}

void add_account(List& list, const Account& account) {
  list.add(account_rows, account);
  for (std::size_t i = 0; i < exporter::reason_count; ++i)
    list.add("flowspan_decode_errors_total", "Datagrams that were not what they should be, by reason.", counter,
             static_cast<double>(account.errors[i]),
             {{"reason", std::string(exporter::name(static_cast<exporter::Reason>(i)))}});
}

void add_exporters(List& list, const std::vector<ExporterSeries>& exporters) {
  double lost = 0;
  double recovered = 0;
  for (const ExporterSeries& exporter : exporters) {
    const std::vector<Label> label{{"exporter", exporter.name}};
    list.add(series_rows, exporter, label);
    list.add("flowspan_exporter_lost_flows_total", "Flows missing by sequence number, by exporter.", counter,
             static_cast<double>(exporter.lost_flows.grown()), label);
    list.add("flowspan_exporter_recovered_flows_total",
             "Flows counted as lost that came late or were never missing, by exporter.", counter,
             static_cast<double>(exporter.lost_flows.fallen()), label);
    if (exporter.last_seen > 0)
      list.add("flowspan_exporter_last_seen_timestamp_seconds", "When a datagram of this exporter came last.", gauge,
               seconds_of(exporter.last_seen), label);
    lost += static_cast<double>(exporter.lost_flows.grown());
    recovered += static_cast<double>(exporter.lost_flows.fallen());
  }
  list.add("flowspan_lost_flows_total", "Flows missing by sequence number: lost before they came here.", counter, lost);
  list.add("flowspan_recovered_flows_total", "Flows counted as lost that came late or were never missing.", counter,
           recovered);
}

// Each worker has senders of its own.
void add_mirrors(List& list, const std::vector<source::Mirror::Target>& mirrors) {
  std::map<std::string_view, Mirror> sums;
  for (const source::Mirror::Target& target : mirrors)
    for (const Row<Mirror>& row : mirror_rows) sums[target.name].*row.value += target.counters.*row.value;
  for (const auto& [name, sum] : sums) list.add(mirror_rows, sum, {{"target", std::string(name)}});
}

// There may be several of a kind.
void add_outputs(List& list, const std::vector<Output>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i)
    list.add(output_rows, outputs[i], {{"output", std::to_string(i)}, {"kind", outputs[i].kind}});
}

void add_store(List& list, const Readings& readings) {
  if (readings.store) {
    list.add("flowspan_store_segments", "Segments in the store.", gauge, static_cast<double>(readings.store->segments));
    list.add("flowspan_store_flows", "Flows in the store's segments.", gauge,
             static_cast<double>(readings.store->rows));
    list.add("flowspan_store_bytes", "Size of the store's segments.", gauge,
             static_cast<double>(readings.store->file_bytes));
  }
  if (readings.quarantined)
    list.add("flowspan_quarantined_stretches", "Stretches of journals put aside because they killed the decoder.",
             gauge, static_cast<double>(*readings.quarantined));
  if (readings.disk) {
    list.add("flowspan_disk_free_bytes", "Free on the store's file system.", gauge,
             static_cast<double>(readings.disk->free));
    list.add("flowspan_disk_size_bytes", "Size of the store's file system.", gauge,
             static_cast<double>(readings.disk->total));
  }
  list.add("flowspan_ring_size_bytes", "Size of each worker's ring (--ring).", gauge,
           static_cast<double>(readings.ring_size));
  list.add("flowspan_journal_max_bytes", "The most that the journals of all workers may take (--journal-max).", gauge,
           static_cast<double>(readings.journal_max));
  list.add("flowspan_min_free_ratio", "Share of the file system below which the oldest flows are removed.", gauge,
           readings.min_free);
}

}  // namespace

std::vector<Metric> collector_metrics(const Readings& readings, const std::vector<ExporterSeries>& exporters) {
  const RunCounters& run = readings.run;
  List list;
  list.add("flowspan_counters_timestamp_seconds", "When the counters of this answer were taken.", gauge,
           seconds_of(readings.taken));
  add_workers(list, readings);
  add_account(list, readings.account);
  add_exporters(list, exporters);
  for (const SummaryRow& row : summary_rows)
    list.add(row.name, row.help, row.type, static_cast<double>(run.value(row.key)));
  list.add("flowspan_strangers", "Addresses that sent something and never a flow.", gauge,
           static_cast<double>(run.strangers));
  const std::uint64_t flows = run.value("flows");
  list.add("flowspan_flows_waiting", "Flows received and not yet stored in a segment; questions see them.", gauge,
           static_cast<double>(flows - std::min(flows, run.value("committed_flows"))));
  list.add("flowspan_last_commit_timestamp_seconds", "When a segment was stored last, or collecting began.", gauge,
           seconds_of(readings.last_commit));
  add_mirrors(list, run.mirrors);
  add_outputs(list, run.outputs);
  add_store(list, readings);
  return list.take();
}

std::vector<Metric> process_metrics(const ProcessUse& use, Time started, bool healthy, bool ready) {
  List list;
  list.add("flowspan_build_info", "Always 1; the label tells which flowspan this is.", gauge, 1,
           {{"version", FLOWSPAN_VERSION}});
  list.add("flowspan_healthy", "1 while /healthz says ok.", gauge, healthy ? 1 : 0);
  list.add("flowspan_ready", "1 while /readyz says ok: it collects.", gauge, ready ? 1 : 0);
  list.add("process_start_time_seconds", "When the program was started.", gauge, seconds_of(started));
  list.add("process_cpu_seconds_total", "Processor time taken, user and system.", counter, seconds_of(use.cpu));
  list.add("process_resident_memory_bytes", "Memory in use.", gauge, static_cast<double>(use.resident_bytes));
  list.add("process_virtual_memory_bytes", "Address space in use.", gauge, static_cast<double>(use.virtual_bytes));
  list.add("process_open_fds", "Open file descriptors.", gauge, static_cast<double>(use.open_files));
  list.add("process_max_fds", "File descriptors that may be open.", gauge, static_cast<double>(use.most_open_files));
  return list.take();
}

}  // namespace flowspan::app
