// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/truth.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/units.hpp"
#include "query/window.hpp"

namespace flowspan::query {
namespace {

/// "1 file", "12 files".
std::string number_of(std::uint64_t count, const char* thing) {
  return fmt::format("{} {}{}", count_text(count), thing, count == 1 ? "" : "s");
}

std::string sampling_text(const Truth& truth) {
  if (truth.raw) return "counters as exported";
  if (truth.rates_configured) return "sampling rates of the configuration applied";
  if (truth.unsampled > 0) return "no sampling rate is known of " + number_of(truth.unsampled, "flow") + ", taken as 1";
  return "an unknown sampling rate is taken as 1";
}

std::string loss_text(const store::Loss& loss) {
  if (!loss.any()) return "nothing known lost";
  std::string text = "known lost:";
  const auto add = [&](std::uint64_t count, const char* thing, const char* where) {
    if (count > 0) text += " " + number_of(count, thing) + where + ",";
  };
  add(loss.network_flows(), "flow", " on the way");
  if (loss.dropped_datagrams > 0 && loss.dropped_flows > 0)
    text += fmt::format(" {} in {} dropped here,", number_of(loss.dropped_flows, "flow"),
                        number_of(loss.dropped_datagrams, "datagram"));
  else
    add(loss.dropped_datagrams, "datagram", " dropped here");
  if (loss.dropped_datagrams == 0) add(loss.dropped_flows, "flow", " dropped here");
  add(loss.down_flows, "flow", " while not collecting");
  add(loss.undecodable_flows, "flow", " in damaged datagrams");
  add(loss.unclear_flows, "flow", " on the way or here");
  add(loss.decode_errors, "decode error", "");
  text.pop_back();
  return text;
}

/// Which flows the answer is about.
std::string scope_text(const Truth& truth) {
  if (!truth.newest) return window_text(truth.window);
  const auto& newest = *truth.newest;
  if (!newest.received_from) return "all flows, fewer than the newest " + count_text(newest.flows);
  return fmt::format("the newest {}, received from {} on", number_of(newest.flows, "flow"),
                     time_text(*newest.received_from));
}

nlohmann::ordered_json time_json(const std::optional<Time>& time) {
  return time ? nlohmann::ordered_json(time_text(*time)) : nlohmann::ordered_json(nullptr);
}

}  // namespace

Truth truth_of(const store::Snapshot& snapshot, const store::Window& window) {
  using flow::operator""_field;
  Truth truth;
  truth.window = window;
  truth.files = snapshot.segments.size();
  truth.flows = snapshot.rows;
  for (const auto& segment : snapshot.segments)
    if (!segment.fields["sampling_rate"_field]) truth.unsampled += segment.rows;
  truth.loss = snapshot.loss;
  truth.quarantined = snapshot.quarantined.size();
  return truth;
}

std::string truth_text(const Truth& truth) {
  auto text =
      fmt::format("{}; {} with {}", scope_text(truth), number_of(truth.files, "file"), number_of(truth.flows, "flow"));
  if (truth.live)
    text += fmt::format(", and {} live until {}", number_of(truth.live->flows, "flow"),
                        time_text(truth.live->until / millisecond * millisecond));
  text += "; " + sampling_text(truth) + "; " + loss_text(truth.loss);
  if (truth.quarantined > 0)
    text += "; " + number_of(truth.quarantined, truth.quarantined == 1 ? "stretch" : "stretche") +
            " of the journal in quarantine";
  for (const auto& note : truth.notes) text += "; " + note;
  return text;
}

std::string truth_json(const Truth& truth) {
  nlohmann::ordered_json json;
  json["window"] = {{"time", time_word(truth.window.column)},
                    {"from", time_json(truth.window.from)},
                    {"to", time_json(truth.window.to)}};
  json["newest"] = nullptr;
  if (truth.newest)
    json["newest"] = {{"flows", truth.newest->flows}, {"received_from", time_json(truth.newest->received_from)}};
  json["files"] = truth.files;
  json["flows_in_files"] = truth.flows;
  json["live"] = nullptr;
  if (truth.live) json["live"] = {{"flows", truth.live->flows}, {"until", time_text(truth.live->until)}};
  json["sampling"] = {{"raw", truth.raw},
                      {"unknown_taken_as", 1},
                      {"flows_known_to_say_none", truth.unsampled},
                      {"configured", truth.rates_configured}};
  json["lost"] = {{"flows", truth.loss.lost_flows},
                  {"datagrams_dropped", truth.loss.dropped_datagrams},
                  {"decode_errors", truth.loss.decode_errors},
                  {"on_the_way", truth.loss.network_flows()},
                  {"dropped_here", truth.loss.dropped_flows},
                  {"not_collecting", truth.loss.down_flows},
                  {"undecodable", truth.loss.undecodable_flows},
                  {"unclear", truth.loss.unclear_flows}};
  json["quarantined"] = truth.quarantined;
  json["notes"] = truth.notes;
  return json.dump();
}

}  // namespace flowspan::query
