// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/commands.hpp"
#include "app/run_counters.hpp"
#include "app/simulate_live.hpp"
#include "app/simulate_plan.hpp"
#include "app/system.hpp"
#include "app/tell.hpp"
#include "base/file.hpp"
#include "base/units.hpp"
#include "simulate/capture.hpp"
#include "simulate/site.hpp"

namespace flowspan::app {
namespace {

using simulate::Network;
using simulate::Plan;

constexpr Duration progress_interval = 500 * millisecond;
constexpr Duration too_late = second;
constexpr std::uint32_t captured_collector = 0xAC1F'FFFE;  // 172.31.255.254
constexpr std::uint16_t captured_port = 2055;

void note(const SimulateOptions& options, const std::string& text) {
  if (!options.quiet) tell("flowspan: {}\n", text);
}

class Progress {
 public:
  explicit Progress(const SimulateOptions& options) : show_(!options.quiet && stderr_is_terminal()) {}

  void show(const simulate::Sums& sums) {
    const Time clock = monotonic_now();
    if (!show_ || clock < shown_ + progress_interval) return;
    shown_ = clock;
    const double seconds = static_cast<double>(clock - begin_) / static_cast<double>(second);
    tell("\r{} flows in {} datagrams, {:.0f} flows/s, {:.0f} s\x1b[K", count_text(sums.flows),
         count_text(sums.datagrams), static_cast<double>(sums.flows) / std::max(seconds, 0.001), seconds);
  }
  void clear() {
    if (show_ && shown_ > 0) tell("\r\x1b[K");
    shown_ = 0;
  }
  double seconds() const { return static_cast<double>(monotonic_now() - begin_) / static_cast<double>(second); }

 private:
  bool show_;
  Time begin_ = monotonic_now();
  Time shown_ = 0;
};

/// The labels' file: made at the start, so that one that cannot be written is told then; filled at the end.
Status write_labels(const SimulateOptions& options, const Plan& plan, std::span<const simulate::Label> labels,
                    const std::function<std::string(std::uint32_t)>& name) {
  if (options.labels.empty()) return {};
  const auto engine = [&](std::uint32_t exporter) { return plan.engine_of(exporter); };
  auto written = replace_file(options.labels, simulate::labels_csv(labels, name, engine));
  if (!written) return fail("--labels: " + written.error().text);
  return written;
}

void say_limits(const SimulateOptions& options, const Plan& plan) {
  if (plan.sampling > 1 && !simulate::says_engine(plan.version))
    note(options, fmt::format("NetFlow {} cannot say that one packet in {} is sampled: set it in the collector",
                              options.protocol, plan.sampling));
  const bool loses = std::find(plan.with.begin(), plan.with.end(), simulate::Kind::loss) != plan.with.end();
  if (loses && plan.version == simulate::Version::v1)
    note(options, "NetFlow v1 has no sequence numbers: no collector can see the loss");
}

void summarize(const SimulateOptions& options, const std::string& title, const Plan& plan, const simulate::Sums& sums,
               double seconds, std::uint64_t refused) {
  const bool json = options.format == Format::json || options.format == Format::ndjson;
  if (options.quiet && !json) return;
  RunCounters run;
  run.values = {{"flows", sums.flows},           {"datagrams", sums.datagrams}, {"bytes", sums.bytes},
                {"packets", sums.packets},       {"exporters", plan.exporters}, {"lost_datagrams", sums.lost_datagrams},
                {"lost_flows", sums.lost_flows}, {"refused_datagrams", refused}};
  run.seconds = seconds;
  print_summary(title, run, json);
}

/// Tells once that nobody listens.
class Listeners {
 public:
  Listeners(const SimulateOptions& options, const simulate::Senders& senders) : options_(options), senders_(senders) {}
  void check(Progress& progress) {
    if (told_ || senders_.counters().unreachable == 0) return;
    told_ = true;
    progress.clear();
    note(options_, fmt::format("{} says that nobody listens there: start the collector; going on", options_.to));
  }

