// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/system.hpp"
#include "base/log.hpp"
#include "server/http.hpp"
#include "server/prometheus.hpp"
#include "store/info.hpp"

namespace flowspan::app {
namespace {

// The catalog and the disk are asked less often than the counters.
constexpr Duration store_interval = 5 * second;

server::ListenAddress listen_address(const source::Address& address) {
  return {address.any, {address.ip, address.port}, address.scope, address.text + " (--metrics)"};
}

server::Answer verdict(const std::string& trouble) {
  if (trouble.empty()) return {200, "ok\n"};
  return {503, trouble + "\n"};
}

// Late datagrams can show that a restart was none, and take it back: what was told once stays.
void raise(exporter::Counters& most, const exporter::Counters& now, const exporter::Counters& at_start) {
  const auto raise_one = [](std::uint64_t& value, std::uint64_t after, std::uint64_t before) {
    if (after > before) value = std::max(value, after - before);
  };
  for (const exporter::CounterName& row : exporter::counter_names)
    raise_one(most.*row.value, now.*row.value, at_start.*row.value);
  for (std::size_t i = 0; i < exporter::reason_count; ++i) raise_one(most.errors[i], now.errors[i], at_start.errors[i]);
}

}  // namespace

Status check_monitor_address(const source::Address& address) {
  const auto listener = server::open_listener(listen_address(address));
  if (!listener) return fail(listener.error());
  return {};
}

Monitor::Monitor(const Configuration& configuration) : started_(now()), exporters_(configuration.exporters) {
  if (exporters_.left_out() > 0)
    log::warn(fmt::format("metrics tell {} exporters apart: {} more [[exporter]] tables are counted as '{}'",
                          NamedExporters::most, exporters_.left_out(), NamedExporters::others));
}

Monitor::~Monitor() = default;

Result<std::unique_ptr<Monitor>> Monitor::open(const source::Address& address, const Configuration& configuration) {
  std::unique_ptr<Monitor> monitor(new Monitor(configuration));
  Monitor& it = *monitor;  // outlives the server, which is its member
  const auto locked = [&it](auto ask) {
    return [&it, ask] {
      const std::lock_guard lock(it.mutex_);
      return ask(it.health_);
    };
  };
  std::vector<server::Route> routes{
      {"/metrics",
       [&it] {
         return server::Answer{200, it.metrics(), std::string(server::prometheus_type)};
       }},
      {"/healthz", locked([](const Health& health) { return verdict(health.trouble(monotonic_now())); })},
      {"/readyz", locked([](const Health& health) { return verdict(health.not_ready()); })},
  };
  auto server = server::HttpServer::open(listen_address(address), std::move(routes));
  if (!server) return fail(server.error());
  monitor->server_ = std::move(*server);
  return monitor;
}

void Monitor::start() {
  server_->start();
  log::info(fmt::format("metrics on http://{}/metrics", server_->local().to_string()));
}

Status Monitor::begin(const std::vector<pipeline::WriterStart>& starts) {
  committed();
  return exporters_.begin(starts);
}

void Monitor::enter(Health::Stage stage) {
  const std::lock_guard lock(mutex_);
  health_.enter(stage, monotonic_now());
}

void Monitor::look_at_store(store::Store& store, Time time) {
  if (store_asked_ != 0 && time - store_asked_ < store_interval) return;
  store_asked_ = time;
  if (const auto totals = store::store_totals(store)) readings_.store = *totals;
  if (const auto stretches = store.quarantined()) readings_.quarantined = stretches->size();
  if (const auto disk = disk_space(store.path())) readings_.disk = *disk;
}

void Monitor::update(const RunCounters& run, const pipeline::Collector& collector, store::Store& store,
                     const Configuration& configuration) {
  exporters_.end_round(run.account, run.account_at_start);
  raise(account_, run.account, run.account_at_start);
  look_at_store(store, monotonic_now());
  readings_.taken = now();
  readings_.run = run;
  readings_.account = account_;
  readings_.sockets = collector.sockets();
  readings_.last_commit = last_commit_.load(std::memory_order_relaxed);
  readings_.ring_size = configuration.ring;
  readings_.journal_max = configuration.journal_max;
  readings_.min_free = configuration.min_free;
  std::string text = server::prometheus_text(collector_metrics(readings_, exporters_.series()));
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
  health_.note(run.value("journal_write_failures"), run.value("commit_failures"), collector.failed(), monotonic_now());
}

std::string Monitor::metrics() const {
  const ProcessUse use = process_use();
  const std::lock_guard lock(mutex_);
  const bool healthy = health_.trouble(monotonic_now()).empty();
  return server::prometheus_text(process_metrics(use, started_, healthy, health_.not_ready().empty())) + text_;
}

}  // namespace flowspan::app
