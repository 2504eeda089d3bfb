// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/out_stream.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace flowspan {
namespace {

struct Listener {
  Listener() {
    fd = FileDescriptor(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd.fd(), 5), 0);
    socklen_t length = sizeof address;
    ::getsockname(fd.fd(), reinterpret_cast<sockaddr*>(&address), &length);
    endpoint = {Ip::v4(0x7f000001), ntohs(address.sin_port)};
  }
  FileDescriptor accept() const { return FileDescriptor(::accept(fd.fd(), nullptr, nullptr)); }

  FileDescriptor fd;
  Endpoint endpoint;
};

std::size_t write(OutStream& stream, std::string_view text) {
  for (int i = 0; i < 50; ++i)
    if (const auto out = stream.write(text, 200 * millisecond); out && *out > 0) return *out;
  return 0;
}

std::string read(const FileDescriptor& fd, std::size_t size) {
  std::string text(size, '\0');
  EXPECT_EQ(::recv(fd.fd(), text.data(), size, MSG_WAITALL), static_cast<ssize_t>(size));
  return text;
}

TEST(OutStream, OnlyWholeLinesAreOutOverTcp) {
  Listener listener;
  const auto stream = tcp_stream(listener.endpoint, "tcp test");
  EXPECT_EQ(write(*stream, "one\ntw"), 4u);
  const FileDescriptor first = listener.accept();
  EXPECT_EQ(read(first, 6), "one\ntw");
  EXPECT_EQ(write(*stream, "two\n"), 4u) << "the rest of the line, on the same connection";
  EXPECT_EQ(read(first, 2), "o\n");
}

TEST(OutStream, ANewConnectionBeginsWithALine) {
  Listener listener;
  const auto stream = tcp_stream(listener.endpoint, "tcp test");
  EXPECT_EQ(write(*stream, "one\ntw"), 4u);
  {
    const FileDescriptor first = listener.accept();
    EXPECT_EQ(read(first, 6), "one\ntw");
    const linger at_once{1, 0};
    ::setsockopt(first.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }  // reset
  EXPECT_EQ(write(*stream, "two\n"), 4u);
  const FileDescriptor second = listener.accept();
  EXPECT_EQ(read(second, 4), "two\n");
}

TEST(OutStream, APeerThatIsAwayIsAnErrorThatPasses) {
  Endpoint nowhere;
  { nowhere = Listener().endpoint; }
  const auto stream = tcp_stream(nowhere, "tcp test");
  const auto failed = stream->write("one\n", 100 * millisecond);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().text.find("cannot reach tcp test"), std::string::npos);
  EXPECT_FALSE(stream->ended());
}

TEST(OutStream, AFullPipeTakesWhatItCanAndAClosedOneEnds) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const std::string path = "/proc/self/fd/" + std::to_string(ends[1]);
  auto stream = append_to(path);
  ASSERT_TRUE(stream) << stream.error().text;
  ::close(ends[1]);
  const std::string much(1 << 20, 'x');
  const auto some = (*stream)->write(much, 50 * millisecond);
  ASSERT_TRUE(some);
  EXPECT_GT(*some, 0u);
  EXPECT_LT(*some, much.size());
  EXPECT_EQ((*stream)->write(much, 50 * millisecond).value(), 0u);
  ::close(ends[0]);
  EXPECT_FALSE((*stream)->write(much, 50 * millisecond));
  EXPECT_TRUE((*stream)->ended());
}

TEST(OutStream, AFileIsAppendedTo) {
  std::string name = (std::filesystem::temp_directory_path() / "flowspan-XXXXXX").string();
  ::close(::mkstemp(name.data()));
  for (const std::string_view text : {"one\n", "two\n"}) EXPECT_EQ((*append_to(name))->write(text, second).value(), 4u);
  std::string all;
  std::ifstream in(name);
  std::getline(in, all, '\0');
  EXPECT_EQ(all, "one\ntwo\n");
  std::filesystem::remove(name);
}

}  // namespace
}  // namespace flowspan
