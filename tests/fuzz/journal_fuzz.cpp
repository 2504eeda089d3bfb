// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// The input is a journal file's content. It appears piece by piece under a follower's eyes; then another file follows,
// so that the first is known to be complete. However it was cut into pieces, and from whichever position reading went
// on, the same datagrams and the same damage must come out.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "journal/follow.hpp"
#include "journal/names.hpp"

namespace {

using namespace flowspan;
using journal::Follower;
using journal::FollowStats;

struct Folder {
  Folder() {
    std::string name =
        std::string(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") + "/flowspan-journal-fuzz-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path, error);
  }
  std::filesystem::path path;
};

void require(bool condition) {
  if (!condition) std::abort();
}

std::unique_ptr<Follower> follow(const std::filesystem::path& folder, Position from) {
  auto follower = Follower::open(folder, 0, from);
  require(follower.has_value());
  return std::move(*follower);
}

void add(FollowStats& sum, const FollowStats& more) {
  sum.datagrams += more.datagrams;
  sum.damaged_blocks += more.damaged_blocks;
  sum.skipped_bytes += more.skipped_bytes;
  sum.other_packets += more.other_packets;
  sum.other_blocks += more.other_blocks;
  sum.kernel_drops += more.kernel_drops;
  sum.ring_drops += more.ring_drops;
}

bool same(const FollowStats& a, const FollowStats& b) {
  return a.datagrams == b.datagrams && a.damaged_blocks == b.damaged_blocks && a.skipped_bytes == b.skipped_bytes &&
         a.other_packets == b.other_packets && a.other_blocks == b.other_blocks && a.kernel_drops == b.kernel_drops &&
         a.ring_drops == b.ring_drops;
}

// Reads all there is for now into a sum that tells one run of datagrams from another.
std::uint64_t read_all(Follower& follower, std::uint64_t sum) {
  Position before = follower.position();
  Datagram datagram;
  while (true) {
    const auto got = follower.next(datagram);
    require(got.has_value());
    const Position now = follower.position();
    require(before <= now);
    if (!*got) return sum;
    require(before < now);
    before = now;
    for (const std::byte b : datagram.payload) sum = sum * 1099511628211u + static_cast<std::uint64_t>(b);
    sum = sum * 31 + static_cast<std::uint64_t>(datagram.received) + datagram.from.ip.lo + datagram.from.port +
          datagram.to.ip.lo + datagram.to.port;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  const auto file = folder.path / journal::JournalName{0, 1}.to_string();
  const auto next = folder.path / journal::JournalName{0, 2}.to_string();
  std::filesystem::remove(next);
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  require(fd >= 0);

  const std::size_t pieces = size == 0 ? 1 : 1 + data[size - 1] % 7u;
  const auto growing = follow(folder.path, {});
  auto stepping = follow(folder.path, {1, 0});  // made anew at each position
  FollowStats steps;
  std::uint64_t grown = 0;
  std::uint64_t stepped = 0;
  for (std::size_t piece = 0, at = 0; piece < pieces; ++piece) {
    const std::size_t end = piece + 1 == pieces ? size : size * (piece + 1) / pieces;
    require(::write(fd, data + at, end - at) == static_cast<ssize_t>(end - at));
    at = end;
    grown = read_all(*growing, grown);
    stepped = read_all(*stepping, stepped);
    add(steps, stepping->stats());
    stepping = follow(folder.path, stepping->position());
  }
  ::close(fd);
  const int other = ::open(next.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
  require(other >= 0);
  ::close(other);
  grown = read_all(*growing, grown);
  stepped = read_all(*stepping, stepped);
  add(steps, stepping->stats());

  const auto whole = follow(folder.path, {1, 0});
  require(read_all(*whole, 0) == grown);
  require(same(whole->stats(), growing->stats()));
  require(whole->position() == growing->position());
  require(stepped == grown);
  require(same(whole->stats(), steps));
  require(whole->stats().skipped_bytes <= size);
  return 0;
}
