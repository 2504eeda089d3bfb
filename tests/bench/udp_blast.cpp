// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// A load for receivers, and what receiving it costs:
//   udp_blast receive 127.0.0.1:PORT SECONDS [BUFFER_BYTES]
//   udp_blast send    127.0.0.1:PORT SECONDS [DATAGRAMS_PER_SECOND=30000] [BYTES=1464]     0: flat out
// The sender's datagrams begin with a 64-bit sequence number in network order.
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "source/udp.hpp"
#include "source/udp_sender.hpp"

namespace {

using namespace flowspan;

double cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  const auto us = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

int complain(const Error& error) {
  fmt::print(stderr, "udp_blast: {}\n", error.text);
  return 1;
}

int receive(const std::string& where, Duration time, std::uint64_t buffer) {
  source::UdpOptions options;
  options.receive_buffer = buffer;
  const auto listen = source::Address::parse_listen(where);
  if (!listen) return complain(listen.error());
  options.listens = {*listen};
  auto receivers = source::UdpReceiver::open(options);
  if (!receivers) return complain(receivers.error());
  auto& receiver = *receivers->front();
  if (!receiver.sockets()[0].warning.empty()) fmt::print("{}\n", receiver.sockets()[0].warning);
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  const double before = cpu_us();
  for (const Time end = monotonic_now() + time; monotonic_now() < end;) {
    const auto batch = receiver.receive(100 * millisecond);
    if (!batch) return complain(batch.error());
    count += batch->datagrams.size();
    for (const Datagram& datagram : batch->datagrams) sum += datagram.payload.size() + datagram.from.port;
  }
  const double cpu = cpu_us() - before;
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  const auto counters = receiver.counters()[0];
  fmt::print("{} datagrams, {} drops, {:.1f} a batch, {:.3f} us CPU a datagram, {:.1f} ms CPU, {} sleeps ({})\n", count,
             counters.kernel_drops,
             static_cast<double>(count) / static_cast<double>(std::max<std::uint64_t>(counters.batches, 1)),
             count == 0 ? 0 : cpu / static_cast<double>(count), cpu / 1e3, usage.ru_nvcsw, sum % 10);
  return 0;
}

int send(const std::string& where, Duration time, double rate, std::size_t size) {
  const auto target = source::Address::parse_target(where);
  if (!target) return complain(target.error());
  auto sender = source::UdpSender::open(*target);
  if (!sender) return complain(sender.error());
  constexpr std::size_t most = 64;
  size = std::max<std::size_t>(size, 8);
  std::vector<std::vector<std::byte>> payloads(most, std::vector<std::byte>(size));
  std::vector<Datagram> datagrams(most);
  const Time start = monotonic_now();
  std::uint64_t sequence = 0;
  for (Time now = start; now < start + time; now = monotonic_now()) {
    auto due = rate > 0 ? static_cast<std::uint64_t>(static_cast<double>(now - start) * rate / 1e9) - sequence : most;
    while (due > 0) {
      const std::size_t count = std::min<std::uint64_t>(due, most);
      for (std::size_t i = 0; i < count; ++i, ++sequence) {
        for (unsigned byte = 0; byte < 8; ++byte)
          payloads[i][byte] = static_cast<std::byte>(sequence >> (56 - 8 * byte));
        datagrams[i].payload = payloads[i];
      }
      (*sender)->send_waiting(std::span(datagrams).first(count));
      due -= count;
    }
    if (rate > 0) std::this_thread::sleep_for(std::chrono::microseconds(300));
  }
  const auto counters = (*sender)->counters();
  fmt::print("sent {} refused {} unreachable {}, {:.0f}/s\n", counters.sent, counters.refused, counters.unreachable,
             static_cast<double>(counters.sent) * 1e9 / static_cast<double>(monotonic_now() - start));
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> args(words + 1, words + count);
  const auto number = [&](std::size_t index, double otherwise) {
    return index < args.size() ? std::strtod(args[index].c_str(), nullptr) : otherwise;
  };
  const auto time = static_cast<Duration>(number(2, 5) * 1e9);
  if (args.size() >= 2 && args[0] == "receive")
    return receive(args[1], time, static_cast<std::uint64_t>(number(3, 64 << 20)));
  if (args.size() >= 2 && args[0] == "send")
    return send(args[1], time, number(3, 30000), static_cast<std::size_t>(number(4, 1464)));
  fmt::print(stderr, "usage: udp_blast receive HOST:PORT SECONDS [BUFFER] | send HOST:PORT SECONDS [RATE] [BYTES]\n");
  return 2;
}
