// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/udp.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <limits>

#include "source/steering.hpp"

namespace flowspan::source {
namespace {

constexpr Duration idle_after = 100 * millisecond;
constexpr Duration pause_after_error = 10 * millisecond;
// A flood of refused senders gives nothing to return: the caller is to see that it should stop, all the same.
constexpr unsigned most_passes = 256;

timespec timespec_of(Duration duration) { return {duration / second, duration % second}; }

void sleep_for(Duration duration) {
  const timespec time = timespec_of(duration);
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

// Only the receiving thread writes, so no read-modify-write instruction is needed.
void add(std::atomic<std::uint64_t>& counter, std::uint64_t count) {
  counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

}  // namespace

struct UdpReceiver::Socket {
  FileDescriptor fd;
  Endpoint local;
  bool multicast = false;
  std::uint32_t last_drops = 0;
  bool failed = false;  ///< the last recvmmsg was an error
  std::atomic<std::uint64_t> datagrams{0};
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> kernel_drops{0};
  std::atomic<std::uint64_t> errors{0};
  std::atomic<std::uint64_t> batches{0};

  // The counter that comes with a datagram is as old as the datagram: it may be behind what the queue told.
  void drops(std::uint32_t value) {
    const auto more = static_cast<std::int32_t>(value - last_drops);
    if (more <= 0) return;
    last_drops = value;
    add(kernel_drops, static_cast<std::uint64_t>(more));
  }
};

UdpReceiver::UdpReceiver(unsigned worker, unsigned workers) : worker_(worker), workers_(workers) {}
UdpReceiver::~UdpReceiver() = default;

Result<std::vector<std::unique_ptr<UdpReceiver>>> UdpReceiver::open(const UdpOptions& options, unsigned workers) {
  workers = std::max(workers, 1u);
  std::vector<std::unique_ptr<UdpReceiver>> receivers;
  for (unsigned worker = 0; worker < workers; ++worker) {
    receivers.emplace_back(new UdpReceiver(worker, workers));
    receivers.back()->allowed_ = options.allowed;
  }
  for (const Address& listen : options.listens) {
    if (workers > 1)
      if (auto checked = check_port_is_free(listen); !checked) return fail(checked.error());
    Address address = listen;
    for (auto& receiver : receivers) {
      auto opened = open_udp_socket(address, options.receive_buffer, receiver->worker_, workers);
      if (!opened) return fail(opened.error());
      address.port = opened->info.local.port;  // the others share what the kernel chose for the first
      auto socket = std::make_unique<Socket>();
      socket->fd = std::move(opened->fd);
      socket->local = opened->info.local;
      socket->multicast = listen.multicast();
      receiver->sockets_.push_back(std::move(socket));
      receiver->infos_.push_back(std::move(opened->info));
    }
  }
  for (auto& receiver : receivers)
    if (auto started = receiver->start(); !started) return fail(started.error());
  return receivers;
}

Status UdpReceiver::start() {
  wake_ = FileDescriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_) return fail(system_error("cannot make an eventfd"));
  std::uint64_t smallest = std::numeric_limits<std::uint64_t>::max();
  for (const auto& info : infos_) smallest = std::min(smallest, 2 * info.granted_buffer);
  pacing_ = ReceivePacing(infos_.empty() ? 0 : smallest);
  return {};
}

void UdpReceiver::stop() {
  stopped_.store(true, std::memory_order_relaxed);
  const std::uint64_t one = 1;
  // Fails only when the eventfd is at its maximum, and then it is readable anyway.
  [[maybe_unused]] const auto written = write(wake_.fd(), &one, sizeof one);
}

Result<ReceivedBatch> UdpReceiver::receive(Duration at_most) {
  const Time deadline = at_most > 0 ? monotonic_now() + at_most : 0;
  while (true) {
    if (in_round_) {
      auto batch = read_round();
      if (!batch || !batch->datagrams.empty()) return batch;
    }
    const bool stopped = stopped_.load(std::memory_order_relaxed);
    if (at_most == 0 || stopped) {
      // Draining: one more round, that must find nothing.
      begin_round();
      return read_round();
    }
    const Duration left = at_most < 0 ? -1 : deadline - monotonic_now();
    if (at_most > 0 && left <= 0) return ReceivedBatch{};
    const auto readable = wait(left);
    if (!readable) return fail(readable.error());
    if (*readable) begin_round();
  }
}

Result<bool> UdpReceiver::wait(Duration at_most) {
  Duration pace = pacing_.sleep();
  if (at_most >= 0) pace = std::min(pace, at_most);
  if (flowing_ && pace > 0) {
    sleep_for(pace);
    return true;
  }
  for (const auto& socket : sockets_)
    if (socket->failed) sleep_for(pause_after_error);
  std::vector<pollfd> polled;
  polled.push_back({wake_.fd(), POLLIN, 0});
  for (const auto& socket : sockets_) polled.push_back({socket->fd.fd(), POLLIN, 0});
  const Time before = monotonic_now();
  const timespec timeout = timespec_of(std::max<Duration>(at_most, 0));
  const int ready = ppoll(polled.data(), polled.size(), at_most < 0 ? nullptr : &timeout, nullptr);
  if (ready < 0 && errno != EINTR) return fail(system_error("cannot wait for datagrams"));
  if (ready <= 0 || polled[0].revents != 0) return false;
  if (!flowing_) {
    if (monotonic_now() - before > idle_after) pacing_.idle();
    if (pace > 0) sleep_for(std::min(pace, pacing_.sleep()));
  }
  return true;
}

void UdpReceiver::begin_round() {
  in_round_ = true;
  flowing_ = false;
  pass_was_full_ = false;
  passes_ = 0;
  next_ = 0;
  std::uint64_t fill = 0;
  for (auto& socket : sockets_) {
    const QueueState state = queue_state(socket->fd.fd());
    socket->drops(state.drops);
    fill = std::max(fill, state.booked);
  }
  if (fill > 0) pacing_.filled(fill, monotonic_now());
  if (allowed_changed_.exchange(false, std::memory_order_acquire)) take_allowed();
}

Result<ReceivedBatch> UdpReceiver::read_round() {
  while (true) {
    while (next_ < sockets_.size()) {
      auto batch = read(next_++);
      if (!batch || !batch->datagrams.empty()) {
        passes_ = 0;
        return batch;
      }
    }
    if (!pass_was_full_ || ++passes_ == most_passes) break;
    pass_was_full_ = false;
    next_ = 0;
  }
  in_round_ = false;
  pacing_.drained(monotonic_now());
  return ReceivedBatch{};
}

Result<ReceivedBatch> UdpReceiver::read(std::size_t index) {
  Socket& socket = *sockets_[index];
  const auto datagrams = batch_.read(socket.fd.fd(), socket.local);
  socket.failed = false;
  if (!datagrams) {
    if (errno == EBADF || errno == ENOTSOCK)
      return fail(system_error("cannot receive on UDP " + infos_[index].listen.text));
    if (errno != EAGAIN && errno != EINTR) {
      add(socket.errors, 1);
      socket.failed = true;
    }
    return ReceivedBatch{};
  }
  flowing_ = true;
  if (datagrams->size() == ReceiveBatch::slots) pass_was_full_ = true;
  if (batch_.drops()) socket.drops(*batch_.drops());
  const auto admitted = admit(socket, *datagrams);
  std::uint64_t bytes = 0;
  for (const Datagram& datagram : admitted) bytes += datagram.payload.size();
  add(socket.batches, 1);
  add(socket.datagrams, admitted.size());
  add(socket.bytes, bytes);
  return ReceivedBatch{admitted, index, socket.kernel_drops.load(std::memory_order_relaxed)};
}

std::span<const Datagram> UdpReceiver::admit(Socket& socket, std::span<Datagram> datagrams) {
  // The kernel gives a multicast datagram to every worker's socket: each keeps the senders that are its own.
  const bool foreign = socket.multicast && workers_ > 1;
  if (allowed_.all() && !foreign) return datagrams;
  std::size_t kept = 0;
  std::uint64_t refused = 0;
  for (const Datagram& datagram : datagrams) {
    if (foreign && worker_of(datagram.from.ip, workers_) != worker_) continue;
    if (!allowed_.allows(datagram.from.ip)) {
      ++refused;
      continue;
    }
    datagrams[kept++] = datagram;
  }
  if (refused > 0) add(socket.refused, refused);
  return datagrams.first(kept);
}

std::vector<UdpCounters> UdpReceiver::counters() const {
  std::vector<UdpCounters> all;
  all.reserve(sockets_.size());
  const auto value = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  for (const auto& socket : sockets_)
    all.push_back({value(socket->datagrams), value(socket->bytes), value(socket->refused), value(socket->kernel_drops),
                   value(socket->errors), value(socket->batches)});
  return all;
}

void UdpReceiver::set_allowed(AllowList allowed) {
  const std::lock_guard lock(mutex_);
  next_allowed_ = std::move(allowed);
  allowed_changed_.store(true, std::memory_order_release);
}

void UdpReceiver::take_allowed() {
  const std::lock_guard lock(mutex_);
  allowed_ = next_allowed_;
}

}  // namespace flowspan::source
