// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <vector>

#include "base/ip.hpp"
#include "base/result.hpp"

namespace flowspan::source {

/// The worker (0 … workers-1) that receives what `sender` sends, from whatever port. The same function as the kernel's
/// steering program computes; it is frozen, because saved state of an exporter is handed to its worker by it.
unsigned worker_of(const Ip& sender, unsigned workers);

/// The classic BPF program that computes worker_of from the source address of the IP header (SKF_NET_OFF), IPv4 or
/// IPv6 as the packet says itself, so that IPv4 on a dual-stack socket agrees.
std::vector<sock_filter> steering_program(unsigned workers);

/// Attaches the program to the SO_REUSEPORT group of `fd` (SO_ATTACH_REUSEPORT_CBPF, socket(7)). May be called
/// before bind(2).
/// The kernel numbers the sockets of a group in the order in which they were bound.
Status attach_steering(int fd, unsigned workers);

}  // namespace flowspan::source
