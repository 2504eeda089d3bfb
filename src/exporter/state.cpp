// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// The state as CBOR (RFC 8949): {"format": 1, "exporters": [latest heard … oldest], "strangers": […], …}. Keys that are missing
// have their default, keys that are not known are skipped: so keys can be added without a new format number. Counters that
// are zero are left out.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "exporter/exporters.hpp"

namespace flowspan::exporter {
namespace {

using nlohmann::json;

constexpr std::uint64_t format = 1;

template <typename T>
T number(const json& object, const char* key) {
  return object.value(key, T{});
}

const json& list(const json& object, const char* key) {
  static const json none = json::array();
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

json write(const Counters& counters) {
  json object = json::object();
  for_each(counters, [&](std::string_view key, std::uint64_t value) {
    if (value != 0) object[std::string(key)] = value;
  });
  return object;
}

Counters read_counters(const json& object) {
  Counters counters;
  for (const CounterName& row : counter_names)
    counters.*row.value = object.value(std::string(row.name), std::uint64_t{0});
  for (std::size_t i = 0; i < reason_count; ++i)
    counters.errors[i] = object.value(std::string(name(static_cast<Reason>(i))), std::uint64_t{0});
  return counters;
}

json write(const Sender& sender) {
  return {{"ip", {sender.ip.hi, sender.ip.lo}}, {"counters", write(sender.counters)}, {"first_seen", sender.first_seen},
          {"last_seen", sender.last_seen},      {"version", sender.last_version},     {"port", sender.last_port}};
}

Sender read_sender(const json& object) {
  Sender sender;
  sender.ip = {object.at("ip").at(0).get<std::uint64_t>(), object.at("ip").at(1).get<std::uint64_t>()};
  sender.counters = read_counters(object.value("counters", json::object()));
  sender.first_seen = number<Time>(object, "first_seen");
  sender.last_seen = number<Time>(object, "last_seen");
  sender.last_version = number<std::uint16_t>(object, "version");
  sender.last_port = number<std::uint16_t>(object, "port");
  return sender;
}

flow::Fate read_fate(const json& value) {
  const auto fate = value.get<unsigned>();
  return fate < flow::fates ? static_cast<flow::Fate>(fate) : flow::Fate::unclear;
}

}  // namespace

struct DropsState {
  static json write(const Drops& drops) {
    json events = json::array();
    for (const Drops::Event& event : drops.events_)
      events.push_back({event.number, event.interface, event.places, event.datagrams, event.taken});
    json claims = json::array();
    for (const Drops::Claim& claim : drops.claims_)
      claims.push_back({claim.number, claim.first_event, claim.last_event, claim.interface, claim.exporter.hi,
                        claim.exporter.lo, claim.found, static_cast<unsigned>(claim.fate), claim.most, claim.flows});
    return {{"mark", drops.mark_},
            {"forgotten", drops.forgotten_},
            {"last_claim", drops.last_claim_},
            {"events", std::move(events)},
            {"claims", std::move(claims)}};
  }

  static Drops read(const json& object) {
    Drops drops;
    drops.mark_ = number<std::uint64_t>(object, "mark");
    drops.forgotten_ = number<std::uint64_t>(object, "forgotten");
    drops.last_claim_ = number<std::uint64_t>(object, "last_claim");
    for (const json& event : list(object, "events"))
      add(drops, drops.events_, Drops::max_events,
          Drops::Event{event.at(0), event.at(1), event.at(2), event.at(3), event.at(4)});
    for (const json& claim : list(object, "claims"))
      add(drops, drops.claims_, Drops::max_claims,
          Drops::Claim{claim.at(0), claim.at(1), claim.at(2), claim.at(3), Ip{claim.at(4), claim.at(5)}, claim.at(6),
                       read_fate(claim.at(7)), claim.at(8), claim.at(9)});
    return drops;
  }

