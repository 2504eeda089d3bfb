// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/datagram.hpp"
#include "base/file.hpp"
#include "base/result.hpp"

namespace flowspan::simulate {

/// Writes datagrams into a pcap file: Ethernet frames, times in nanoseconds, the same bytes for the same datagrams.
class CaptureWriter {
 public:
  static Result<CaptureWriter> create(const std::filesystem::path& path);
  /// Only IPv4 endpoints. The datagram's `received` is the time of the frame.
  Status add(const Datagram& datagram);
  /// Writes what is still in memory.
  Status finish();

 private:
  CaptureWriter(std::filesystem::path path, FileDescriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  static constexpr std::size_t block = 1 << 20;  // bytes in memory

  std::filesystem::path path_;
  FileDescriptor fd_;
  std::vector<std::byte> bytes_;
  std::uint16_t identification_ = 0;
};

}  // namespace flowspan::simulate
