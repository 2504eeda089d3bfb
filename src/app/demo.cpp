// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <atomic>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "app/commands.hpp"
#include "app/signals.hpp"
#include "app/simulate_live.hpp"
#include "app/simulate_plan.hpp"
#include "base/log.hpp"
#include "base/scratch_folder.hpp"
#include "base/wakeup.hpp"
#include "tui/terminal.hpp"

namespace flowspan::app {
namespace {

constexpr std::string_view purpose = "flowspan-demo";

/// Removes what demos left that were killed; a line that says so, empty when there was none.
std::string clean_up(const std::filesystem::path& base) {
  const auto dead = ScratchFolder::remove_dead(base, purpose);
  if (dead.empty()) return {};
  if (dead.size() == 1) return fmt::format("removed {}, left by a demo that was killed", dead.front().string());
  return fmt::format("removed {} folders {}-* in {}, left by demos that were killed", dead.size(), purpose,
                     base.string());
}

/// The network that sends to the collector of this process, in a thread of its own.
class DemoNetwork {
 public:
  explicit DemoNetwork(const SimulateOptions& options) : options_(options) {}
  ~DemoNetwork() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  /// Called by the collector once it receives.
  void start(const source::Address& to) {
    thread_ = std::thread([this, to] {
      name_this_thread("simulate");
      if (const Status done = send(to); !done) {
        log::error(done.error().text);
        failed_ = true;
      }
      ended_ = true;
    });
  }
  bool ended() const { return ended_; }
  bool failed() const { return failed_; }

 private:
  Status send(const source::Address& to) {
    const Time begin = monotonic_now();
    const auto plan = make_plan(options_, now());
    if (!plan) return fail(plan.error());
    auto senders = simulate::Senders::open(to, plan->exporters);
    if (!senders) return fail(senders.error());
    simulate::Network network(*plan);
    send_live(network, *senders, plan->start, begin, stop_, [] {});
    return {};
  }

  SimulateOptions options_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> ended_{false};
  std::atomic<bool> failed_{false};
  std::thread thread_;
};

}  // namespace

int run_demo(const DemoOptions& options) {
  if (const auto plan = make_plan(options.network, now()); !plan) return report(plan.error());
  std::error_code code;
  const auto base = std::filesystem::temp_directory_path(code);
  const std::string cleaned = code || !options.store.empty() ? "" : clean_up(base);
  std::optional<ScratchFolder> folder;  // for the store of a demo that named none
  if (options.store.empty()) {
    if (code) return report({"cannot find a folder for the demo: set TMPDIR, or name one with --store"});
    auto made = ScratchFolder::make(base, purpose);
    if (!made) return report(made.error());
    folder.emplace(std::move(*made));
  }
  const auto here = source::Address::parse_listen("127.0.0.1:0");
  if (!here) return report(here.error());

  catch_signals();
  Configuration configuration;
  if (folder) {
    configuration.store = folder->path() / "flowspan-data";
    configuration.sqlite_file = folder->path() / "dataset.sqlite3";
  } else {
    std::filesystem::path store = options.store;
    if (!store.has_filename()) store = store.parent_path();
    configuration.store = store;
    configuration.sqlite_file = store.string() + ".dataset.sqlite3";
    configuration.sqlite_keep = true;
  }
  configuration.listen = {*here};
  configuration.rotate = 30 * second;
  configuration.min_free = 0;
  configuration.quiet = options.quiet;
  configuration.format = options.network.format;

  DemoNetwork network(options.network);
  CollectRun run;
  run.with_screen = tui::Terminal::usable() && !options.quiet;
  run.ends_with_terminal = true;
  run.wants_end = [&] { return network.ended(); };
  run.on_collecting = [&](const std::vector<source::UdpSocketInfo>& sockets) {
    source::Address to = *here;
    to.port = sockets.front().local.port;
    network.start(to);
    if (!cleaned.empty()) log::info(cleaned);
    log::info(fmt::format("a network of {} routers is made up; ask it from another terminal: flowspan query --store {}",
                          options.network.exporters, configuration.store.string()));
    if (options.store.empty()) log::info("the flows go with the demo; --store DIR keeps them");
  };
  const int ended = run_collect(configuration, std::move(run));
  return ended == exit_done && network.failed() ? exit_failed : ended;
}

}  // namespace flowspan::app
