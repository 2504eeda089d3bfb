// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/store_info.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/units.hpp"
#include "query/output.hpp"

namespace flowspan::app {
namespace {

using Json = nlohmann::ordered_json;

Json bounds_json(const store::TimeBounds& bounds) {
  const auto end = [](const std::optional<Time>& time) { return time ? Json(time_text(*time)) : Json(nullptr); };
  return {{"min", end(bounds.min)}, {"max", end(bounds.max)}};
}

Json imports_json(const store::StoreInfo& info) {
  auto list = Json::array();
  for (const auto& import : info.imports)
    list.push_back({{"path", import.path},
                    {"size", import.size},
                    {"imported_at", time_text(import.imported_at)},
                    {"datagrams", import.datagrams},
                    {"flows", import.flows}});
  return list;
}

Json quarantine_json(const store::StoreInfo& info) {
  auto list = Json::array();
  for (const auto& stretch : info.quarantined)
    list.push_back({{"writer", stretch.writer},
                    {"file", stretch.file},
                    {"exporter", stretch.exporter},
                    {"reason", stretch.reason},
                    {"bytes", stretch.length},
                    {"at", time_text(stretch.at)}});
  return list;
}

Json levels_json(const store::StoreInfo& info) {
  auto list = Json::array();
  for (const auto& [level, totals] : info.by_level)
    list.push_back(
        {{"level", level}, {"segments", totals.segments}, {"flows", totals.rows}, {"file_bytes", totals.file_bytes}});
  return list;
}

Json info_json(const store::StoreInfo& info, const std::filesystem::path& path) {
  Json json;
  json["store"] = path.string();
  json["id"] = info.id;
  json["format"] = info.format;
  json["created"] = time_text(info.created);
  json["created_by"] = info.created_by;
  json["segments"] = info.totals.segments;
  json["flows"] = info.totals.rows;
  json["file_bytes"] = info.totals.file_bytes;
  json["bytes_per_flow"] = info.bytes_per_flow();
  json["datagrams"] = info.datagrams;
  json["raw_bytes"] = info.raw_bytes;
  json["raw_packets"] = info.raw_packets;
  json["received"] = bounds_json(info.received);
  json["first"] = bounds_json(info.first);
  json["last"] = bounds_json(info.last);
  json["lost_flows"] = info.loss.lost_flows;
  json["dropped_datagrams"] = info.loss.dropped_datagrams;
  json["decode_errors"] = info.loss.decode_errors;
  json["network_flows"] = info.loss.network_flows();
  json["dropped_flows"] = info.loss.dropped_flows;
  json["unclear_flows"] = info.loss.unclear_flows;
  json["levels"] = levels_json(info);
  json["writers"] = info.writers.size();
  json["journal"] = {
      {"files", info.journal_files}, {"bytes", info.journal_bytes}, {"backlog_bytes", info.journal_backlog_bytes}};
  json["retired"] = {{"files", info.retired_files}, {"bytes", info.retired_bytes}};
  json["reserve"] = info.reserve;
  json["disk"] = {{"free", info.disk.free}, {"total", info.disk.total}};
  json["imports"] = imports_json(info);
  json["quarantined"] = quarantine_json(info);
  json["notes"] = Json::object();
  for (const auto& [key, value] : info.notes) json["notes"][key] = value;
  return json;
}

std::string seconds_text(Time time) { return time_text(time / second * second); }

std::string bounds_text(const store::TimeBounds& bounds) {
  if (!bounds.min || !bounds.max) return "never";
  return seconds_text(*bounds.min) + " to " + seconds_text(*bounds.max);
}

/// Names and values for people.
engine::Table info_table(const store::StoreInfo& info, const std::filesystem::path& path) {
  engine::Table table;
  table.columns = {{"what", "VARCHAR"}, {"value", "VARCHAR"}};
  const auto add = [&](const char* what, std::string value) {
    table.rows.push_back({std::string(what), std::move(value)});
  };
  add("store", path.string());
  add("format", fmt::format("{}, made {} by {}", info.format, seconds_text(info.created), info.created_by));
  add("flows", count_text(info.totals.rows));
  add("segments", fmt::format("{} with {}, {:.1f} bytes a flow", count_text(info.totals.segments),
                              size_text(info.totals.file_bytes), info.bytes_per_flow()));
  add("datagrams", count_text(info.datagrams));
  add("traffic", fmt::format("{} in {} packets, as exported", size_text(info.raw_bytes), count_text(info.raw_packets)));
  add("received", bounds_text(info.received));
  add("first packet", bounds_text(info.first));
  add("last packet", bounds_text(info.last));
  add("known lost",
      fmt::format(
          "{} flows, {} of them on the way; {} datagrams dropped here, {} decode errors; flowspan account says more",
          count_text(info.loss.lost_flows), count_text(info.loss.network_flows()),
          count_text(info.loss.dropped_datagrams), count_text(info.loss.decode_errors)));
  add("journal", fmt::format("{} in {} files, {} not yet in segments", size_text(info.journal_bytes),
                             count_text(info.journal_files), size_text(info.journal_backlog_bytes)));
  add("retired",
      fmt::format("{} in {} files, soon removed", size_text(info.retired_bytes), count_text(info.retired_files)));
  add("reserve", info.reserve ? "there" : "missing: it is made when there is room");
  add("disk", fmt::format("{} free of {}", size_text(info.disk.free), size_text(info.disk.total)));
  for (const auto& [key, value] : info.notes) table.rows.push_back({key, value});
  for (const auto& import : info.imports)
    add("import",
        fmt::format("{}: {} flows, {}", import.path, count_text(import.flows), seconds_text(import.imported_at)));
  for (const auto& stretch : info.quarantined) add("quarantine", fmt::format("{}: {}", stretch.file, stretch.reason));
  return table;
}

}  // namespace

Status write_store_info(const store::StoreInfo& info, const std::filesystem::path& path, Format format) {
  const auto output = query::standard_output();
  if (format == Format::json || format == Format::ndjson)
    return output(
        info_json(info, path).dump(format == Format::json ? 2 : -1, ' ', false, Json::error_handler_t::replace) + "\n");
  return query::write_table(format, output, info_table(info, path));
}

}  // namespace flowspan::app
