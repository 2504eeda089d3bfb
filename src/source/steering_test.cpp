// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/steering.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <map>
#include <set>

#include "source/address.hpp"
#include "source/udp.hpp"

namespace flowspan::source {
namespace {

// Sends one datagram from `from` (port 0: any) to `to`; false when this machine cannot.
bool send_from(const Endpoint& from, const Endpoint& to, char content) {
  const FileDescriptor fd(socket(from.ip.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto source = socket_address(from);
  const auto target = socket_address(to);
  if (bind(fd.fd(), source.get(), source.length) != 0) return false;
  return sendto(fd.fd(), &content, 1, 0, target.get(), target.length) == 1;
}

using Arrivals = std::vector<std::pair<unsigned, Ip>>;  // worker, sender

Arrivals arrivals(std::vector<std::unique_ptr<UdpReceiver>>& receivers) {
  Arrivals all;
  for (unsigned worker = 0; worker < receivers.size(); ++worker)
    while (true) {
      const auto batch = receivers[worker]->receive(0);
      if (!batch || batch->datagrams.empty()) break;
      for (const Datagram& datagram : batch->datagrams) all.emplace_back(worker, datagram.from.ip);
    }
  return all;
}

std::vector<std::unique_ptr<UdpReceiver>> open(const char* listen, unsigned workers) {
  UdpOptions options;
  options.listens = {*Address::parse_listen(listen)};
  options.receive_buffer = 1 << 20;
  auto receivers = UdpReceiver::open(options, workers);
  EXPECT_TRUE(receivers) << receivers.error().text;
  return receivers ? std::move(*receivers) : std::vector<std::unique_ptr<UdpReceiver>>{};
}

void expect_steered(const char* listen, const Ip& to, unsigned senders) {
  auto receivers = open(listen, 4);
  ASSERT_EQ(receivers.size(), 4u);
  const std::uint16_t port = receivers[0]->sockets()[0].local.port;
  for (unsigned sender = 1; sender <= senders; ++sender) {
    const Ip from = to.is_v4() ? Ip::v4(0x7f000000 + sender * 257) : to;
    for (int ports = 0; ports < 3; ++ports) ASSERT_TRUE(send_from({from, 0}, {to, port}, 'x'));
  }
  const auto all = arrivals(receivers);
  EXPECT_EQ(all.size(), senders * 3);
  std::set<unsigned> workers;
  for (const auto& [worker, ip] : all) {
    EXPECT_EQ(worker, worker_of(ip, 4)) << ip.to_string();
    workers.insert(worker);
  }
  if (senders > 30) {
    EXPECT_EQ(workers.size(), 4u);
  }
}

TEST(Steering, ArrivalAgreesWithWorkerOfForIpv4) { expect_steered("127.0.0.1:0", Ip::v4(0x7f000001), 60); }
TEST(Steering, Ipv4OnADualStackSocketAgrees) { expect_steered(":0", Ip::v4(0x7f000001), 60); }
TEST(Steering, Ipv6Agrees) {
  if (!send_from({*Ip::parse("::1"), 0}, {*Ip::parse("::1"), 9}, 'x')) GTEST_SKIP() << "no IPv6 on this machine";
  expect_steered("[::1]:0", *Ip::parse("::1"), 1);
  expect_steered(":0", *Ip::parse("::1"), 1);
}

// Runs the program as the kernel does, so that many IPv6 addresses are compared without having them.
std::uint32_t run(const std::vector<sock_filter>& program, const std::array<unsigned char, 40>& packet) {
  std::uint32_t a = 0, x = 0, memory = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& op = program[at];
    const std::size_t offset = op.k - static_cast<std::uint32_t>(SKF_NET_OFF);
    switch (op.code) {
      case BPF_LD | BPF_B | BPF_ABS: a = packet.at(offset); break;
      case BPF_LD | BPF_W | BPF_ABS:
        a = 0;
        for (std::size_t i = 0; i < 4; ++i) a = a << 8 | packet.at(offset + i);
        break;
      case BPF_ST: memory = a; break;
      case BPF_LDX | BPF_W | BPF_MEM: x = memory; break;
      case BPF_JMP | BPF_JEQ | BPF_K: at += a == op.k ? op.jt : op.jf; break;
      case BPF_JMP | BPF_JA: at += op.k; break;
      case BPF_ALU | BPF_RSH | BPF_K: a >>= op.k; break;
      case BPF_ALU | BPF_MUL | BPF_K: a *= op.k; break;
      case BPF_ALU | BPF_MOD | BPF_K: a %= op.k; break;
      case BPF_ALU | BPF_XOR | BPF_X: a ^= x; break;
      case BPF_MISC | BPF_TAX: x = a; break;
      case BPF_RET | BPF_A: return a;
      default: ADD_FAILURE() << "unexpected instruction " << op.code; return ~0u;
    }
  }
  ADD_FAILURE() << "the program does not end";
  return ~0u;
}

TEST(Steering, TheProgramComputesWorkerOf) {
  std::uint64_t random = 1;
  std::map<unsigned, int> histogram;
  for (int i = 0; i < 4000; ++i) {
    const auto next = [&] { return random = random * 6364136223846793005u + 1442695040888963407u; };
    const Ip ip = i % 2 == 0 ? Ip{next(), next()} : Ip::v4(static_cast<std::uint32_t>(next() >> 32));
    std::array<unsigned char, 40> packet{};
    packet[0] = ip.is_v4() ? 0x45 : 0x60;
    for (unsigned byte = 0; byte < 8; ++byte) {
      packet[8 + byte] = static_cast<unsigned char>(ip.hi >> (56 - 8 * byte));
      packet[16 + byte] = static_cast<unsigned char>(ip.lo >> (56 - 8 * byte));
    }
    if (ip.is_v4())
      for (unsigned byte = 0; byte < 4; ++byte)
        packet[12 + byte] = static_cast<unsigned char>(ip.as_v4() >> (24 - 8 * byte));
    for (const unsigned workers : {2u, 3u, 4u, 16u})
      ASSERT_EQ(run(steering_program(workers), packet), worker_of(ip, workers)) << ip.to_string();
    ++histogram[worker_of(ip, 4)];
  }
  for (const auto& [worker, count] : histogram) EXPECT_NEAR(count, 1000, 150) << worker;
}

// State on disk is handed to workers by these numbers: they may never change.
TEST(Steering, WorkerOfIsFrozen) {
  EXPECT_EQ(worker_of(*Ip::parse("10.0.0.1"), 1), 0u);
  EXPECT_EQ(worker_of(*Ip::parse("10.0.0.1"), 1000003), 668166u);
  EXPECT_EQ(worker_of(*Ip::parse("2001:db8::1"), 1000003), 48439u);
}

}  // namespace
}  // namespace flowspan::source
