// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// SQL functions that every Database has.
//
// addr(hi, lo)          the address as text: dotted quad for mapped IPv4, else RFC 5952; NULL when a half is NULL
// ip_hi(text), ip_lo(text)                          halves of an address
// net_first_hi(text), net_first_lo(text), net_last_hi(text), net_last_lo(text)   first and last address of a network
// mac(number)           '00:1b:21:0a:0b:0c'
// Macros; with a constant text they fold to comparisons with constants, which prune Parquet row groups:
// ip(text)              {'hi': …, 'lo': …}
// is_ip(hi, lo, text)   whether it is this address
// in_net(hi, lo, text)  whether the address lies in the network '10.0.0.0/8', '2001:db8::/32', '10.1.2.3'
// subnet(hi, lo, v4_bits, v6_bits)   the network of that size the address lies in, as text: '10.0.0.0/8'
// A text that is no address or network is an error that names it.

#include <cstddef>
#include <cstdint>

#include "base/ip.hpp"
#include "base/result.hpp"

namespace flowspan::engine {

struct ConnectionHandle;

/// Registers all of the above; Database::open does.
Status register_functions(ConnectionHandle& connection);

}  // namespace flowspan::engine
