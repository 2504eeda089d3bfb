// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/datagram.hpp"
#include "base/result.hpp"
#include "source/packet.hpp"

namespace flowspan::source {

/// The UDP datagrams of a pcap or pcapng file (libpcap). IP fragments are put together; what is no whole UDP
/// datagram is
/// counted by reason. A file that breaks off or is damaged gives its whole packets, then ends with a warning.
class CaptureFile final : public DatagramReader {
 public:
  /// "-" is standard input. The error names the file: unreadable, no capture, compressed, unsupported link type.
  static Result<std::unique_ptr<CaptureFile>> open(const std::filesystem::path& path);
  ~CaptureFile() override;

  Result<bool> next(Datagram& datagram) override;

  const PacketCounters& counters() const { return decoder_.counters(); }
  /// Why the file ended early, or empty. One sentence that names the file and the place.
  const std::string& warning() const { return warning_; }
  struct Progress {
    std::uint64_t read = 0;  ///< bytes
    std::uint64_t size = 0;  ///< bytes; 0 when unknown (a pipe)
  };
  Progress progress() const;

 private:
  struct Handle;
  CaptureFile(std::filesystem::path path, std::unique_ptr<Handle> handle, LinkType link);
  Result<bool> end(int code);

  std::filesystem::path path_;
  std::unique_ptr<Handle> handle_;
  PacketDecoder decoder_;
  std::string warning_;
  bool ended_ = false;
};

}  // namespace flowspan::source
