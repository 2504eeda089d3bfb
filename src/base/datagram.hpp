// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/ip.hpp"
#include "base/time.hpp"

namespace flowspan {

/// One datagram as it was received. The payload is borrowed: it lives until its giver is asked for the next one.
struct Datagram {
  Time received = 0;  ///< the kernel's receive time stamp, or the capture's
  Endpoint from;      ///< the exporter
  Endpoint to;        ///< where it was received
  Bytes payload;      ///< the UDP payload
};

/// A place in the journal of one writer: `offset` bytes into its file number `file`. Ordered.
struct Position {
  std::uint32_t file = 0;
  std::uint64_t offset = 0;
  friend constexpr auto operator<=>(const Position&, const Position&) = default;
};

/// Datagrams out of something: a capture file, a range of the journal.
class DatagramReader {
 public:
  DatagramReader() = default;
  DatagramReader(const DatagramReader&) = delete;
  DatagramReader& operator=(const DatagramReader&) = delete;
  virtual ~DatagramReader() = default;
  /// False at the end. An error is final; damage that can be skipped is counted by the reader, not returned.
  virtual Result<bool> next(Datagram& datagram) = 0;
};

}  // namespace flowspan
