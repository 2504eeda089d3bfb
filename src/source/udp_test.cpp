// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/udp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "source/mirror.hpp"

namespace flowspan::source {
namespace {

using testing::HasSubstr;

Bytes bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

Address listen_on(const std::string& text) {
  const auto address = Address::parse_listen(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(Address{});
}

std::unique_ptr<UdpReceiver> open(const std::string& text, std::uint64_t buffer = 1 << 20, AllowList allowed = {}) {
  UdpOptions options;
  options.listens = {listen_on(text)};
  options.receive_buffer = buffer;
  options.allowed = std::move(allowed);
  auto receivers = UdpReceiver::open(options);
  EXPECT_TRUE(receivers) << receivers.error().text;
  return receivers ? std::move(receivers->front()) : nullptr;
}

std::uint16_t port(const UdpReceiver& receiver) { return receiver.sockets()[0].local.port; }

std::unique_ptr<UdpSender> sender_to(const std::string& host, std::uint16_t to) {
  auto sender = UdpSender::open(*Address::parse_target(host + ":" + std::to_string(to)));
  EXPECT_TRUE(sender) << sender.error().text;
  return std::move(*sender);
}

void send(UdpSender& sender, const std::string& text) {
  const Datagram datagram{0, {}, {}, bytes(text)};
  sender.send({&datagram, 1});
}

std::string text_of(const Datagram& datagram) {
  return {reinterpret_cast<const char*>(datagram.payload.data()), datagram.payload.size()};
}

TEST(Udp, TellsContentSenderAndKernelTime) {
  auto receiver = open("127.0.0.1:0");
  auto sender = sender_to("127.0.0.1", port(*receiver));
  const Time before = now();
  send(*sender, "hello");
  send(*sender, "");
  const auto batch = receiver->receive(second);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->datagrams.size(), 2u);
  const Datagram& first = batch->datagrams[0];
  EXPECT_EQ(text_of(first), "hello");
  EXPECT_EQ(first.from.ip, Ip::v4(0x7f000001));
  EXPECT_NE(first.from.port, 0);
  EXPECT_EQ(first.to, (Endpoint{Ip::v4(0x7f000001), port(*receiver)}));
  EXPECT_GE(first.received, before - millisecond);
  EXPECT_LE(first.received, now() + millisecond);
  EXPECT_TRUE(batch->datagrams[1].payload.empty());
  EXPECT_EQ(receiver->counters()[0].datagrams, 2u);
  EXPECT_EQ(receiver->counters()[0].bytes, 5u);
}

TEST(Udp, TheLargestDatagramArrivesWhole) {
  auto receiver = open("127.0.0.1:0");
  auto sender = sender_to("127.0.0.1", port(*receiver));
  std::string large(65507, 'a');  // 65,535 less the IPv4 and UDP headers
  large.back() = 'z';
  send(*sender, large);
  const auto batch = receiver->receive(second);
  ASSERT_TRUE(batch && batch->datagrams.size() == 1);
  EXPECT_EQ(text_of(batch->datagrams[0]), large);
}

TEST(Udp, AllAddressesMeansBothFamilies) {
  auto receiver = open(":0");
  send(*sender_to("127.0.0.1", port(*receiver)), "4");
  auto batch = receiver->receive(second);
  ASSERT_TRUE(batch && batch->datagrams.size() == 1);
  EXPECT_EQ(batch->datagrams[0].from.ip, Ip::v4(0x7f000001));
  EXPECT_EQ(batch->datagrams[0].to.ip, Ip::v4(0));
  if (!receiver->sockets()[0].dual_stack) GTEST_SKIP() << "no IPv6 on this machine";
  send(*sender_to("[::1]", port(*receiver)), "6");
  batch = receiver->receive(second);
  ASSERT_TRUE(batch && batch->datagrams.size() == 1);
  EXPECT_EQ(batch->datagrams[0].from.ip, (Ip{0, 1}));
  EXPECT_EQ(batch->datagrams[0].to.ip, Ip{});
}

TEST(Udp, ServesSeveralListens) {
  UdpOptions options;
  options.listens = {listen_on("127.0.0.1:0"), listen_on("127.0.0.2:0")};
  options.receive_buffer = 1 << 20;
  auto receivers = UdpReceiver::open(options);
  ASSERT_TRUE(receivers) << receivers.error().text;
  auto& receiver = *receivers->front();
  for (int i = 0; i < 100; ++i) {
    send(*sender_to("127.0.0.1", receiver.sockets()[0].local.port), "0");
    send(*sender_to("127.0.0.2", receiver.sockets()[1].local.port), "1");
  }
  std::size_t count[2] = {};
  while (count[0] + count[1] < 200) {
    const auto batch = receiver.receive(second);
    ASSERT_TRUE(batch && !batch->datagrams.empty());
    for (const Datagram& datagram : batch->datagrams) EXPECT_EQ(text_of(datagram), std::to_string(batch->socket));
    count[batch->socket] += batch->datagrams.size();
  }
  EXPECT_EQ(count[0], 100u);
  EXPECT_EQ(count[1], 100u);
}

TEST(Udp, CountsWhatTheKernelDrops) {
  auto receiver = open("127.0.0.1:0", 32 << 10);
  auto sender = sender_to("127.0.0.1", port(*receiver));
  const std::string payload(1464, 'x');
  for (int i = 0; i < 1000; ++i) send(*sender, payload);
  std::uint64_t received = 0;
  std::uint64_t drops = 0;
  while (true) {
    const auto batch = receiver->receive(0);
    ASSERT_TRUE(batch);
    if (batch->datagrams.empty()) break;
    received += batch->datagrams.size();
    EXPECT_GE(batch->kernel_drops, drops);
    drops = batch->kernel_drops;
  }
  EXPECT_GT(receiver->counters()[0].kernel_drops, 0u);
  EXPECT_EQ(received + receiver->counters()[0].kernel_drops, 1000u);
}

TEST(Udp, SaysWhatBufferWasGranted) {
  const auto receiver = open("127.0.0.1:0", 1 << 20);
  EXPECT_EQ(receiver->sockets()[0].asked_buffer, 1u << 20);
  EXPECT_GT(receiver->sockets()[0].granted_buffer, 0u);
  const auto greedy = open("127.0.0.1:0", std::uint64_t{1} << 40);
  EXPECT_LT(greedy->sockets()[0].granted_buffer, std::uint64_t{1} << 40);
  EXPECT_THAT(greedy->sockets()[0].warning, HasSubstr("net.core.rmem_max=1099511627776"));
}

TEST(Udp, WaitsNoLongerThanAsked) {
  auto receiver = open("127.0.0.1:0");
  const Time before = monotonic_now();
  const auto batch = receiver->receive(30 * millisecond);
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->datagrams.empty());
  EXPECT_GE(monotonic_now() - before, 29 * millisecond);
}

TEST(Udp, StopsPromptlyAndStillDrains) {
  auto receiver = open("127.0.0.1:0");
  Time returned = 0;
  std::thread thread([&] {
    EXPECT_TRUE(receiver->receive());
    returned = monotonic_now();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const Time stopped = monotonic_now();
  receiver->stop();
  thread.join();
  EXPECT_LT(returned - stopped, 100 * millisecond);
  send(*sender_to("127.0.0.1", port(*receiver)), "late");
  EXPECT_EQ(receiver->receive()->datagrams.size(), 1u);
  EXPECT_TRUE(receiver->receive()->datagrams.empty());
}

TEST(Udp, RefusesWhoIsNotOnTheList) {
  auto receiver = open("127.0.0.1:0", 1 << 20, AllowList({*Prefix::parse("10.0.0.0/8")}));
  auto sender = sender_to("127.0.0.1", port(*receiver));
  send(*sender, "no");
  EXPECT_TRUE(receiver->receive(0)->datagrams.empty());
  EXPECT_EQ(receiver->counters()[0].refused, 1u);
  EXPECT_EQ(receiver->counters()[0].datagrams, 0u);
  receiver->set_allowed(AllowList({*Prefix::parse("127.0.0.0/8")}));
  send(*sender, "yes");
  EXPECT_EQ(receiver->receive(0)->datagrams.size(), 1u);
}

TEST(Udp, NamesWhoHasThePort) {
  const auto receiver = open("127.0.0.1:0");
  UdpOptions options;
  options.listens = {listen_on("127.0.0.1:" + std::to_string(port(*receiver)))};
  for (const unsigned workers : {1u, 2u}) {
    const auto again = UdpReceiver::open(options, workers);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::busy);
    EXPECT_THAT(again.error().text, HasSubstr("127.0.0.1:" + std::to_string(port(*receiver))));
    EXPECT_THAT(again.error().text, HasSubstr("this process listens there already"));
  }
}

TEST(Udp, NamesAnAddressThatIsNotHere) {
  UdpOptions options;
  options.listens = {listen_on("192.0.2.77:2055")};
  const auto receivers = UdpReceiver::open(options);
  ASSERT_FALSE(receivers);
  EXPECT_THAT(receivers.error().text, HasSubstr("192.0.2.77:2055"));
  EXPECT_THAT(receivers.error().text, HasSubstr("no address"));
}

void expect_group(const std::string& group, unsigned workers) {
  UdpOptions options;
  options.listens = {listen_on(group + ":0")};
  options.receive_buffer = 1 << 20;
  auto receivers = UdpReceiver::open(options, workers);
  if (!receivers) GTEST_SKIP() << receivers.error().text;
  auto sender = UdpSender::open(*Address::parse_target(group + ":" + std::to_string(port(*receivers->front()))));
  if (!sender) GTEST_SKIP() << sender.error().text;
  send(**sender, "group");
  std::size_t received = 0;
  for (auto& receiver : *receivers) {
    const auto batch = receiver->receive(50 * millisecond);
    ASSERT_TRUE(batch);
    received += batch->datagrams.size();
  }
  EXPECT_EQ(received, 1u);
}

TEST(Udp, SendsFromTheAddressAskedFor) {
  auto receiver = open("127.0.0.1:0");
  const auto target = *Address::parse_target("127.0.0.1:" + std::to_string(port(*receiver)));
  auto sender = UdpSender::open(target, 1 << 20, Ip::v4(0x7f000105));
  ASSERT_TRUE(sender) << sender.error().text;
  send(**sender, "hello");
  const auto batch = receiver->receive(second);
  ASSERT_EQ(batch->datagrams.size(), 1u);
  EXPECT_EQ(batch->datagrams[0].from, (*sender)->local());
  EXPECT_EQ((*sender)->local().ip.to_string(), "127.0.1.5");
  const auto foreign = UdpSender::open(target, 1 << 20, Ip::v4(0xc0000201));
  ASSERT_FALSE(foreign);
  EXPECT_THAT(foreign.error().text, testing::StartsWith("cannot send from 192.0.2.1: "));
}

TEST(Udp, JoinsAnIpv4Group) { expect_group("239.255.77.1%lo", 1); }
TEST(Udp, EveryGroupDatagramHasOneWorker) { expect_group("239.255.77.1%lo", 3); }

TEST(Udp, JoinsAnIpv6Group) {
  UdpOptions options;
  options.listens = {listen_on("[ff01::77%lo]:0")};
  auto receivers = UdpReceiver::open(options);
  if (!receivers) GTEST_SKIP() << receivers.error().text;
  const auto target = "[ff01::77%lo]:" + std::to_string(port(*receivers->front()));
  auto sender = UdpSender::open(*Address::parse_target(target));
  if (!sender) GTEST_SKIP() << sender.error().text;
  send(**sender, "group");
  EXPECT_EQ(receivers->front()->receive(second)->datagrams.size(), 1u);
}

TEST(Mirror, RepeatsToEveryTarget) {
  auto first = open("127.0.0.1:0");
  auto second_target = open("127.0.0.2:0");
  auto mirror = Mirror::open({*Address::parse_target("127.0.0.1:" + std::to_string(port(*first))),
                              *Address::parse_target("127.0.0.2:" + std::to_string(port(*second_target)))});
  ASSERT_TRUE(mirror) << mirror.error().text;
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) texts.push_back(std::to_string(i));
  std::vector<Datagram> datagrams;
  for (const auto& text : texts) datagrams.push_back({0, {}, {}, bytes(text)});
  mirror->send(datagrams);
  for (auto* receiver : {first.get(), second_target.get()}) {
    std::vector<std::string> got;
    while (true) {
      const auto batch = receiver->receive(0);
      if (batch->datagrams.empty()) break;
      for (const Datagram& datagram : batch->datagrams) got.push_back(text_of(datagram));
    }
    EXPECT_EQ(got, texts);
  }
  EXPECT_EQ(mirror->counters()[0].counters.sent, 200u);
  EXPECT_EQ(mirror->counters()[1].counters.refused, 0u);
}

TEST(Mirror, CountsWhatCannotBeSent) {
  const std::string gone = "127.0.0.1:" + std::to_string(port(*open("127.0.0.1:0")));
  auto mirror = Mirror::open({*Address::parse_target(gone)});
  ASSERT_TRUE(mirror);
  const std::string good(10, 'x');
  const std::string too_long(65520, 'x');
  const std::vector<Datagram> datagrams{
      {0, {}, {}, bytes(good)}, {0, {}, {}, bytes(too_long)}, {0, {}, {}, bytes(good)}};
  mirror->send(datagrams);
  const auto counters = mirror->counters()[0].counters;
  EXPECT_EQ(counters.refused, 1u);
  EXPECT_EQ(counters.sent, 2u);
  EXPECT_GE(counters.unreachable, 1u);
}

}  // namespace
}  // namespace flowspan::source
