// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/datagram.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "source/address.hpp"
#include "source/allow_list.hpp"
#include "source/receive_batch.hpp"
#include "source/receive_pacing.hpp"
#include "source/udp_socket.hpp"

namespace flowspan::source {

struct UdpOptions {
  std::vector<Address> listens;
  std::uint64_t receive_buffer = 64ull << 20;  ///< bytes asked for each socket (SO_RCVBUF, socket(7))
  AllowList allowed;                           ///< datagrams of other senders are dropped and counted
};

/// What a socket has met since it was opened. Written by the receiving thread, read by any.
struct UdpCounters {
  std::uint64_t datagrams = 0;     ///< received, without the refused
  std::uint64_t bytes = 0;         ///< their payload
  std::uint64_t refused = 0;       ///< from senders that the allow list does not name
  std::uint64_t kernel_drops = 0;  ///< dropped by the kernel for want of buffer, or for a bad checksum (SO_RXQ_OVFL)
  std::uint64_t errors = 0;        ///< recvmmsg(2) failed, e.g. ECONNREFUSED
  std::uint64_t batches = 0;       ///< recvmmsg(2) calls that returned datagrams
};

/// The datagrams of one recvmmsg(2) on one socket.
struct ReceivedBatch {
  std::span<const Datagram> datagrams;  ///< borrowed until the next receive(); empty: nothing came
  std::size_t socket = 0;               ///< index into sockets()
  std::uint64_t kernel_drops = 0;       ///< of this socket up to this batch; never falls
};

/// The UDP sockets of one worker. receive() belongs to one thread; stop(), counters() and set_allowed() to any.
class UdpReceiver {
 public:
  /// Opens every listen for each of `workers` workers; with more than one, senders are steered by source address (see
  /// steering.hpp) and element i of the result is worker i. An error is one sentence that names HOST:PORT and, if it
  /// can be found, the process that holds the port.
  static Result<std::vector<std::unique_ptr<UdpReceiver>>> open(const UdpOptions& options, unsigned workers = 1);
  ~UdpReceiver();

  /// Waits for datagrams, at most `at_most` nanoseconds (negative: for ever), and returns one batch of one socket.
  /// Empty
  /// when the time is over or stop() was called. It paces itself: while datagrams flow it sleeps a few milliseconds
  /// before it reads, so that batches are full. receive(0) does not wait: to drain the sockets at the end.
  /// An error is final (the sockets are gone).
  Result<ReceivedBatch> receive(Duration at_most = -1);

  /// Makes receive() return within milliseconds, now and ever after (it no longer waits). Async-signal-safe.
  void stop();

  const std::vector<UdpSocketInfo>& sockets() const { return infos_; }
  /// In the order of sockets().
  std::vector<UdpCounters> counters() const;
  void set_allowed(AllowList allowed);

 private:
  struct Socket;
  UdpReceiver(unsigned worker, unsigned workers);
  Status start();
  /// The next batch of this round; empty when every socket has been read empty.
  Result<ReceivedBatch> read_round();
  Result<ReceivedBatch> read(std::size_t index);
  void begin_round();
  /// Blocks until a socket is readable, stop() is called or `at_most` is over; false: there is nothing to read.
  Result<bool> wait(Duration at_most);
  std::span<const Datagram> admit(Socket& socket, std::span<Datagram> datagrams);
  void take_allowed();

  const unsigned worker_;
  const unsigned workers_;
  std::vector<std::unique_ptr<Socket>> sockets_;
  std::vector<UdpSocketInfo> infos_;
  FileDescriptor wake_;
  std::atomic<bool> stopped_{false};
  ReceiveBatch batch_;
  ReceivePacing pacing_;
  std::size_t next_ = 0;        ///< socket to be read next in this pass
  unsigned passes_ = 0;         ///< over all sockets in this round, since something was returned
  bool in_round_ = false;       ///< sockets may still hold datagrams
  bool pass_was_full_ = false;  ///< a socket of this pass filled a whole batch: another pass follows
  bool flowing_ = false;        ///< the last round found datagrams
  AllowList allowed_;
  std::atomic<bool> allowed_changed_{false};
  mutable std::mutex mutex_;
  AllowList next_allowed_;  ///< guarded by mutex_
};

}  // namespace flowspan::source
