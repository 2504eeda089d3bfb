// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "source/steering.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace flowspan::source {
namespace {

// Multipliers of the 32-bit finalizer "lowbias32" (Chris Wellons, hash-prospector, public domain).
constexpr std::uint32_t multiplier_1 = 0x7feb352d;
constexpr std::uint32_t multiplier_2 = 0x846ca68b;

constexpr std::uint32_t mix(std::uint32_t x) {
  x ^= x >> 16;
  x *= multiplier_1;
  x ^= x >> 15;
  x *= multiplier_2;
  x ^= x >> 16;
  return x;
}

// An absolute load of classic BPF that starts at the IP header, whatever the program is attached to (filter.txt).
constexpr std::uint32_t network(int offset) { return static_cast<std::uint32_t>(SKF_NET_OFF + offset); }

class Program {
 public:
  void op(unsigned code, std::uint32_t k = 0) { code_.push_back({static_cast<std::uint16_t>(code), 0, 0, k}); }
  // A ^= A >> bits
  void xor_shift(std::uint32_t bits) {
    op(BPF_MISC | BPF_TAX);
    op(BPF_ALU | BPF_RSH | BPF_K, bits);
    op(BPF_ALU | BPF_XOR | BPF_X);
  }
  std::vector<sock_filter>& code() { return code_; }

 private:
  std::vector<sock_filter> code_;
};

}  // namespace

unsigned worker_of(const Ip& sender, unsigned workers) {
  if (workers < 2) return 0;
  std::uint32_t x = static_cast<std::uint32_t>(sender.lo);
  if (!sender.is_v4()) {
    x = static_cast<std::uint32_t>(sender.hi >> 32);
    for (const std::uint64_t word : {sender.hi, sender.lo >> 32, sender.lo})
      x = (x * multiplier_1) ^ static_cast<std::uint32_t>(word);
  }
  return mix(x) % workers;
}

std::vector<sock_filter> steering_program(unsigned workers) {
  Program program;
  program.op(BPF_LD | BPF_B | BPF_ABS, network(0));
  program.op(BPF_ALU | BPF_RSH | BPF_K, 4);
  program.code().push_back({BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 6});
  program.op(BPF_LD | BPF_W | BPF_ABS, network(12));  // IPv4 source (RFC 791 3.1)
  const std::size_t jump = program.code().size();
  program.op(BPF_JMP | BPF_JA);
  program.op(BPF_LD | BPF_W | BPF_ABS, network(8));  // IPv6 source (RFC 8200 3): four words
  for (const int offset : {12, 16, 20}) {
    program.op(BPF_ALU | BPF_MUL | BPF_K, multiplier_1);
    program.op(BPF_ST, 0);
    program.op(BPF_LD | BPF_W | BPF_ABS, network(offset));
    program.op(BPF_LDX | BPF_W | BPF_MEM, 0);
    program.op(BPF_ALU | BPF_XOR | BPF_X);
  }
  program.code()[jump].k = static_cast<std::uint32_t>(program.code().size() - jump - 1);
  program.xor_shift(16);
  program.op(BPF_ALU | BPF_MUL | BPF_K, multiplier_1);
  program.xor_shift(15);
  program.op(BPF_ALU | BPF_MUL | BPF_K, multiplier_2);
  program.xor_shift(16);
  program.op(BPF_ALU | BPF_MOD | BPF_K, workers == 0 ? 1 : workers);
  program.op(BPF_RET | BPF_A);
  return std::move(program.code());
}

Status attach_steering(int fd, unsigned workers) {
  auto code = steering_program(workers);
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) != 0)
    return fail(system_error("cannot steer senders to workers (SO_ATTACH_REUSEPORT_CBPF); try --workers 1"));
  return {};
}

}  // namespace flowspan::source
