// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Every verb of the program: what it takes, and the function that runs it. verbs.cpp fills the options from flags; each
// function returns the exit code: 0 done, 1 failed, 2 wrong usage.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/configuration.hpp"
#include "base/result.hpp"
#include "source/udp.hpp"

namespace flowspan::app {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

/// "flowspan: TEXT" on stderr; the exit code for the error's kind.
int report(const Error& error);

/// `with_screen`: --tui.
/// How `collect` runs, besides what can be configured.
struct CollectRun {
  bool with_screen = false;
  bool ends_with_terminal = false;  ///< SIGHUP ends it; else it reads the configuration again
  /// Called once, when it receives.
  std::function<void(const std::vector<source::UdpSocketInfo>& sockets)> on_collecting = {};
  /// Asked each second; true: as Ctrl-C.
  std::function<bool()> wants_end = {};
};
int run_collect(const Configuration& configuration, CollectRun run = {});

struct ReadOptions {
  std::vector<std::filesystem::path> files;
  bool again = false;  ///< import a file that was imported before
};
int run_read(const Configuration& configuration, const ReadOptions& options);

/// What `query`, `sql` and the analyses have in common: which flows, and how the answer is written.
struct AskOptions {
  std::string from;  ///< as the user wrote them; empty: not given
  std::string to;
  std::string last;
  std::string time = "last";
  std::optional<std::uint64_t> newest;  ///< only so many flows that arrived last
  std::string tz = "UTC";
  Format format = Format::table;
};

struct QueryOptions {
  AskOptions ask;
  std::vector<std::string> filter;  ///< words that stand where the filter language will
  std::vector<std::string> by;
  std::vector<std::string> sum;
  std::string order;
  std::optional<std::uint64_t> top;  ///< 0: all
  bool raw = false;
  bool explain = false;
};
int run_query(const Configuration& configuration, const QueryOptions& options);

struct SqlOptions {
  AskOptions ask;
  std::string sql;
  bool raw = false;
};
int run_sql(const Configuration& configuration, const SqlOptions& options);

struct DurationOptions {
  AskOptions ask;
  std::vector<std::string> by;  ///< empty: src_addr
  std::string unit = "ms";
  bool plus_one = true;
  std::string order;
  std::optional<std::uint64_t> top;  ///< 0: all
  bool explain = false;
};
int run_duration(const Configuration& configuration, const DurationOptions& options);

/// What the rows of `account` are of.
enum class AccountBy { exporter_hour, hour, exporter, total };

struct AccountOptions {
  AskOptions ask;
  AccountBy by = AccountBy::exporter_hour;
  std::vector<std::string> exporters;  ///< networks; empty: all
};
int run_account(const Configuration& configuration, const AccountOptions& options);

struct WatchOptions {
  std::string tz = "local";
  bool mouse = false;
};
int run_watch(const Configuration& configuration, const WatchOptions& options);

struct ReplayOptions {
  std::vector<std::filesystem::path> files;
  std::string to;
  std::string speed = "1";  ///< times the recorded pace, or "max"
  bool quiet = false;
};
int run_replay(const ReplayOptions& options);

/// As the user wrote them; empty: not given.
struct SimulateOptions {
  std::string to;    ///< HOST:PORT, or
  std::string pcap;  ///< a file
  std::string protocol = "v5";
  std::string flows;
  std::string duration;
  std::string rate = "200";
  std::string exporters = "1";
  std::string seed = "1";
  std::string start;
  std::string active_timeout = "60s";
  std::string idle_timeout = "15s";
  std::string sampling = "1";
  std::vector<std::string> with;
  std::string labels;  ///< a file
  bool flat = false;
  Format format = Format::table;
  bool quiet = false;
};
int run_simulate(const SimulateOptions& options);

struct DemoOptions {
  SimulateOptions network;
  std::string store;  ///< empty: a folder that goes with the demo
  bool quiet = false;
};
int run_demo(const DemoOptions& options);

struct StoreOptions {
  std::string action;  ///< info, verify, views, compact
  bool deep = false;   ///< verify: read every page
  bool all = false;    ///< compact: everything, not only what is due
  Format format = Format::table;
};
int run_store(const Configuration& configuration, const StoreOptions& options);

struct CheckOptions {
  std::filesystem::path config;  ///< as given with --config
  std::vector<Override> flags;
  std::string from_nfcapd;  ///< nfcapd's options, to be translated
  bool translate = false;   ///< from_nfcapd was given
  Format format = Format::table;
};
int run_check(const CheckOptions& options);

}  // namespace flowspan::app
