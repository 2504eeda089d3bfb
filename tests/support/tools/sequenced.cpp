// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// NetFlow v5 in which every flow says which it is, so that a test can tell lost, doubled and invented ones by SQL:
// flow i of exporter e has the source address i mod 2^32, the destination address e * 65536 + i / 2^32, and
// 1000 + i mod 1000003 bytes.

#include "traffic_arguments.hpp"
#include "traffic_send.hpp"
#include "traffic_wire.hpp"

#include <csignal>

namespace {

using namespace traffic;

constexpr const char* usage = R"(usage: sequenced --to HOST:PORT [--to HOST:PORT] [OPTIONS]
  --rate FLOWS       a second, of all exporters together; 0: flat out (30000)
  --seconds S        for so long (10)
  --flows N          or until each exporter has sent so many
  --exporters K      senders, from 127.0.1.1, 127.0.1.2, … (1)
  --first N          number of each exporter's first flow (0)
  --records N        in a datagram (30)
  --progress FILE    a line after each burst: "NANOSECONDS EXPORTER NEXT_FLOW", the time since 1970 after sending it
One JSON object at the end: how many flows each exporter sent, and the number after its last.
)";

constexpr std::uint64_t uptime_ms = 3'000'000'000;

void fill(Payload& payload, unsigned exporter, std::uint64_t first, unsigned records) {
  const Layout& layout = layouts[1];
  Header header;
  header.clock_ms = wall_us() / 1000;
  header.uptime_ms = static_cast<std::uint32_t>(uptime_ms);
  header.sequence = static_cast<std::uint32_t>(first);
  put_header(payload.bytes.data(), layout, header, static_cast<std::uint16_t>(records));
  std::byte* out = payload.bytes.data() + layout.header;
  for (std::uint64_t i = first; i < first + records; ++i, out += layout.record) {
    Flow flow;
    flow.src = static_cast<std::uint32_t>(i);
    flow.dst = static_cast<std::uint32_t>(exporter << 16 | i >> 32);
    flow.bytes = static_cast<std::uint32_t>(1000 + i % 1'000'003);
    flow.packets = static_cast<std::uint32_t>(1 + i % 10);
    flow.first = header.clock_ms - i % 1000;
    flow.last = header.clock_ms;
    flow.src_port = static_cast<std::uint16_t>(1024 + i % 64'000);
    flow.dst_port = 443;
    flow.proto = 6;
    flow.flags = 0x1B;
    flow.in_if = 1;
    flow.out_if = 2;
    put_record(out, layout, header, flow);
  }
  payload.size = static_cast<std::size_t>(out - payload.bytes.data());
}

struct Plan {
  double rate;
  double seconds;
  std::uint64_t flows;  ///< of each exporter; 0: no limit
  unsigned exporters;
  unsigned records;
  std::uint64_t first;
};

std::vector<std::uint64_t> run(const Plan& plan, Sender& sender, std::FILE* progress, Schedule& schedule) {
  std::vector<std::uint64_t> next(plan.exporters, plan.first);
  std::vector<Payload> payloads(Sender::most);
  const double burst = plan.rate > 0 ? plan.rate / plan.records / 1000 : Sender::most;
  const auto most = static_cast<std::size_t>(std::clamp<double>(burst, 1, Sender::most));
  std::uint64_t sent = 0;
  const std::uint64_t end = plan.flows == 0 ? ~0ull : plan.first + plan.flows;
  for (unsigned turn = 0; !Schedule::interrupted; ++turn) {
    const unsigned exporter = turn % plan.exporters;
    if (exporter == 0 && next[plan.exporters - 1] >= end) break;
    const double due = plan.rate > 0 ? static_cast<double>(sent) / plan.rate : schedule.elapsed();
    if (due >= plan.seconds) break;
    if (plan.rate > 0) schedule.wait_until(due);
    std::size_t count = 0;
    for (; count < most && next[exporter] < end; ++count) {
      const auto records = static_cast<unsigned>(std::min<std::uint64_t>(plan.records, end - next[exporter]));
      fill(payloads[count], exporter, next[exporter], records);
      next[exporter] += records;
      sent += records;
    }
    sender.send(exporter, std::span(payloads).first(count));
    if (progress == nullptr) continue;
    std::fprintf(progress, "%lu %u %lu\n", wall_us() * 1000, exporter, next[exporter]);
    std::fflush(progress);
  }
  return next;
}

}  // namespace

int main(int count, char** words) {
  const Arguments arguments(count, words,
                            {"to", "rate", "seconds", "flows", "exporters", "first", "records", "progress"}, usage);
  if (arguments.all("to").empty()) {
    std::fputs(usage, stderr);
    return 2;
  }
  Plan plan{};
  plan.rate = arguments.number("rate", 30'000);
  plan.flows = arguments.whole("flows", 0);
  plan.seconds = arguments.number("seconds", plan.flows == 0 ? 10 : 1e9);
  plan.exporters = static_cast<unsigned>(std::clamp<std::uint64_t>(arguments.whole("exporters", 1), 1, 60'000));
  plan.records = static_cast<unsigned>(std::clamp<std::uint64_t>(arguments.whole("records", 30), 1, 30));
  plan.first = arguments.whole("first", 0);
  std::signal(SIGINT, [](int) { Schedule::interrupted = 1; });
  std::signal(SIGTERM, [](int) { Schedule::interrupted = 1; });
  std::FILE* progress = nullptr;
  if (const auto path = arguments.text("progress", ""); !path.empty()) {
    progress = std::fopen(path.c_str(), "w");
    if (progress == nullptr) die(path + ": " + std::strerror(errno));
  }
  Sender sender(arguments.all("to"), plan.exporters);
  Schedule schedule;
  const auto next = run(plan, sender, progress, schedule);
  std::uint64_t flows = 0;
  std::string list;
  for (const auto number : next) {
    flows += number - plan.first;
    list += (list.empty() ? "" : ",") + std::to_string(number);
  }
  std::printf("{\"flows\":%lu,\"next\":[%s],\"seconds\":%.3f,\"late_ms\":%.3f,\"refused\":%lu}\n", flows, list.c_str(),
              schedule.elapsed(), schedule.late_ms(), sender.refused());
  return 0;
}
