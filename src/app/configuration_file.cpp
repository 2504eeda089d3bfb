// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "app/configuration.hpp"
#include "app/settings.hpp"
#include "base/units.hpp"
#include "query/nearest.hpp"

namespace flowspan::app {
namespace {

/// What is wrong with a file, and where.
class Place {
 public:
  explicit Place(std::string name) : name_(std::move(name)) {}
  tl::unexpected<Error> fail(const toml::source_region& source, const std::string& text) const {
    return flowspan::fail(fmt::format("{}:{}: {}", name_, source.begin.line, text), ErrorKind::usage);
  }
  tl::unexpected<Error> unknown(const toml::key& key, const std::string& name, const std::string& where,
                                std::span<const std::string_view> known) const {
    auto hint = query::did_you_mean(name, known);
    if (hint.empty()) hint = ": remove it, or see docs/guide/configuration.md for the keys there are";
    return fail(key.source(), fmt::format("{} has no key '{}'{}", where, name, hint));
  }

 private:
  std::string name_;
};

std::string_view found_kind(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::boolean: return "true or false";
    case toml::node_type::array: return "a list";
    case toml::node_type::table: return "a table";
    default: return "a date or time";
  }
}

std::string_view wanted_kind(Kind kind) {
  switch (kind) {
    case Kind::text: return "a string in quotes";
    case Kind::size: return "a size, e.g. \"64MiB\"";
    case Kind::share: return "a share, e.g. \"5%\" or 0.05";
    case Kind::count: return "a whole number";
    case Kind::flag: return "true or false";
    case Kind::list: break;
  }
  return "a list of strings, e.g. [\"a\", \"b\"]";
}

/// The value as the words that a flag would have had; nothing when it is of the wrong type.
std::optional<std::vector<std::string>> words_of(const toml::node& node, Kind kind) {
  if (kind == Kind::list && node.is_array()) {
    std::vector<std::string> words;
    for (const auto& item : *node.as_array()) {
      if (!item.is_string()) return std::nullopt;
      words.push_back(item.as_string()->get());
    }
    return words;
  }
  if (const auto* text = node.as_string(); text != nullptr && kind != Kind::count && kind != Kind::flag)
    return std::vector{text->get()};
  if (const auto* number = node.as_integer();
      number != nullptr && kind != Kind::text && kind != Kind::flag && kind != Kind::list)
    return std::vector{std::to_string(number->get())};
  if (const auto* number = node.as_floating_point(); number != nullptr && kind == Kind::share)
    return std::vector{fmt::format("{}", number->get())};
  if (const auto* flag = node.as_boolean(); flag != nullptr && kind == Kind::flag)
    return std::vector<std::string>{flag->get() ? "true" : "false"};
  return std::nullopt;
}

Status read_setting(Configuration& configuration, const Setting& setting, const toml::key& key, const toml::node& node,
                    const Place& place) {
  const auto words = words_of(node, setting.kind);
  if (!words)
    return place.fail(key.source(),
                      fmt::format("{} takes {}, not {}", key.str(), wanted_kind(setting.kind), found_kind(node)));
  const auto status = setting.set(configuration, *words);
  if (!status) return place.fail(key.source(), fmt::format("{}: {}", key.str(), status.error().text));
  return {};
}

// --- [[exporter]] ---

constexpr std::array<std::string_view, 7> exporter_keys{"match",      "name",           "sampling",    "force_sampling",
                                                        "interfaces", "active_timeout", "idle_timeout"};

Status read_rate(std::optional<double>& rate, const toml::key& key, const toml::node& node, const Place& place) {
  const auto value = node.value<double>();  // reads whole numbers too
  if (!value || node.is_boolean() || !(*value > 0) || *value > 1e12)
    return place.fail(key.source(),
                      fmt::format("{} takes a number above 0, one packet in so many: e.g. 1000", key.str()));
  rate = *value;
  return {};
}

Status read_timeout(std::optional<Duration>& timeout, const toml::key& key, const toml::node& node,
                    const Place& place) {
  const auto* text = node.as_string();
  if (text == nullptr)
    return place.fail(key.source(), fmt::format("{} takes a length of time in quotes, e.g. \"60s\"", key.str()));
  const auto value = parse_duration(text->get());
  if (!value) return place.fail(key.source(), fmt::format("{}: {}", key.str(), value.error().text));
  timeout = *value;
  return {};
}

Status read_interfaces(std::map<std::uint32_t, std::string>& names, const toml::key& key, const toml::node& node,
                       const Place& place) {
  const auto* table = node.as_table();
  if (table == nullptr)
    return place.fail(key.source(), "interfaces takes a table of numbers and names, e.g. {1 = \"uplink\"}");
  for (const auto& [number, name] : *table) {
    std::uint32_t index = 0;
    const auto text = number.str();
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (code != std::errc{} || end != text.data() + text.size())
      return place.fail(number.source(),
                        fmt::format("'{}' is no interface number: write the SNMP index, e.g. 1 = \"uplink\"", text));
    if (!name.is_string())
      return place.fail(number.source(), fmt::format("the name of interface {} must be a string in quotes", index));
    names[index] = name.as_string()->get();
  }
  return {};
}

Status read_match(store::ExporterSettings& exporter, const toml::key& key, const toml::node& node, const Place& place) {
  const auto* text = node.as_string();
  if (text == nullptr)
    return place.fail(key.source(), "match takes an address or a network in quotes, e.g. \"192.0.2.1\"");
  auto match = Prefix::parse(text->get());
  if (!match) return place.fail(key.source(), "match: " + match.error().text);
  exporter.match = *match;
  return {};
}

Status read_exporter_key(store::ExporterSettings& exporter, const toml::key& key, const toml::node& node,
                         const Place& place) {
  if (key == "match") return read_match(exporter, key, node, place);
  if (key == "sampling") return read_rate(exporter.default_sampling, key, node, place);
  if (key == "force_sampling") return read_rate(exporter.forced_sampling, key, node, place);
  if (key == "interfaces") return read_interfaces(exporter.interfaces, key, node, place);
  if (key == "active_timeout") return read_timeout(exporter.active_timeout, key, node, place);
  if (key == "idle_timeout") return read_timeout(exporter.idle_timeout, key, node, place);
  if (key == "name") {
    const auto* text = node.as_string();
    if (text == nullptr) return place.fail(key.source(), "name takes a string in quotes");
    exporter.name = text->get();
    return {};
  }
  return place.unknown(key, std::string(key.str()), "[[exporter]]", exporter_keys);
}

Status read_exporters(Configuration& configuration, const toml::key& key, const toml::node& node, const Place& place) {
  const auto* list = node.as_array();
  if (list == nullptr || !std::all_of(list->begin(), list->end(), [](const auto& item) { return item.is_table(); }))
    return place.fail(key.source(), "an exporter is a table with double brackets: write [[exporter]]");
  for (const auto& item : *list) {
    store::ExporterSettings exporter;
    for (const auto& [name, value] : *item.as_table()) {
      auto status = read_exporter_key(exporter, name, value, place);
      if (!status) return status;
    }
    if (!item.as_table()->contains("match"))
      return place.fail(item.source(),
                        "this exporter has no match: write the address or network it sends from, "
                        "e.g. match = \"192.0.2.1\"");
    for (const auto& other : configuration.exporters)
      if (other.match == exporter.match)
        return place.fail(item.source(), fmt::format("exporter {} stands here twice: keep one of the two",
                                                     exporter.match.to_string()));
    configuration.exporters.push_back(std::move(exporter));
  }
  return {};
}

/// A key, or a table of keys: `[sqlite] file = …` and `sqlite.file = …` are "sqlite.file".
Status read_key(Configuration& configuration, const std::string& name, const toml::key& key, const toml::node& node,
                const Place& place) {
  if (const Setting* setting = find_setting(name)) return read_setting(configuration, *setting, key, node, place);
  auto known = setting_keys();
  known.emplace_back("exporter");
  const bool is_group = std::any_of(known.begin(), known.end(), [&](auto k) { return k.starts_with(name + "."); });
  if (!is_group || !node.is_table()) return place.unknown(key, name, "flowspan", known);
  for (const auto& [inner, value] : *node.as_table()) {
    const std::string full = name + "." + std::string(inner.str());
    if (Status status = read_key(configuration, full, inner, value, place); !status) return status;
  }
  return {};
}

Result<Configuration> read_table(const toml::table& table, const Place& place) {
  Configuration configuration;
  for (const auto& [key, node] : table) {
    Status status;
    if (key == "exporter") {
      status = read_exporters(configuration, key, node, place);
    } else {
      status = read_key(configuration, std::string(key.str()), key, node, place);
    }
    if (!status) return fail(status.error());
  }
  return configuration;
}

}  // namespace

Result<Configuration> parse_configuration(std::string_view toml, const std::string& name) {
  const Place place(name);
  try {
    return read_table(toml::parse(toml, name), place);
  } catch (const toml::parse_error& error) {
    return place.fail(error.source(), fmt::format("this is no TOML: {}", error.description()));
  }
}

}  // namespace flowspan::app