 private:
  const SimulateOptions& options_;
  const simulate::Senders& senders_;
  bool told_ = false;
};

/// How a collector can tell the exporters.
void identify(const SimulateOptions& options, const simulate::Senders& senders, Plan& plan) {
  if (plan.exporters < 2 || senders.own_addresses()) return;
  plan.engines = true;
  const auto* how = simulate::says_engine(plan.version) ? "their source ports and engine ids" : "their source ports";
  note(options,
       fmt::format("all {} exporters send from {}: only {} tell them apart", plan.exporters, senders.name(0), how));
}

int run_live(const SimulateOptions& options, Plan plan, Time begin) {
  const auto target = source::Address::parse_target(options.to);
  if (!target) return report({"--to: " + target.error().text, target.error().kind});
  auto senders = simulate::Senders::open(*target, plan.exporters);
  if (!senders) return report(senders.error());
  identify(options, *senders, plan);
  const auto name = [&](std::uint32_t exporter) { return senders->name(exporter); };
  if (const auto made = write_labels(options, plan, {}, name); !made) return report(made.error());

  const InterruptFlag stop;
  Network network(plan);
  Progress progress(options);
  Listeners listeners(options, *senders);
  const auto tick = [&] {
    progress.show(network.sums());
    listeners.check(progress);
  };
  const Duration late = send_live(network, *senders, plan.start, begin, stop.raised(), tick);
  listeners.check(progress);
  progress.clear();
  const auto counters = senders->counters();
  summarize(options, fmt::format("sent to {}", options.to), plan, network.sums(), progress.seconds(), counters.refused);
  if (late > too_late && !stop.raised())
    note(options, fmt::format("datagrams were up to {:.1f} s late: this machine cannot make flows so fast",
                              static_cast<double>(late) / static_cast<double>(second)));
  const auto written = write_labels(options, plan, network.labels(), name);
  if (!written) return report(written.error());
  return counters.refused > 0 ? exit_failed : exit_done;
}

Status fill(simulate::CaptureWriter& capture, Network& network, const std::atomic<bool>& stop, Progress& progress) {
  while (!stop && network.due()) {
    const auto made = network.take();
    progress.show(network.sums());
    if (made.lost) continue;
    Datagram datagram;
    datagram.received = made.time;
    datagram.from = {Ip::v4(simulate::Site::router_address(made.exporter)), captured_port};
    datagram.to = {Ip::v4(captured_collector), captured_port};
    datagram.payload = made.payload;
    if (auto added = capture.add(datagram); !added) return added;
  }
  return capture.finish();
}

int run_capture(const SimulateOptions& options, const Plan& plan) {
  const auto name = [](std::uint32_t exporter) { return Ip::v4(simulate::Site::router_address(exporter)).to_string(); };
  if (const auto made = write_labels(options, plan, {}, name); !made) return report(made.error());
  auto capture = simulate::CaptureWriter::create(options.pcap);
  if (!capture) return report(capture.error());
  const InterruptFlag stop;
  Progress progress(options);
  Network network(plan);
  const auto filled = fill(*capture, network, stop.raised(), progress);
  progress.clear();
  if (!filled) return report(filled.error());
  summarize(options, options.pcap, plan, network.sums(), progress.seconds(), 0);
  const auto written = write_labels(options, plan, network.labels(), name);
  return written ? exit_done : report(written.error());
}

}  // namespace

int run_simulate(const SimulateOptions& options) {
  if (options.to.empty() == options.pcap.empty())
    return report({"simulate needs --to HOST:PORT, where it sends to, or --pcap FILE, not both", ErrorKind::usage});
  const Time begin = monotonic_now();
  const auto plan = make_plan(options, now());
  if (!plan) return report(plan.error());
  say_limits(options, *plan);
  return options.pcap.empty() ? run_live(options, *plan, begin) : run_capture(options, *plan);
}

}  // namespace flowspan::app
