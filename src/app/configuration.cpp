// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "app/settings.hpp"
#include "base/file.hpp"

namespace flowspan::app {
namespace {

constexpr std::uint64_t largest_file = 4 << 20;

/// The first of the usual places that holds a file; empty when none does.
std::filesystem::path find_file() {
  for (const char* path : {"./flowspan.toml", "/etc/flowspan/flowspan.toml"}) {
    std::error_code code;
    if (std::filesystem::exists(path, code)) return path;
  }
  return {};
}

Status apply(Configuration& configuration, const Override& flag) {
  const Setting* setting = find_setting(flag.key);
  if (setting == nullptr) return fail("there is no key " + flag.key, ErrorKind::usage);
  auto status = setting->set(configuration, flag.words);
  if (!status) return fail(flag_of(*setting) + ": " + status.error().text, ErrorKind::usage);
  return {};
}

std::string exporter_text(const store::ExporterSettings& exporter) { return "exporter " + exporter.match.to_string(); }

bool same(const store::ExporterSettings& a, const store::ExporterSettings& b) {
  const auto all = [](const store::ExporterSettings& e) {
    return std::tie(e.match, e.name, e.default_sampling, e.forced_sampling, e.interfaces, e.active_timeout,
                    e.idle_timeout);
  };
  return all(a) == all(b);
}

const store::ExporterSettings* find_exporter(const std::vector<store::ExporterSettings>& exporters,
                                             const Prefix& match) {
  const auto found = std::find_if(exporters.begin(), exporters.end(), [&](const auto& e) { return e.match == match; });
  return found == exporters.end() ? nullptr : &*found;
}

void add_exporters(std::vector<std::string>& texts, const Configuration& running, const Configuration& next) {
  for (const auto& exporter : next.exporters) {
    const auto* before = find_exporter(running.exporters, exporter.match);
    if (before == nullptr)
      texts.push_back(exporter_text(exporter) + ": added");
    else if (!same(*before, exporter))
      texts.push_back(exporter_text(exporter) + ": changed");
  }
  for (const auto& exporter : running.exporters)
    if (find_exporter(next.exporters, exporter.match) == nullptr)
      texts.push_back(exporter_text(exporter) + ": removed");
}

}  // namespace

std::vector<source::Address> Configuration::default_listen() {
  std::vector<source::Address> listens;
  for (const std::uint16_t port : {std::uint16_t{2055}, std::uint16_t{4739}, std::uint16_t{6343}}) {
    source::Address address;
    address.port = port;
    address.text = ":" + std::to_string(port);
    listens.push_back(std::move(address));
  }
  return listens;
}

Result<Configuration> load_configuration(const std::filesystem::path& file, std::vector<Override> flags) {
  const auto path = file.empty() ? find_file() : file;
  Configuration configuration;
  if (!path.empty()) {
    const auto text = read_file(path, largest_file);
    if (!text) return fail(text.error());
    auto parsed = parse_configuration(*text, path.string());
    if (!parsed) return parsed;
    configuration = std::move(*parsed);
  }
  if (const char* store = std::getenv("FLOWSPAN_STORE"); store != nullptr && *store != '\0')
    configuration.store = store;
  for (const auto& flag : flags) {
    const auto status = apply(configuration, flag);
    if (!status) return fail(status.error());
  }
  configuration.file = path;
  configuration.flags = std::move(flags);
  return configuration;
}

Result<Configuration> reload_configuration(const Configuration& running) {
  return load_configuration(running.file, running.flags);
}

Difference difference(const Configuration& running, const Configuration& next) {
  Difference found;
  for (const auto& setting : settings()) {
    const auto before = setting.text(running);
    const auto after = setting.text(next);
    if (before == after) continue;
    auto& list = setting.reload ? found.reloaded : found.restart;
    list.push_back(fmt::format("{}: {} (was {})", setting.key, after, before));
  }
  add_exporters(found.reloaded, running, next);
  return found;
}

Configuration with_reloaded(Configuration running, const Configuration& next) {
  for (const auto& setting : settings())
    if (setting.reload) setting.copy(running, next);
  running.exporters = next.exporters;
  return running;
}

}  // namespace flowspan::app
