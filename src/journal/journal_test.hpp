// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the tests of this folder share: datagrams, files and folders made up on the spot.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "journal/follow.hpp"
#include "journal/names.hpp"
#include "journal/pcapng.hpp"

namespace flowspan::journal::testing {

using Buffer = std::vector<std::byte>;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "flowspan-journal-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A datagram that owns its payload.
struct Sample {
  Time received = 0;
  Endpoint from;
  Endpoint to;
  Buffer payload;

  Datagram datagram() const { return {received, from, to, payload}; }
};

inline Sample sample(std::uint32_t number, std::size_t size) {
  Sample made{1'700'000'000'123'456'789 + number * Time{1'000'003},
              {Ip::v4(0x0a000000 + number), static_cast<std::uint16_t>(1024 + number)},
              {Ip::v4(0xc0000201), 2055},
              Buffer(size)};
  for (std::size_t i = 0; i < size; ++i) made.payload[i] = static_cast<std::byte>(number * 7 + i * 13);
  return made;
}

inline Buffer packet_block(const Sample& made, std::uint64_t kernel_drops = 0, std::uint32_t interface = 0) {
  const Datagram datagram = made.datagram();
  Buffer out(packet_block_size(datagram, kernel_drops));
  EXPECT_EQ(write_packet_block(out.data(), datagram, interface, kernel_drops), out.size());
  return out;
}

inline Buffer header(std::vector<std::string> interfaces = {"udp [::]:2055"}) { return file_header(interfaces); }

inline Buffer operator+(Buffer a, const Buffer& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline std::filesystem::path journal_path(const std::filesystem::path& folder, std::uint32_t sequence) {
  return folder / JournalName{0, sequence}.to_string();
}

// In place, the length kept: much quicker than truncating, which ext4 answers by writing to the disk.
inline void overwrite_file(const std::filesystem::path& path, Bytes content) {
  std::fstream out(path, std::ios::binary | std::ios::in | std::ios::out);
  out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
}

inline void write_file(const std::filesystem::path& path, Bytes content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
}

inline void append_file(const std::filesystem::path& path, Bytes content) {
  std::ofstream out(path, std::ios::binary | std::ios::app);
  out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
}

inline Buffer read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const Bytes bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline std::unique_ptr<Follower> follow(const std::filesystem::path& folder, Position from = {}) {
  auto follower = Follower::open(folder, 0, from);
  if (!follower) {
    ADD_FAILURE() << follower.error().text;
    std::abort();
  }
  return std::move(*follower);
}

// Reads one datagram; nothing when there is none for now.
inline std::optional<Sample> take(Follower& follower) {
  Datagram datagram;
  const auto got = follower.next(datagram);
  if (!got) ADD_FAILURE() << got.error().text;
  if (!got || !*got) return std::nullopt;
  return Sample{datagram.received, datagram.from, datagram.to, {datagram.payload.begin(), datagram.payload.end()}};
}

inline std::vector<Sample> take_all(Follower& follower) {
  std::vector<Sample> all;
  while (auto got = take(follower)) all.push_back(std::move(*got));
  return all;
}

inline bool operator==(const Sample& a, const Sample& b) {
  return a.received == b.received && a.from == b.from && a.to == b.to && a.payload == b.payload;
}

inline void PrintTo(const Sample& made, std::ostream* out) {
  *out << made.received << ' ' << made.from.to_string() << " -> " << made.to.to_string() << ", " << made.payload.size()
       << " bytes";
}

}  // namespace flowspan::journal::testing
