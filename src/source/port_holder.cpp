// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/port_holder.hpp"

#include <unistd.h>

#include <bit>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace flowspan::source {
namespace {

namespace fs = std::filesystem;

struct Line {
  bool any = false;
  Ip ip;
  unsigned uid = 0;
  std::string inode;
};

template <typename T>
bool number(std::string_view text, T& value, int base) {
  return std::from_chars(text.data(), text.data() + text.size(), value, base).ec == std::errc{};
}

// "0100007F" or 32 hex digits: 32-bit words of the address as this machine keeps them.
std::optional<Ip> address(std::string_view hex) {
  std::uint32_t words[4] = {};
  const std::size_t count = hex.size() / 8;
  if (count != 1 && count != 4) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    if (!number(hex.substr(i * 8, 8), words[i], 16)) return std::nullopt;
    if constexpr (std::endian::native == std::endian::little) words[i] = __builtin_bswap32(words[i]);
  }
  if (count == 1) return Ip::v4(words[0]);
  return Ip{std::uint64_t{words[0]} << 32 | words[1], std::uint64_t{words[2]} << 32 | words[3]};
}

std::vector<Line> sockets_on(std::uint16_t port) {
  std::vector<Line> lines;
  for (const char* file : {"/proc/net/udp", "/proc/net/udp6"}) {
    std::ifstream in(file);
    std::string text;
    std::getline(in, text);  // the heading
    while (std::getline(in, text)) {
      std::istringstream fields(text);
      std::string slot, local, remote, state, queues, timer, retransmits, timeout;
      Line line;
      fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> line.uid >> timeout >> line.inode;
      const auto colon = local.find(':');
      unsigned found = 0;
      if (!fields || colon == std::string::npos || !number(std::string_view(local).substr(colon + 1), found, 16))
        continue;
      const auto ip = address(std::string_view(local).substr(0, colon));
      if (found != port || !ip) continue;
      line.ip = *ip;
      line.any = *ip == Ip{} || *ip == Ip::v4(0);
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

// The process that has the socket with this inode open, as far as we may look.
std::optional<std::string> process_with(const std::string& inode) {
  const std::string wanted = "socket:[" + inode + "]";
  std::error_code ignored;
  for (fs::directory_iterator process("/proc", ignored), end; process != end; process.increment(ignored)) {
    const std::string pid = process->path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code unreadable;
    for (fs::directory_iterator file(process->path() / "fd", unreadable); file != end; file.increment(unreadable)) {
      std::error_code gone;
      if (fs::read_symlink(file->path(), gone) == wanted) return pid;
      if (unreadable) break;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<PortHolder> find_port_holder(const Endpoint& local, bool any) {
  for (const Line& line : sockets_on(local.port)) {
    if (!any && !line.any && line.ip != local.ip) continue;
    const auto pid = process_with(line.inode);
    if (!pid) return PortHolder{"a process of user " + std::to_string(line.uid), false};
    std::string name;
    std::ifstream comm("/proc/" + *pid + "/comm");
    std::getline(comm, name);
    return PortHolder{"process " + *pid + (name.empty() ? "" : " (" + name + ")"), *pid == std::to_string(getpid())};
  }
  return std::nullopt;
}

}  // namespace flowspan::source
