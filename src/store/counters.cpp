// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/counters.hpp"

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "store/files.hpp"

namespace flowspan::store {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* file_name = "counters.json";
constexpr std::uint64_t largest_file = 64ull << 20;
// Their list comes last, so that a reader can do without. No number before it is a list.
constexpr const char* exporters_key = ",\"exporters\":";

Json to_json(const CounterList& list) {
  Json object = Json::object();
  for (const auto& [name, value] : list) object[name] = value;
  return object;
}

Json to_json(const std::vector<CounterGroup>& groups, std::size_t limit) {
  Json array = Json::array();
  for (const auto& group : groups) {
    if (array.size() == limit) break;
    array.push_back(Json{{"name", group.name}, {"counters", to_json(group.values)}});
  }
  return array;
}

CounterList list_of(const Json& object) {
  CounterList list;
  for (const auto& [name, value] : object.items())
    if (value.is_number_unsigned()) list.emplace_back(name, value.get<std::uint64_t>());
  return list;
}

std::vector<CounterGroup> groups_of(const Json& array) {
  std::vector<CounterGroup> groups;
  for (const auto& group : array)
    groups.push_back({group.value("name", ""), list_of(group.value("counters", Json::object()))});
  return groups;
}

}  // namespace

CountersFile::CountersFile(const std::filesystem::path& store) : file_(store / file_name) {}

Status CountersFile::publish(const Counters& counters) {
  const bool many = counters.exporters.size() > many_exporters;
  if (exporters_.empty() || !many || counters.written - exporters_written_ >= many_interval) {
    exporters_ = to_json(counters.exporters, max_exporters).dump(-1, ' ', false, Json::error_handler_t::replace);
    exporters_written_ = counters.written;
  }
  const auto beyond = counters.exporters.size() > max_exporters ? counters.exporters.size() - max_exporters : 0;
  const Json head{{"format", 1},
                  {"pid", counters.pid},
                  {"started", counters.started},
                  {"written", counters.written},
                  {"totals", to_json(counters.totals)},
                  {"workers", to_json(counters.workers, counters.workers.size())},
                  {"exporters_written", exporters_written_},
                  {"exporters_left_out", counters.exporters_left_out + beyond}};
  std::string text = head.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.pop_back();
  text += exporters_key + exporters_ + "}\n";
  // Written anew within a second, so it need not survive a power cut: no fsync, unlike replace_file.
  return rewrite_file(file_, text);
}

void CountersFile::remove() { (void)remove_file(file_); }

Result<std::optional<Counters>> read_counters(const std::filesystem::path& store, bool with_exporters) {
  const auto file = store / file_name;
  auto text = read_file(file, largest_file);
  if (!text) {
    if (text.error().kind == ErrorKind::not_found) return std::nullopt;
    return fail(text.error());
  }
  if (const auto list = text->find(std::string(exporters_key) + "["); !with_exporters && list != std::string::npos)
    text->replace(list, std::string::npos, "}");
  const auto damaged = [&] {
    return fail(file.string() + " is not what a collector writes (remove it; a running collector makes it again)");
  };
  try {
    const Json json = Json::parse(*text);
    if (!json.is_object()) return damaged();
    Counters counters;
    counters.pid = json.value("pid", std::uint64_t{0});
    counters.started = json.value("started", Time{0});
    counters.written = json.value("written", Time{0});
    counters.exporters_written = json.value("exporters_written", counters.written);
    counters.totals = list_of(json.value("totals", Json::object()));
    counters.workers = groups_of(json.value("workers", Json::array()));
    counters.exporters = groups_of(json.value("exporters", Json::array()));
    counters.exporters_left_out = json.value("exporters_left_out", std::uint64_t{0});
    return counters;
  } catch (const Json::exception&) {
    return damaged();
  }
}

}  // namespace flowspan::store
