// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tui/model.hpp"

namespace flowspan::tui::test {

inline constexpr Time moment = 1'795'466'615 * second + 123 * millisecond;  // 2026-11-23T20:43:35.123Z

inline Stream stream(const std::string& name, double rate, Duration silent) {
  Stream stream;
  stream.name = name;
  stream.ip = Ip::parse(name).value_or(Ip::v4(0x0a000001));
  stream.version = 5;
  stream.flows_per_datagram = 29.7;
  stream.flows_per_second = rate;
  stream.datagrams_per_second = rate / 30;
  if (rate > 0) stream.bits_per_second = rate * 6'500;
  stream.flows = static_cast<std::uint64_t>(rate * 3'600);
  stream.first_seen = moment - 26 * hour;
  stream.last_seen = moment - silent;
  for (int i = 0; i < 60; ++i) stream.history.push_back(static_cast<float>(rate * (1 + i % 7) / 7));
  return stream;
}

inline Flow flow(unsigned number) {
  Flow flow;
  flow.number = 1'000'000 + number;
  flow.exporter = Ip::v4(0xc0000201);
  flow.protocol = number % 3 == 0 ? 17 : number % 5 == 0 ? 1 : 6;
  flow.source = Ip::v4(0x0a000000 + number % 7);
  flow.destination = Ip::v4(0xc6336400 + number % 11);
  flow.source_port = 40'000 + number;
  flow.destination_port = number % 2 == 0 ? 443 : 53;
  flow.tos = number % 4 == 0 ? 184 : 0;
  flow.bytes = 40ull + number * number * 997;
  flow.packets = 1 + number;
  flow.first = moment - (number % 60) * second;
  flow.last = moment - number * millisecond;
  flow.received = moment;
  return flow;
}

/// A collector with four exporters, one of them silent, one losing, one with an IPv6 address.
inline std::shared_ptr<Model> model() {
  auto model = std::make_shared<Model>();
  model->now = moment;
  model->store = "./flowspan-data";
  Collecting& c = model->collecting;
  c.state = Collecting::State::running;
  c.pid = 4711;
  c.started = moment - 62 * minute;
  c.heard = moment;
  c.flows_per_second = 123'456;
  c.datagrams_per_second = 4'115;
  c.bits_per_second = 8.1e8;
  c.flows = 459'000'000;
  c.lost_flows = 1'234;
  c.journal_bytes = 12 << 20;
  for (int i = 0; i < 60; ++i) c.history.push_back(static_cast<float>(100'000 + 1'000 * (i % 25)));
  model->streams = {stream("192.0.2.1", 100'000, 0), stream("192.0.2.2", 23'000, second),
                    stream("2001:db8:1234:5678::1", 456, 2 * second), stream("192.0.2.9", 0, 7 * minute)};
  model->streams[1].lost_flows = 1'234;
  model->streams[1].losing = true;
  model->streams[3].errors = 17;
  for (unsigned i = 1; i <= 150; ++i) model->flows.push_back(flow(i));
  model->flows[147].source = Ip::parse("2001:db8:aaaa:bbbb:cccc:dddd:eeee:1").value_or(Ip{});
  model->one_of = 12.3;
  model->durations.window = "1m";
  model->durations.as_of = moment - 3 * second;
  model->pairs.window = "1m";
  model->pairs.as_of = moment - 3 * second;
  for (unsigned i = 0; i < 40; ++i) {
    model->durations.rows.push_back({Ip::v4(0x0a000000 + i), 100'000'000'000u / (i + 1), 12'345 / (i + 1)});
    model->pairs.rows.push_back(
        {Ip::v4(0x0a000000 + i), Ip::v4(0xc6336400 + i * 3), 4'000'000'000u / (i + 1), 3'000'000u / (i + 1), 900});
  }
  return model;
}

}  // namespace flowspan::tui::test
