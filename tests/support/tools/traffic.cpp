// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// NetFlow as a border router sends it, as much as is wanted, none of it twice; the same for the same options.

#include "traffic_arguments.hpp"
#include "traffic_flows.hpp"
#include "traffic_send.hpp"
#include "traffic_wire.hpp"

#include <csignal>
#include <optional>

namespace {

using namespace traffic;

constexpr const char* usage = R"(usage: traffic (--to HOST:PORT [--to HOST:PORT] | --pcap FILE) [OPTIONS]
  --flows N          how many (20000000)
  --seed N           which (1)
  --rate FLOWS       a second; 0: flat out (900000)
  --flow-rate FLOWS  a second of the flows' own clock (as --rate; 3000 flat out)
  --start SECONDS    the flows' clock at the beginning, since 1970 (now)
  --version V        1, 5 or 7 (5)
  --exporters K      senders; to 127.x each has its own address 127.0.1.1 … (1)
  --sequence-base N  of the first datagram of each exporter (0)
  --sampling N       said in the headers of version 5 (0: not said)
  --uptime SECONDS   of the exporters at the beginning (3000000)
  --burst N          datagrams sent at once, at most (32)
One JSON object at the end says what was sent.
)";

struct Plan {
  std::uint64_t flows;
  double rate;
  Layout layout;
  unsigned exporters;
  std::uint64_t boot_ms;
  std::uint32_t sequence_base;
  std::uint16_t sampling;
  std::size_t burst;
};

struct Sums {
  std::uint64_t datagrams = 0, flows = 0, bytes = 0, packets = 0;
};

/// Fills datagrams one after the other and keeps each exporter's sequence.
class Exporters {
 public:
  Exporters(const Plan& plan, Flows& flows)
      : plan_(plan), flows_(flows), sequences_(plan.exporters, plan.sequence_base) {}

  void fill(unsigned exporter, Payload& payload) {
    const auto left = plan_.flows - sums_.flows;
    const auto count = static_cast<unsigned>(std::min<std::uint64_t>(plan_.layout.most, left));
    Header header;
    header.clock_ms = flows_.clock_ms();
    header.uptime_ms = static_cast<std::uint32_t>(header.clock_ms - plan_.boot_ms);
    std::byte* out = payload.bytes.data() + plan_.layout.header;
    for (unsigned i = 0; i < count; ++i, out += plan_.layout.record) {
      const Flow flow = flows_.next();
      put_record(out, plan_.layout, header, flow);
      sums_.bytes += flow.bytes;
      sums_.packets += flow.packets;
    }
    header.clock_ms = flows_.clock_ms();
    header.uptime_ms = static_cast<std::uint32_t>(header.clock_ms - plan_.boot_ms);
    header.fraction_ns = static_cast<std::uint32_t>(sums_.datagrams * 2654435761u) % 1'000'000;
    header.sequence = sequences_[exporter];
    header.sampling = plan_.sampling;
    put_header(payload.bytes.data(), plan_.layout, header, static_cast<std::uint16_t>(count));
    payload.size = static_cast<std::size_t>(out - payload.bytes.data());
    sequences_[exporter] += count;
    sums_.flows += count;
    ++sums_.datagrams;
  }
  const Sums& sums() const { return sums_; }
  bool done() const { return sums_.flows == plan_.flows; }

 private:
  const Plan& plan_;
  Flows& flows_;
  std::vector<std::uint32_t> sequences_;
  Sums sums_;
};

void run(const Plan& plan, Flows& flows, const std::vector<std::string>& targets, const std::string& pcap) {
  Exporters exporters(plan, flows);
  std::optional<Sender> sender;
  std::optional<Capture> capture;
  if (pcap.empty())
    sender.emplace(targets, plan.exporters);
  else
    capture.emplace(pcap);
  std::vector<Payload> payloads(plan.burst);
  Schedule schedule;
  for (unsigned turn = 0; !exporters.done() && !Schedule::interrupted; ++turn) {
    const unsigned exporter = turn % plan.exporters;
    if (plan.rate > 0 && sender) schedule.wait_until(static_cast<double>(exporters.sums().flows) / plan.rate);
    std::size_t count = 0;
    for (; count < plan.burst && !exporters.done(); ++count) {
      exporters.fill(exporter, payloads[count]);
      if (capture) capture->add(exporter, flows.clock_ms() * 1000, payloads[count], 2055);
    }
    if (sender) sender->send(exporter, std::span(payloads).first(count));
  }
  if (capture) capture->close();
  const Sums& sums = exporters.sums();
  std::printf(
      "{\"datagrams\":%lu,\"flows\":%lu,\"bytes\":%lu,\"packets\":%lu,\"seconds\":%.3f,\"late_ms\":%.3f,"
      "\"refused\":%lu}\n",
      sums.datagrams, sums.flows, sums.bytes, sums.packets, schedule.elapsed(), schedule.late_ms(),
      sender ? sender->refused() : 0);
}

}  // namespace

int main(int count, char** words) {
  const Arguments arguments(count, words,
                            {"to", "pcap", "flows", "seed", "rate", "flow-rate", "start", "version", "exporters",
                             "sequence-base", "sampling", "uptime", "burst"},
                            usage);
  Plan plan{};
  plan.flows = arguments.whole("flows", 20'000'000);
  plan.rate = arguments.number("rate", 900'000);
  plan.exporters = static_cast<unsigned>(std::clamp<std::uint64_t>(arguments.whole("exporters", 1), 1, 60'000));
  plan.sequence_base = static_cast<std::uint32_t>(arguments.whole("sequence-base", 0));
  if (const auto sampling = arguments.whole("sampling", 0); sampling > 0)
    plan.sampling = static_cast<std::uint16_t>(1u << 14 | (sampling & 0x3FFF));
  bool known = false;
  for (const Layout& layout : layouts) {
    if (layout.version != arguments.whole("version", 5)) continue;
    plan.layout = layout;
    known = true;
  }
  const bool aimed = arguments.all("to").empty() == !arguments.text("pcap", "").empty();
  if (!known || !aimed) {
    std::fputs(usage, stderr);
    return 2;
  }
  // A burst is at most a millisecond of the rate.
  const double in_a_ms = plan.rate > 0 ? plan.rate / plan.layout.most / 1000 : Sender::most;
  plan.burst = static_cast<std::size_t>(
      std::clamp<double>(in_a_ms, 1, std::clamp<double>(arguments.number("burst", 32), 1, Sender::most)));
  const double start = arguments.number("start", static_cast<double>(wall_us()) / 1e6);
  const auto start_ms = static_cast<std::uint64_t>(start * 1000);
  plan.boot_ms = start_ms - static_cast<std::uint64_t>(arguments.number("uptime", 3'000'000) * 1000);
  std::signal(SIGINT, [](int) { Schedule::interrupted = 1; });
  std::signal(SIGTERM, [](int) { Schedule::interrupted = 1; });
  Flows flows(arguments.whole("seed", 1), start_ms, arguments.number("flow-rate", plan.rate > 0 ? plan.rate : 3000));
  run(plan, flows, arguments.all("to"), arguments.text("pcap", ""));
  return 0;
}
