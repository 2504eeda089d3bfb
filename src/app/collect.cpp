// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <mutex>
#include <utility>

#include "app/collect_screen.hpp"
#include "app/commands.hpp"
#include "app/maintenance.hpp"
#include "app/monitor.hpp"
#include "app/outputs.hpp"
#include "app/privileges.hpp"
#include "app/run_counters.hpp"
#include "app/segment_hook.hpp"
#include "app/signals.hpp"
#include "app/start_writers.hpp"
#include "app/tell.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/units.hpp"
#include "pipeline/collector.hpp"
#include "store/segment_writer.hpp"

namespace flowspan::app {
namespace {

constexpr Duration tick = second;
constexpr Duration status_interval = 10 * second;  // of lines where stderr is no terminal
// Fewer flows say little of what a full segment will take.
constexpr std::uint64_t telling_rows = 50'000;

store::RetentionRules retention_rules(const Configuration& configuration) {
  store::RetentionRules rules;
  rules.keep = configuration.keep;
  rules.keep_bytes = configuration.keep_bytes;
  if (configuration.min_free > 0) rules.min_free = store::MinFree{configuration.min_free, 0};
  return rules;
}

pipeline::CollectorOptions collector_options(const Configuration& configuration) {
  pipeline::CollectorOptions options;
  options.journal_directory = configuration.store / "journal";
  options.udp.listens = configuration.listen;
  options.udp.receive_buffer = configuration.receive_buffer;
  options.udp.allowed = source::AllowList(configuration.allow);
  options.workers = configuration.workers;
  options.ring_bytes = configuration.ring;
  options.journal_sync = configuration.journal_sync;
  options.journaling.journal_max = configuration.journal_max / configuration.workers;  // what all may take together
  options.journaling.rotate = configuration.rotate;
  options.journaling.rotate_bytes = configuration.rotate_size;
  options.mirror = configuration.mirror;
  return options;
}

/// One run of `flowspan collect`, from the sockets to the summary.
class Collection {
 public:
  Collection(Configuration configuration, CollectRun run)
      : configuration_(std::move(configuration)),
        run_(std::move(run)),
        live_status_(isatty(STDERR_FILENO) != 0 && !configuration_.quiet) {}

  Status prepare();
  Status run();

 private:
  Status open_store();
  Status open_sockets();
  void tell_start(const StartReport& report) const;
  void on_committed(const store::CommittedSegment& segment);
  void reload();
  void watch_space();
  void publish();
  void open_screen();
  void show_status();
  void print_status_line();
  void stop();
  RunCounters counters();

  Configuration configuration_;
  CollectRun run_;
  bool live_status_;
  std::unique_ptr<store::Store> store_;
  std::optional<LockFile> lock_;
  Outputs outputs_;
  std::unique_ptr<store::SegmentStore> segments_;
  std::unique_ptr<SegmentHook> hook_;
  std::unique_ptr<Maintenance> maintenance_;
  std::unique_ptr<pipeline::Collector> collector_;
  std::unique_ptr<store::CountersFile> published_;
  std::unique_ptr<Monitor> monitor_;  // null without --metrics

