// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.hpp"
#include "base/ip.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace flowspan {

/// Lines that leave the program one after the other: into a pipe, onto a file's end, to a TCP peer. One thread.
class OutStream {
 public:
  OutStream() = default;
  OutStream(const OutStream&) = delete;
  OutStream& operator=(const OutStream&) = delete;
  virtual ~OutStream() = default;

  /// Writes as much of `bytes` as goes within `at_most`, and returns how many of them are out of our hands for good: they
  /// need not be kept. `bytes` begins behind those. An error may pass (the disk is full, the peer is away); what was not
  /// told to be out is to be given again.
  virtual Result<std::size_t> write(std::string_view bytes, Duration at_most) = 0;
  /// The reader has closed its end, or the like: nothing can ever be written again.
  virtual bool ended() const { return false; }
  /// What is written to, for messages: "standard output", a path, "tcp 192.0.2.1:9000".
  virtual const std::string& name() const = 0;
};

/// Standard output, which may be a pipe, a terminal or a file.
std::unique_ptr<OutStream> standard_output();
/// The end of a file, which is made when it is not there. A named pipe must have a reader already.
Result<std::unique_ptr<OutStream>> append_to(const std::filesystem::path& path);
/// A TCP peer. Connects when it is first written to, and again, at most once a second, whenever the connection broke.
/// Lines are out when the peer's kernel has acknowledged them.
std::unique_ptr<OutStream> tcp_stream(const Endpoint& peer, const std::string& name);

}  // namespace flowspan
