// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#ifdef FLOWSPAN_FAULTS

#include "base/fault.hpp"

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <thread>

namespace flowspan {
namespace {

constexpr std::chrono::seconds stall{2};

struct Fault {
  std::string name;
  std::string action;
  std::uint64_t count = 1;
  std::atomic<std::uint64_t> passages{0};
};

struct Plan {
  std::deque<Fault> faults;  // a deque: an atomic cannot move
  std::string mistake;       // the first part that could not be read

  explicit Plan(const char* variable) {
    std::string_view rest = variable != nullptr ? variable : "";
    while (!rest.empty() && mistake.empty()) {
      const auto part = rest.substr(0, rest.find(','));
      rest.remove_prefix(part.size() < rest.size() ? part.size() + 1 : part.size());
      if (!add(part)) mistake = part;
    }
  }

  bool add(std::string_view part) {
    const auto colon = part.find(':');
    if (colon == 0 || colon == std::string_view::npos) return false;
    const auto second = part.find(':', colon + 1);
    Fault& fault = faults.emplace_back();
    fault.name = part.substr(0, colon);
    fault.action = part.substr(colon + 1, second == std::string_view::npos ? second : second - colon - 1);
    if (fault.action != "kill" && fault.action != "stall" && fault.action != "no-space") return false;
    if (second == std::string_view::npos) return true;
    const auto [end, code] = std::from_chars(part.data() + second + 1, part.data() + part.size(), fault.count);
    return code == std::errc{} && end == part.data() + part.size() && fault.count > 0;
  }
};

/// Whether a full disk is to be reported at this passage.
bool disk_is_full(std::uint64_t passage, std::uint64_t count) {
  static const char* const while_file = std::getenv("FLOWSPAN_FAULT_WHILE");
  if (while_file == nullptr || *while_file == '\0') return passage == count;
  return passage >= count && ::access(while_file, F_OK) == 0;
}

std::string bytes_of_hex(const char* hex) {
  std::string bytes;
  for (const char* p = hex != nullptr ? hex : ""; p[0] != '\0' && p[1] != '\0'; p += 2) {
    unsigned value = 0;
    std::from_chars(p, p + 2, value, 16);
    bytes.push_back(static_cast<char>(value));
  }
  return bytes;
}

}  // namespace

void fault_on_poison(Bytes payload) {
  static const std::string poison = bytes_of_hex(std::getenv("FLOWSPAN_FAULT_POISON"));
  if (poison.empty() || payload.size() < poison.size()) return;
  if (std::memcmp(payload.data(), poison.data(), poison.size()) == 0) std::raise(SIGSEGV);
}

Status fault_point(const char* name) {
  static Plan plan(std::getenv("FLOWSPAN_FAULT"));
  if (!plan.mistake.empty())  // a typing error must not look like a test that passed
    return fail(
        "FLOWSPAN_FAULT has '" + plan.mistake + "': write NAME:kill, NAME:stall or NAME:no-space, then maybe :COUNT",
        ErrorKind::usage);
  for (Fault& fault : plan.faults) {
    if (fault.name != name) continue;
    const auto passage = ++fault.passages;
    if (fault.action == "no-space") {
      if (disk_is_full(passage, fault.count))
        return fail("no space left on the disk at " + fault.name + ": FLOWSPAN_FAULT asked for it",
                    ErrorKind::no_space);
    } else if (passage == fault.count) {
      if (fault.action == "kill") ::kill(::getpid(), SIGKILL);
      std::this_thread::sleep_for(stall);
    }
  }
  return {};
}

}  // namespace flowspan

#endif  // FLOWSPAN_FAULTS
