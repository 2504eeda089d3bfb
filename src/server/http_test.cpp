// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "server/http.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cstring>
#include <string>

namespace flowspan::server {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr int long_enough = 20'000;  // ms

ListenAddress here(const Ip& ip = Ip::v4(0x7f000001), std::uint16_t port = 0) {
  return {false, {ip, port}, 0, "here:" + std::to_string(port)};
}

/// What a client sends and gets.
class Client {
 public:
  explicit Client(const Endpoint& server) : fd_(socket(server.ip.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM, 0)) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(server.port);
    v4.sin_addr.s_addr = htonl(0x7f000001);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(server.port);
    v6.sin6_addr.s6_addr[15] = 1;
    const int done = server.ip.is_v4() ? connect(fd_.fd(), reinterpret_cast<const sockaddr*>(&v4), sizeof v4)
                                       : connect(fd_.fd(), reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
    EXPECT_EQ(done, 0) << std::strerror(errno);
  }

  Client& say(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = send(fd_.fd(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }
  /// All up to the end of the connection; "(silent)" at the end when it does not end.
  std::string hear(int at_most = long_enough) {
    std::string all;
    for (char buffer[4096];;) {
      pollfd one{fd_.fd(), POLLIN, 0};
      if (poll(&one, 1, at_most) <= 0) return all + "(silent)";
      const ssize_t count = recv(fd_.fd(), buffer, sizeof buffer, 0);
      if (count <= 0) return all;
      all.append(buffer, static_cast<std::size_t>(count));
    }
  }

 private:
  FileDescriptor fd_;
};

class HttpTest : public testing::Test {
 protected:
  void serve(const HttpLimits& limits = {}, const Ip& ip = Ip::v4(0x7f000001)) {
    auto opened = HttpServer::open(here(ip),
                                   {{"/metrics",
                                     [this] {
                                       return Answer{200, body_, "text/x"};
                                     }},
                                    {"/readyz",
                                     [] {
                                       return Answer{503, "not yet\n"};
                                     }},
                                    {"/fails", []() -> Answer { throw std::runtime_error("inside"); }}},
                                   limits);
    ASSERT_TRUE(opened) << opened.error().text;
    server_ = std::move(*opened);
    server_->start();
  }
  std::string ask(std::string_view request) { return Client(server_->local()).say(request).hear(); }

  std::string body_ = "hello\n";
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpTest, AnswersItsRoutes) {
  serve();
  const std::string answer = ask("GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 6\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/x\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello\n"));
  EXPECT_THAT(ask("GET /readyz HTTP/1.1\r\n\r\n"), testing::AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("not yet\n")));
  EXPECT_THAT(ask("GET /metrics?x=%00 HTTP/1.0\r\n\r\n"), EndsWith("hello\n"));
  EXPECT_THAT(ask("GET /metrics HTTP/1.1\n\n"), EndsWith("hello\n"));
}

TEST_F(HttpTest, HeadHasNoBody) {
  serve();
  const std::string answer = ask("HEAD /metrics HTTP/1.1\r\n\r\n");
  EXPECT_THAT(answer, testing::AllOf(HasSubstr("Content-Length: 6\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(HttpTest, SaysWhatItDoesNotDo) {
  serve();
  EXPECT_THAT(ask("GET /metrics/ HTTP/1.1\r\n\r\n"),
              testing::AllOf(StartsWith("HTTP/1.1 404 "), EndsWith("there are /metrics /readyz /fails\n")));
  EXPECT_THAT(ask("POST /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(ask("GET /fails HTTP/1.1\r\n\r\n"),
              testing::AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("inside"))));
}

TEST_F(HttpTest, SurvivesWhatIsNoRequest) {
  serve();
  for (const std::string text : {"\r\n\r\n", "\n\n", "nonsense\r\n\r\n", "GET /metrics\r\n\r\n",
                                 "GET  HTTP/1.1\r\n\r\n", "GET /metrics HTTP/9.9\r\n\r\n", "\x16\x03\x01\r\n\r\n"})
    EXPECT_THAT(ask(text), StartsWith("HTTP/1.1 4")) << text;
  EXPECT_THAT(ask(std::string("G\0T /\0 HTTP/1.1\r\n\r\n", 19)), StartsWith("HTTP/1.1 4"));
  EXPECT_THAT(ask("GET /metrics HTTP/1.1\r\n\r\n"), EndsWith("hello\n"));
}

TEST_F(HttpTest, ARangeIsNotLookedAt) {
  serve();
  std::string request = "GET /metrics HTTP/1.1\r\nRange: bytes=";
  for (int i = 0; i < 500; ++i) request += "0-,";
  EXPECT_THAT(ask(request + "0-\r\n\r\n"), testing::AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nhello\n")));
}

TEST_F(HttpTest, ARequestThatIsTooLongIsRefused) {
  serve();
  EXPECT_THAT(ask("GET /metrics HTTP/1.1\r\nX: " + std::string(1 << 20, 'x')), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask("GET /" + std::string(8100, 'x') + " HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(HttpTest, ALongAnswerComesWhole) {
  body_ = std::string(8 << 20, 'b');
  serve();
  EXPECT_THAT(ask("GET /metrics HTTP/1.1\r\n\r\n").size(), testing::Gt(body_.size()));
}

TEST_F(HttpTest, SilentConnectionsKeepNobodyWaitingAndAreCut) {
  serve({4, 8192, second});
  std::vector<std::unique_ptr<Client>> silent;
  for (int i = 0; i < 50; ++i) {
    silent.push_back(std::make_unique<Client>(server_->local()));
    if (i % 2 == 0) silent.back()->say("GET /met");
    if (i % 10 == 9) {
      EXPECT_THAT(ask("GET /metrics HTTP/1.1\r\n\r\n"), EndsWith("hello\n"));
    }
  }
  for (const auto& client : silent) EXPECT_EQ(client->hear(), "");
}

TEST_F(HttpTest, AConnectionThatOnlyDripsIsCutInTime) {
  serve({4, 8192, second});
  Client slow(server_->local());
  const Time start = monotonic_now();
  std::string heard;
  while ((heard = slow.say("x").hear(50)) == "(silent)" && monotonic_now() - start < 20 * second) {
  }
  EXPECT_EQ(heard, "");
  EXPECT_GE(monotonic_now() - start, 900 * millisecond);
}

TEST_F(HttpTest, ListensOnIpv6) {
  serve({}, Ip{0, 1});
  EXPECT_THAT(ask("GET /metrics HTTP/1.1\r\n\r\n"), EndsWith("hello\n"));
}

TEST_F(HttpTest, EndsWhileSomebodyIsConnected) {
  serve();
  Client client(server_->local());
  server_.reset();
  EXPECT_EQ(client.hear(), "");
}

TEST(Listen, SaysThatAPortIsTaken) {
  const auto first = open_listener(here());
  ASSERT_TRUE(first) << first.error().text;
  const auto second_one = open_listener(here(Ip::v4(0x7f000001), first->local.port));
  ASSERT_FALSE(second_one);
  EXPECT_EQ(second_one.error().kind, ErrorKind::busy);
  EXPECT_THAT(second_one.error().text, StartsWith("cannot listen on TCP here:"));
  EXPECT_THAT(second_one.error().text, HasSubstr("the port is taken ('ss -ltnp' shows by whom)"));
}

TEST(Listen, SaysThatAnAddressIsNotOurs) {
  const auto opened = open_listener(here(Ip::v4(0xc0000207)));
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, HasSubstr("this machine has no address 192.0.2.7"));
}

TEST(Listen, AnyIsBothFamilies) {
  const auto opened = open_listener({true, {}, 0, ":0"});
  ASSERT_TRUE(opened) << opened.error().text;
  Client v4({Ip::v4(0x7f000001), opened->local.port});
  Client v6({Ip{0, 1}, opened->local.port});
}

}  // namespace
}  // namespace flowspan::server
