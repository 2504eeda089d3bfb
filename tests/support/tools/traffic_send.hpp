// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Datagrams to one or several collectors, or into a capture file.

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <span>
#include <string>
#include <vector>

#include "traffic_wire.hpp"

namespace traffic {

[[noreturn]] inline void die(const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, text.c_str());
  std::exit(1);
}

struct Payload {
  std::array<std::byte, max_datagram> bytes;
  std::size_t size = 0;
};

struct Target {
  sockaddr_storage address{};
  socklen_t length = 0;
};

inline Target parse_target(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) die(text + ": write HOST:PORT");
  auto host = text.substr(0, colon);
  if (host.size() > 1 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_DGRAM;
  if (const int code = getaddrinfo(host.c_str(), text.substr(colon + 1).c_str(), &hints, &found); code != 0)
    die(text + ": " + gai_strerror(code));
  Target target;
  std::memcpy(&target.address, found->ai_addr, found->ai_addrlen);
  target.length = found->ai_addrlen;
  freeaddrinfo(found);
  return target;
}

/// Sends each exporter's datagrams to every target from the exporter's own address (IPv4 loopback: 127.0.x.y) or port.
class Sender {
 public:
  static constexpr std::size_t most = 64;

  Sender(const std::vector<std::string>& targets, unsigned exporters) : targets_(targets.size()) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    for (unsigned exporter = 0; exporter < exporters; ++exporter)
      for (const auto& target : targets) sockets_.push_back(open(parse_target(target), exporter));
  }

  void send(unsigned exporter, std::span<Payload> payloads) {
    std::array<iovec, most> parts;
    std::array<mmsghdr, most> headers{};
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      parts[i] = {payloads[i].bytes.data(), payloads[i].size};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    for (std::size_t target = 0; target < targets_; ++target)
      send_all(sockets_[exporter * targets_ + target], std::span(headers).first(payloads.size()));
  }

  /// What the kernel did not take, and "connection refused" told of earlier datagrams.
  std::uint64_t refused() const { return refused_; }

 private:
  static int open(const Target& target, unsigned exporter) {
    const int fd = socket(target.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die(std::string("socket: ") + std::strerror(errno));
    const int buffer = 8 << 20;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
    const auto* address = reinterpret_cast<const sockaddr_in*>(&target.address);
    if (target.address.ss_family == AF_INET && ntohl(address->sin_addr.s_addr) >> 24 == 127) {
      sockaddr_in source{};
      source.sin_family = AF_INET;
      source.sin_addr.s_addr = htonl(0x7F000100u + (exporter / 250 << 8) + 1 + exporter % 250);
      if (bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof(source)) != 0)
        die(std::string("bind: ") + std::strerror(errno));
    }
    if (connect(fd, reinterpret_cast<const sockaddr*>(&target.address), target.length) != 0)
      die(std::string("connect: ") + std::strerror(errno));
    return fd;
  }

  void send_all(int fd, std::span<mmsghdr> headers) {
    int attempts = 0;
    while (!headers.empty()) {
      const int sent = sendmmsg(fd, headers.data(), static_cast<unsigned>(headers.size()), 0);
      if (sent > 0) {
        headers = headers.subspan(static_cast<std::size_t>(sent));
        attempts = 0;
        continue;
      }
      if (errno == EINTR) continue;
      if (errno != ECONNREFUSED && errno != ENOBUFS) die(std::string("sendmmsg: ") + std::strerror(errno));
      ++refused_;  // an error about an earlier datagram: this one is still to be sent
      if (++attempts > 8) headers = headers.subspan(1), attempts = 0;
    }
  }

  std::size_t targets_;
  std::vector<int> sockets_;  // of an exporter side by side
  std::uint64_t refused_ = 0;
};

/// A capture with Ethernet frames, times in microseconds.
class Capture {
 public:
  explicit Capture(const std::string& path) : file_(path == "-" ? stdout : std::fopen(path.c_str(), "wb")) {
    if (file_ == nullptr) die(path + ": " + std::strerror(errno));
    std::setvbuf(file_, nullptr, _IOFBF, 1 << 20);
    const std::array<std::uint32_t, 6> head{0xA1B2C3D4, 2 | 4 << 16, 0, 0, 65535, 1};
    write(head.data(), sizeof(head));
  }
  ~Capture() { close(); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  void add(unsigned exporter, std::uint64_t clock_us, const Payload& payload, std::uint16_t port) {
    std::array<std::byte, 42> head{};
    std::byte* out = put16(put32(put32(put32(head.data(), 0x02000000), 0x00010200), 0x00000002), 0x0800);
    const auto size = static_cast<std::uint16_t>(payload.size);
    std::byte* const ip = out;
    out = put16(put16(out, 0x4500), static_cast<std::uint16_t>(size + 28));
    out = put32(put16(put16(out, ++id_), 0x4000), 0x40110000);
    out = put32(put32(out, 0x0A630001 + exporter), 0x0A63FF01);
    put16(ip + 10, checksum(ip));
    put16(put16(put16(put16(out, 40000), port), static_cast<std::uint16_t>(size + 8)), 0);
    const auto length = static_cast<std::uint32_t>(head.size() + payload.size);
    const std::array<std::uint32_t, 4> record{static_cast<std::uint32_t>(clock_us / 1'000'000),
                                              static_cast<std::uint32_t>(clock_us % 1'000'000), length, length};
    write(record.data(), sizeof(record));
    write(head.data(), head.size());
    write(payload.bytes.data(), payload.size);
  }
  void close() {
    if (file_ != nullptr && std::fclose(file_) != 0) die(std::string("capture: ") + std::strerror(errno));
    file_ = nullptr;
  }

 private:
  static std::uint16_t checksum(const std::byte* ip) {
    std::uint32_t sum = 0;
    for (int i = 0; i < 20; i += 2)
      sum += static_cast<std::uint32_t>(std::to_integer<unsigned>(ip[i]) << 8 | std::to_integer<unsigned>(ip[i + 1]));
    while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
  }
  void write(const void* data, std::size_t size) {
    if (std::fwrite(data, 1, size, file_) != size) die(std::string("capture: ") + std::strerror(errno));
  }
  std::FILE* file_;
  std::uint16_t id_ = 0;
};

/// Times of a schedule that does not slip: what comes late is followed at once by what is due.
class Schedule {
 public:
  Schedule() : start_(now_ns()) { prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL); }
  void wait_until(double seconds) {
    const auto due = start_ + static_cast<std::int64_t>(seconds * 1e9);
    const auto now = now_ns();
    if (now >= due) {
      latest_ = std::max(latest_, now - due);
      return;
    }
    const timespec time{due / 1'000'000'000, due % 1'000'000'000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == EINTR && !interrupted) {
    }
  }
  double elapsed() const { return static_cast<double>(now_ns() - start_) / 1e9; }
  /// The most that anything was late.
  double late_ms() const { return static_cast<double>(latest_) / 1e6; }
  static inline volatile int interrupted = 0;

 private:
  static std::int64_t now_ns() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
  }
  std::int64_t start_;
  std::int64_t latest_ = 0;
};

inline std::uint64_t wall_us() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_nsec) / 1000;
}

}  // namespace traffic