 private:
  // By number, ascending: they are found by it.
  template <typename Numbered>
  static void add(Drops& drops, std::deque<Numbered>& known, std::size_t most, const Numbered& next) {
    if (known.size() == most || (!known.empty() && next.number <= known.back().number)) return;
    known.push_back(next);
    drops.index(next);
  }
};

struct SequenceState {
  // The ring as octets, 12 a datagram, big endian: as JSON numbers it would be most of the state, and of its time.
  static json write_seen(const Sequence::Lane& lane) {
    json::binary_t octets;
    for (std::size_t i = 0; i < lane.seen_count && i < max_recent; ++i) {
      for (const std::uint32_t value : {lane.seen[i].sequence, lane.seen[i].sys_uptime, lane.seen[i].export_ms}) {
        for (int shift = 24; shift >= 0; shift -= 8) octets.push_back(static_cast<std::uint8_t>(value >> shift));
      }
    }
    return json::binary(std::move(octets));
  }

  static std::size_t read_seen(const json& object, Sequence::Lane& lane) {
    const auto found = object.find("seen");
    if (found == object.end()) return 0;
    const json::binary_t& octets = found->get_binary();
    const std::size_t count = std::min(octets.size() / 12, max_recent);
    const auto value = [&](std::size_t at) {
      return std::uint32_t{octets[at]} << 24 | std::uint32_t{octets[at + 1]} << 16 |
             std::uint32_t{octets[at + 2]} << 8 | octets[at + 3];
    };
    for (std::size_t i = 0; i < count; ++i) lane.seen[i] = {value(12 * i), value(12 * i + 4), value(12 * i + 8)};
    return count;
  }

  static json write(const Sequence::Lane& lane) {
    json object = {{"next", lane.next}, {"boot", lane.boot}, {"uptime", lane.uptime}, {"received", lane.received}};
    if (lane.proven) object["proven"] = true;
    if (lane.charge != Sequence::Charge::none)
      object.update({{"charge", static_cast<unsigned>(lane.charge)}, {"comebacks", lane.comebacks}});
    if (lane.late_run != 0) object.update({{"late", {lane.late_next, lane.late_run, lane.late_advances}}});
    object["seen"] = write_seen(lane);
    object["seen_count"] = lane.seen_count;
    for (const Sequence::Hole& hole : lane.holes)
      object["holes"].push_back({hole.from, hole.count, hole.found, static_cast<unsigned>(hole.fate), hole.claim});
    if (lane.mark != 0) object["mark"] = lane.mark;
    object["most"] = lane.most;
    return object;
  }

  static Sequence::Lane read_lane(const json& object) {
    Sequence::Lane lane;
    lane.next = number<std::uint32_t>(object, "next");
    lane.boot = number<std::uint32_t>(object, "boot");
    lane.uptime = number<std::uint32_t>(object, "uptime");
    lane.received = number<Time>(object, "received");
    lane.proven = number<bool>(object, "proven");
    const auto charge = number<unsigned>(object, "charge");
    if (charge <= static_cast<unsigned>(Sequence::Charge::reset)) lane.charge = static_cast<Sequence::Charge>(charge);
    lane.comebacks = number<std::uint32_t>(object, "comebacks");
    if (const json& late = list(object, "late"); late.size() == 3) {
      lane.late_next = late[0];
      lane.late_run = late[1];
      lane.late_advances = late[2];
    }
    const std::size_t count = read_seen(object, lane);
    const auto seen_count = number<std::uint32_t>(object, "seen_count");
    const bool full = count == max_recent && seen_count >= max_recent && seen_count < 2 * max_recent;
    lane.seen_count = full ? seen_count : static_cast<std::uint32_t>(count);
    for (const json& hole : list(object, "holes")) {
      Sequence::Hole known{hole.at(0), hole.at(1), hole.at(2)};
      if (hole.size() >= 5) {
        known.fate = read_fate(hole.at(3));
        known.claim = hole.at(4);
      }
      lane.add_hole(known);
    }
    lane.mark = number<std::uint64_t>(object, "mark");
    lane.most = std::max(number<std::uint32_t>(object, "most"), std::uint32_t{1});
    lane.told = lane.next;
    return lane;
  }