  std::mutex committed_mutex_;
  Committed committed_;
  bool recovering_ = true;
  exporter::Counters at_start_;
  Time started_ = 0;     // monotonic
  Time started_at_ = 0;  // wall clock
  std::uint64_t shown_flows_ = 0;
  Time status_line_at_ = 0;  // monotonic, of the last
  std::unique_ptr<CollectScreen> screen_;
  log::Limiter trouble_;
};

Status Collection::prepare() {
  // The store comes first, because it names another collector better than a taken port does; but who gives up root's
  // rights needs them for the ports.
  if (configuration_.user.empty() && configuration_.group.empty()) {
    if (Status opened = open_store(); !opened) return opened;
    return open_sockets();
  }
  if (Status opened = open_sockets(); !opened) return opened;
  if (Status dropped = drop_privileges(configuration_.user, configuration_.group, configuration_.store); !dropped)
    return dropped;
  return open_store();
}

Status Collection::open_store() {
  auto store = store::Store::open(configuration_.store, store::Mode::create);
  if (!store) return fail(store.error());
  store_ = std::move(*store);
  auto lock = store_->lock_collector();
  if (!lock) return fail(lock.error());
  lock_ = std::move(*lock);
  const auto swept = store_->sweep(now());
  if (!swept) return fail(swept.error());
  if (swept->parts + swept->orphans > 0)
    log::info(fmt::format("removed {} unfinished files of an earlier run ({})", swept->parts + swept->orphans,
                          size_text(swept->bytes)));
  if (const auto reserve = store_->make_reserve(); !reserve) log::warn(reserve.error().text);
  auto outputs = Outputs::open(configuration_, *store_);
  if (!outputs) return fail(outputs.error());
  outputs_ = std::move(*outputs);
  return {};
}

Status Collection::open_sockets() {
  auto collector = pipeline::Collector::open(collector_options(configuration_));
  if (!collector) return fail(collector.error());
  collector_ = std::move(*collector);
  for (const source::UdpSocketInfo& socket : collector_->sockets())
    if (!socket.warning.empty()) log::warn(socket.warning);
  for (const std::string& warning : collector_->mirror_warnings()) log::warn(warning);
  if (!configuration_.metrics) return {};
  auto monitor = Monitor::open(*configuration_.metrics, configuration_);
  if (!monitor) return fail(monitor.error());
  monitor_ = std::move(*monitor);
  return {};
}

Status Collection::run() {
  if (monitor_) monitor_->start();
  segments_ = std::make_unique<store::SegmentStore>(*store_);
  segments_->on_segment([this](const store::CommittedSegment& segment) { on_committed(segment); });
  StartReport report;
  auto starts = start_writers(*store_, *segments_, configuration_.workers, !outputs_.empty(), report);
  if (!starts) return fail(starts.error());
  if (Status begun = outputs_.begin(report); !begun) return begun;

  hook_ = std::make_unique<SegmentHook>(configuration_.on_segment, configuration_.store.string());
  maintenance_ = std::make_unique<Maintenance>(*store_, retention_rules(configuration_), configuration_.compact);
  published_ = std::make_unique<store::CountersFile>(configuration_.store);
  {
    const std::lock_guard lock(committed_mutex_);
    recovering_ = false;
  }
  const auto at_start = exporter_totals(*starts);
  if (!at_start) return fail(at_start.error());
  at_start_ = *at_start;
  if (monitor_)
    if (Status begun = monitor_->begin(*starts); !begun) return begun;
  started_ = monotonic_now();
  started_at_ = now();
  const auto make_room = [this] { return maintenance_->make_room(); };
  if (Status started = collector_->start(*segments_, std::move(*starts), make_room, outputs_.list(), report.histories);
      !started)
    return started;
  publish();
  if (monitor_) monitor_->enter(Health::Stage::collecting);
  tell_start(report);
  open_screen();
  if (run_.on_collecting) run_.on_collecting(collector_->sockets());

  bool failed = false;
  for (;;) {
    const auto signal = wait_for_signal(tick);
    if (signal == SIGINT || signal == SIGTERM || (run_.wants_end && run_.wants_end())) break;
    if (signal == SIGHUP && run_.ends_with_terminal) break;
    if (signal == SIGHUP) reload();
    watch_space();
    publish();
    show_status();
    failed = collector_->failed();
    if (failed) break;
  }
  stop();
  return failed ? fail("collecting ended because a socket broke; see the messages above") : Status{};
}

void Collection::stop() {
  if (monitor_) monitor_->enter(Health::Stage::stopping);
  screen_.reset();
  if (live_status_) tell("\n");
  log::info(
      "stopping: what was received is being stored (once more Ctrl-C: leave it in the journal for the next start)");
  bool again = false;
  collector_->stop([&] {
    if (const auto signal = wait_for_signal(0); signal == SIGINT || signal == SIGTERM) again = true;
    return again;
  });
  const RunCounters run = counters();
  if (const std::uint64_t flows = run.value("flows"), committed = run.value("committed_flows"); flows > committed)
    log::warn(fmt::format("{} flows stay in the journal: the next start stores them", count_text(flows - committed)));
  outputs_.end(*collector_, run.value("flows") <= run.value("committed_flows"));
  maintenance_.reset();
  hook_.reset();
  published_->remove();
  if (!configuration_.quiet || configuration_.format == Format::json)
    print_summary(fmt::format("{}: collected", configuration_.store.string()), run,
                  configuration_.format == Format::json, writes_standard_output(configuration_));
}

void Collection::tell_start(const StartReport& report) const {
  if (report.recovered_datagrams > 0)
    log::info(fmt::format("stored {} flows of {} datagrams that the last run had left in the journal",
                          count_text(report.recovered_flows), count_text(report.recovered_datagrams)));
  if (report.damaged_blocks > 0)
    log::warn(fmt::format("skipped {} damaged places of the journal", count_text(report.damaged_blocks)));
  for (const source::UdpSocketInfo& socket : collector_->sockets())
    log::info(fmt::format("listening on udp {} (receive buffer {})", socket.local.to_string(),
                          size_text(socket.granted_buffer)));
  if (const auto space = disk_space(configuration_.store); space && space->total > 0) {
    const double free = static_cast<double>(space->free) / static_cast<double>(space->total);
    if (free < configuration_.min_free)
      log::warn(
          fmt::format("only {:.1f} % of the disk is free and --min-free wants {:.1f} %: the oldest flows are "
                      "removed as new ones come; free some space, or lower --min-free",
                      100 * free, 100 * configuration_.min_free));
  }
  log::info(fmt::format("collecting into {} with {} worker{}", configuration_.store.string(), configuration_.workers,
                        configuration_.workers == 1 ? "" : "s"));
}

void Collection::on_committed(const store::CommittedSegment& committed) {
  const store::Segment& segment = committed.segment;
  const std::lock_guard lock(committed_mutex_);
  if (recovering_) return;
  ++committed_.segments;
  committed_.flows += segment.rows;
  committed_.bytes += segment.raw_bytes;
  committed_.packets += segment.raw_packets;
  committed_.file_bytes += segment.file_bytes;
  if (segment.rows >= telling_rows)
    collector_->learn_bytes_per_flow(segment.writer,
                                     static_cast<double>(segment.file_bytes) / static_cast<double>(segment.rows));
  if (monitor_) monitor_->committed();
  hook_->add(committed);
}

void Collection::reload() {
  const auto next = reload_configuration(configuration_);
  if (!next) {
    log::error("the configuration was not reloaded: " + next.error().text);
    return;
  }
  const Difference changes = difference(configuration_, *next);
  for (const std::string& change : changes.reloaded) log::info("reloaded: " + change);
  for (const std::string& change : changes.restart) log::warn("not reloaded, needs a restart: " + change);
  if (changes.reloaded.empty() && changes.restart.empty()) log::info("reloaded: nothing has changed");
  configuration_ = with_reloaded(configuration_, *next);
  collector_->set_allowed(source::AllowList(configuration_.allow));
  maintenance_->set_rules(retention_rules(configuration_));
  hook_->set_command(configuration_.on_segment);
}

RunCounters Collection::counters() {
  const std::lock_guard lock(committed_mutex_);
  if (monitor_) monitor_->begin_round();
  RunCounters run =
      collect_counters(*collector_, at_start_, committed_, started_, [this](const exporter::Exporters& exporters) {
        if (monitor_) monitor_->look(exporters);
      });
  run.values.emplace_back("miscounted_ranges", segments_->miscounted());
  run.values.emplace_back("hook_failures", hook_->failures());
  add_output_counters(*collector_, run);
  return run;
}

/// Well before retention removes stored flows for space.
void Collection::watch_space() {
  constexpr double margin = 1.5;
  if (outputs_.empty()) return;
  const auto space = disk_space(configuration_.store);
  if (!space || space->total == 0) return;
  const double free = static_cast<double>(space->free) / static_cast<double>(space->total);
  collector_->set_short_of_space(free < margin * configuration_.min_free);
}

void Collection::publish() {
  const RunCounters run = counters();
  if (monitor_) monitor_->update(run, *collector_, *store_, configuration_);
  const Status done = published_->publish(published_counters(*collector_, run, started_at_));
  if (!done) trouble_.write(log::Level::warning, done.error().text);
}

void Collection::open_screen() {
  status_line_at_ = monotonic_now();
  if (!run_.with_screen) return;
  auto screen = CollectScreen::open(configuration_);
  if (screen)
    screen_ = std::move(*screen);
  else
    log::warn("collecting without a screen: " + screen.error().text);
}

/// Where nobody looks at a terminal: a line in the log now and then.
void Collection::print_status_line() {
  const Time time = monotonic_now();
  if (configuration_.quiet || time - status_line_at_ < status_interval) return;
  const RunCounters run = counters();
  const std::uint64_t flows = run.value("flows");
  const auto per_second = static_cast<double>(flows - shown_flows_) * 1e9 / static_cast<double>(time - status_line_at_);
  log::info(fmt::format("{} flows/s, {} flows from {} exporters, {} lost on the way, {} datagrams dropped here",
                        count_text(static_cast<std::uint64_t>(per_second)), count_text(flows),
                        count_text(run.value("exporters")), count_text(run.value("lost_flows")),
                        count_text(run.value("kernel_drops") + run.value("ring_drops") + run.value("journal_drops"))));
  shown_flows_ = flows;
  status_line_at_ = time;
}

void Collection::show_status() {
  if (screen_ && !screen_->ended()) return;
  screen_.reset();
  if (!live_status_) return print_status_line();
  const RunCounters run = counters();
  const std::uint64_t flows = run.value("flows");
  const std::uint64_t drops = run.value("kernel_drops") + run.value("ring_drops") + run.value("journal_drops");
  tell("\r\033[K{} flows/s, {} flows from {} exporters, {} lost on the way, {} datagrams dropped here",
       count_text(flows - shown_flows_), count_text(flows), count_text(run.value("exporters")),
       count_text(run.value("lost_flows")), count_text(drops));
  shown_flows_ = flows;
}

}  // namespace

int run_collect(const Configuration& configuration, CollectRun run) {
  catch_signals();
  if (run.with_screen && !tui::Terminal::usable())
    return report(
        {"--tui needs a terminal at stdin and stdout; without --tui a line every ten seconds tells how it goes",
         ErrorKind::usage});
  if (configuration.quiet) log::set_level(log::Level::warning);
  Collection collection(configuration, std::move(run));
  if (const Status prepared = collection.prepare(); !prepared) return report(prepared.error());
  if (const Status ran = collection.run(); !ran) return report(ran.error());
  return exit_done;
}

}  // namespace flowspan::app
