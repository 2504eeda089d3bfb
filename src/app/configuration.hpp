// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "query/format.hpp"
#include "source/address.hpp"
#include "store/exporter_settings.hpp"

namespace flowspan::app {

using query::Format;

/// A key of the configuration set by a flag: `--rotate-size 1GiB` is {"rotate_size", {"1GiB"}}.
struct Override {
  std::string key;
  std::vector<std::string> words;
};

/// Where a stream of flows goes: "ndjson:-", "ndjson:FILE", "ndjson:tcp:HOST:PORT".
struct OutputTarget {
  enum class Kind { standard_output, file, tcp };
  Kind kind = Kind::standard_output;
  std::filesystem::path path;  ///< of a file
  source::Address address;     ///< of a TCP peer
  std::string text;            ///< as the user wrote it
  static Result<OutputTarget> parse(const std::string& text);
};

/// All that can be set, with its defaults. Each member is one row in settings.cpp, one key in flowspan.toml and one flag
/// of `flowspan collect`.
struct Configuration {
  std::filesystem::path store = "./flowspan-data";
  std::vector<source::Address> listen = default_listen();
  unsigned workers = 1;
  std::uint64_t ring = 256ull << 20;
  std::uint64_t receive_buffer = 64ull << 20;
  std::uint64_t journal_max = 64ull << 30;
  Duration journal_sync = second;
  Duration rotate = 5 * minute;
  std::uint64_t rotate_size = 128ull << 20;
  std::optional<Duration> keep;             ///< nothing: for ever
  std::optional<std::uint64_t> keep_bytes;  ///< nothing: no limit
  double min_free = 0.05;                   ///< share of the file system
  bool compact = true;
  std::vector<source::Address> mirror;
  std::filesystem::path sqlite_file;  ///< the dataset; empty: none
  bool sqlite_keep = false;           ///< it is not cleared when a run begins
  std::vector<OutputTarget> output;
  std::vector<Prefix> allow;  ///< empty: every sender
  std::string on_segment;     ///< shell command; empty: none
  std::string user;           ///< empty: stay who we are
  std::string group;
  /// Where Prometheus may ask; nothing: nowhere.
  std::optional<source::Address> metrics;
  Format format = Format::table;  ///< of the summary
  bool quiet = false;
  std::vector<store::ExporterSettings> exporters;  ///< [[exporter]] tables; no flag

  /// Where it came from, so that it can be read again.
  std::filesystem::path file;  ///< empty: no file
  std::vector<Override> flags;

  static std::vector<source::Address> default_listen();  ///< :2055 :4739 :6343
};

/// Reads `file`, or where none is named the first of ./flowspan.toml and /etc/flowspan/flowspan.toml that is there; then
/// the flags, which win. The store is: flag, else FLOWSPAN_STORE, else the file's key, else the default. Mistakes are
/// errors of kind usage that say FILE:LINE and what to write.
Result<Configuration> load_configuration(const std::filesystem::path& file = {}, std::vector<Override> flags = {});
/// The same file and flags again, for SIGHUP.
Result<Configuration> reload_configuration(const Configuration& running);
/// The text of a flowspan.toml over the defaults; `name` is the file's name in messages.
Result<Configuration> parse_configuration(std::string_view toml, const std::string& name);

/// What a reload would change, as "keep: 90d (was unlimited)".
struct Difference {
  std::vector<std::string> reloaded;  ///< can be changed while running
  std::vector<std::string> restart;   ///< needs a restart: stays as it was
};
Difference difference(const Configuration& running, const Configuration& next);
/// `running` with what can be reloaded from `next`: allow, keep, keep_bytes, min_free, on_segment, exporters.
Configuration with_reloaded(Configuration running, const Configuration& next);

}  // namespace flowspan::app
