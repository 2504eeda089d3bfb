// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/services.hpp"

#include <array>

namespace flowspan::simulate {
namespace {

constexpr std::uint8_t icmp = 1, tcp = 6, udp = 17;
constexpr std::uint8_t expedited = 0xB8;  // RFC 3246

// clang-format off
constexpr std::array<Service, 18> table{{
    // name   share proto port   way              client         server         exchanges  request       response       pause       speed payload
    {"dns",     255, udp,    53, Way::within,     Role::client,  Role::dns,     {1, 0},    {42, 0.2},    {130, 0.6},    {0, 0},     1e6,  1400},
    {"resolve",  85, udp,    53, Way::to_world,   Role::dns,     Role::dns,     {1, 0},    {45, 0.2},    {160, 0.7},    {0, 0},     1e6,  1400},
    {"https",   230, tcp,   443, Way::to_world,   Role::client,  Role::web,     {3, 0.9},  {900, 0.8},   {14e3, 1.6},   {1.2, 1.5}, 2e6,  1448},
    {"quic",     95, udp,   443, Way::to_world,   Role::client,  Role::web,     {4, 0.9},  {700, 0.7},   {24e3, 1.6},   {1.0, 1.5}, 3e6,  1252},
    {"http",     35, tcp,    80, Way::to_world,   Role::client,  Role::web,     {2, 0.7},  {500, 0.5},   {9e3, 1.7},    {0.5, 1.2}, 2e6,  1448},
    {"video",     9, tcp,   443, Way::to_world,   Role::client,  Role::web,     {14, 0.9}, {700, 0.3},   {350e3, 0.6},  {4, 0.3},   4e6,  1448},
    {"push",     16, tcp,  5228, Way::to_world,   Role::client,  Role::web,     {6, 0.8},  {90, 0.5},    {120, 0.6},    {28, 0.8},  1e6,  1448},
    {"web",      90, tcp,   443, Way::from_world, Role::client,  Role::web,     {3, 0.8},  {800, 0.6},   {18e3, 1.4},   {1.5, 1.2}, 3e6,  1448},
    {"www",      20, tcp,    80, Way::from_world, Role::client,  Role::web,     {1, 0.5},  {400, 0.4},   {600, 1.0},    {0.5, 1.0}, 3e6,  1448},
    {"mail in",  22, tcp,    25, Way::from_world, Role::client,  Role::mail,    {1, 0},    {28e3, 1.6},  {500, 0.2},    {0, 0},     1e6,  1448},
    {"mail out", 12, tcp,    25, Way::to_world,   Role::mail,    Role::mail,    {1, 0},    {30e3, 1.6},  {500, 0.2},    {0, 0},     1e6,  1448},
    {"imap",     26, tcp,   993, Way::within,     Role::client,  Role::mail,    {5, 0.9},  {160, 0.5},   {2e3, 1.6},    {9, 1.2},   8e6,  1448},
    {"files",    38, tcp,   445, Way::within,     Role::client,  Role::file,    {9, 1.0},  {3e3, 1.9},   {40e3, 2.0},   {2, 1.5},   2e7,  1448},
    {"print",     8, tcp,  9100, Way::within,     Role::client,  Role::printer, {1, 0},    {300e3, 1.3}, {60, 0.2},     {0, 0},     3e6,  1448},
    {"backup",    3, tcp,   873, Way::within,     Role::web,     Role::backup,  {2, 0.6},  {4e6, 1.5},   {3e3, 0.5},    {3, 1.0},   2e7,  1448},
    {"ntp",      30, udp,   123, Way::to_world,   Role::client,  Role::web,     {1, 0},    {48, 0},      {48, 0},       {0, 0},     1e6,  1400},
    {"ping",     17, icmp,    0, Way::to_world,   Role::client,  Role::web,     {1, 0},    {330, 0.9},   {330, 0.9},    {0, 0},     64,     64, Pace::equal},
    {"call",      9, udp,  5004, Way::to_world,   Role::client,  Role::web,     {1, 0},    {800e3, 1.3}, {800e3, 1.3},  {0, 0},     8600,  172, Pace::equal, expedited},
}};
// clang-format on

constexpr unsigned all_shares() {
  unsigned sum = 0;
  for (const Service& service : table) sum += service.share;
  return sum;
}
static_assert(all_shares() == 1000);

}  // namespace

const Service& choose_service(Random& random) {
  std::uint32_t dice = random.below(all_shares());
  for (const Service& service : table) {
    if (dice < service.share) return service;
    dice -= service.share;
  }
  return table.front();
}

}  // namespace flowspan::simulate
