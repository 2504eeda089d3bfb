// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/receive_batch.hpp"

#include <netinet/in.h>
#include <sys/mman.h>

#include <cstring>
#include <ctime>
#include <new>

#include "source/address.hpp"

namespace flowspan::source {
namespace {

// 64 KiB and 33 cache lines: neighbours start in different sets of every cache.
constexpr std::size_t stride = 65536 + std::size_t{33} * 64;
constexpr std::size_t largest_datagram = 65535;
// A time stamp (timespec) and a drop counter.
constexpr std::size_t control_size = CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(std::uint32_t));

}  // namespace

ReceiveBatch::ReceiveBatch()
    : headers_(slots),
      vectors_(slots),
      names_(slots),
      controls_(slots * control_size),
      datagrams_(slots),
      used_(slots) {
  void* memory =
      mmap(nullptr, slots * stride, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  memory_ = static_cast<std::byte*>(memory);
  for (std::size_t i = 0; i < slots; ++i) {
    vectors_[i] = {memory_ + i * stride, largest_datagram};
    msghdr& header = headers_[i].msg_hdr;
    header.msg_name = &names_[i];
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    header.msg_control = controls_.data() + i * control_size;
  }
}

ReceiveBatch::~ReceiveBatch() { munmap(memory_, slots * stride); }

void ReceiveBatch::prepare(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    headers_[i].msg_hdr.msg_controllen = control_size;
  }
}

std::optional<std::span<Datagram>> ReceiveBatch::read(int fd, const Endpoint& local) {
  prepare(used_);
  used_ = 0;
  drops_.reset();
  const int got = recvmmsg(fd, headers_.data(), slots, MSG_DONTWAIT, nullptr);
  if (got < 0) return std::nullopt;
  used_ = static_cast<std::size_t>(got);
  // The kernel stamps every datagram; if one ever comes without, its neighbour's time is the best there is.
  Time received = 0;
  for (std::size_t i = 0; i < used_; ++i) {
    msghdr& header = headers_[i].msg_hdr;
    std::uint32_t drops = 0;  // the kernel tells it only when it is not 0
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
      if (control->cmsg_level != SOL_SOCKET) continue;
      if (control->cmsg_type == SCM_TIMESTAMPNS) {
        timespec time{};
        std::memcpy(&time, CMSG_DATA(control), sizeof time);
        received = time.tv_sec * second + time.tv_nsec;
      } else if (control->cmsg_type == SO_RXQ_OVFL) {
        std::memcpy(&drops, CMSG_DATA(control), sizeof drops);
        drops_ = drops;
      }
    }
    if (received == 0) received = now();
    const Endpoint from = endpoint_of(names_[i]);
    Endpoint to = local;
    if (local.ip == Ip{} && from.ip.is_v4()) to.ip = Ip::v4(0);
    datagrams_[i] = {received, from, to, {memory_ + i * stride, headers_[i].msg_len}, 0, drops};
  }
  return std::span(datagrams_).first(used_);
}

}  // namespace flowspan::source