  static json write(const Engines& engines) {
    json all = json::array();
    for (const Engines::Engine& engine : engines.engines_) {
      json lanes = json::array();
      for (const Sequence::Lane& lane : engine.sequence.lanes_) lanes.push_back(write(lane));
      json& object = all.emplace_back(json{{"version", engine.key.version},
                                           {"type", engine.key.type},
                                           {"id", engine.key.id},
                                           {"lanes", std::move(lanes)}});
      if (engine.key.scheme != 0) object["scheme"] = engine.key.scheme;
      for (const Sequence::Damaged& damaged : engine.sequence.damaged_)
        object["damaged"].push_back({damaged.from, damaged.count});
    }
    return all;
  }

  static Engines read_engines(const json& all) {
    Engines engines;
    for (const json& object : all) {
      if (engines.engines_.size() == max_engines) break;
      Engines::Engine& engine = engines.engines_.emplace_back();
      engine.key = {number<std::uint8_t>(object, "version"), number<std::uint8_t>(object, "type"),
                    number<std::uint8_t>(object, "id"), number<std::uint8_t>(object, "scheme")};
      for (const json& lane : list(object, "lanes")) {
        if (engine.sequence.lanes_.size() < max_lanes) engine.sequence.lanes_.push_back(read_lane(lane));
      }
      for (const json& damaged : list(object, "damaged")) engine.sequence.note_damaged(damaged.at(0), damaged.at(1));
    }
    return engines;
  }
};

std::string Exporters::save() const {
  // The tables give the latest first; they are filled again with the oldest first.
  json exporters = json::array();
  exporters_.for_each([&](const Exporter& exporter) {
    json object = write(static_cast<const Sender&>(exporter));
    if (exporter.engines.size() != 0) object["engines"] = SequenceState::write(exporter.engines);
    exporters.push_back(std::move(object));
  });
  json strangers = json::array();
  strangers_.for_each([&](const Sender& stranger) { strangers.push_back(write(stranger)); });
  const json state = {{"format", format},
                      {"exporters", std::move(exporters)},
                      {"strangers", std::move(strangers)},
                      {"drops", DropsState::write(drops_)},
                      {"others", write(others_)},
                      {"forgotten", forgotten_}};
  std::string saved;
  json::to_cbor(state, saved);
  return saved;
}

Result<Exporters> Exporters::load(std::string_view saved) {
  try {
    const json state = json::from_cbor(saved.begin(), saved.end());
    const auto written = state.at("format").get<std::uint64_t>();
    if (written > format) {
      return fail("the state of the exporters was written by a later flowspan (format " + std::to_string(written) +
                      ", this one knows " + std::to_string(format) + "): use that one",
                  ErrorKind::newer_format);
    }
    Exporters exporters;
    exporters.others_ = read_counters(state.value("others", json::object()));
    exporters.forgotten_ = number<std::uint64_t>(state, "forgotten");
    exporters.drops_ = DropsState::read(state.value("drops", json::object()));
    const json& known = list(state, "exporters");
    for (auto object = known.rbegin(); object != known.rend(); ++object) {
      Exporter exporter;
      static_cast<Sender&>(exporter) = read_sender(*object);
      exporter.engines = SequenceState::read_engines(list(*object, "engines"));
      if (exporters.find(exporter.ip) == nullptr) exporters.add(std::move(exporter));
    }
    const json& strange = list(state, "strangers");
    for (auto object = strange.rbegin(); object != strange.rend(); ++object) {
      const Sender stranger = read_sender(*object);
      if (exporters.strangers_.find(stranger.ip) == nullptr) exporters.add(stranger);
    }
    return exporters;
  } catch (const json::exception& problem) {
    return fail(std::string("the state of the exporters is damaged: ") + problem.what());
  }
}

}  // namespace flowspan::exporter
