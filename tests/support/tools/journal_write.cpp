// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// journal_write DIR MAX_FILE_BYTES: reads lines "TIME_NS FROM TO KERNEL_DROPS PAYLOAD_HEX" (FROM and TO as 10.0.0.1:2055
// or [::1]:2055; an empty payload is "-") and journals each as a datagram, through the ring, as the collector does.
// A line "loss TIME_NS RING_DROPS" is written as a loss of the ring.

#include <charconv>
#include <cstdint>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "journal/append.hpp"
#include "journal/intake.hpp"
#include "journal/pcapng.hpp"
#include "journal/ring.hpp"

namespace {

using namespace flowspan;

int complain(const std::string& text) {
  std::cerr << "journal_write: " << text << '\n';
  return 1;
}

std::vector<std::byte> from_hex(const std::string& text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    bytes.push_back(static_cast<std::byte>(value));
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return complain("usage: journal_write DIR MAX_FILE_BYTES < LINES");
  auto ring = journal::Ring::create(1024 * 1024);
  auto appender = journal::Appender::open(
      {.directory = argv[1], .interfaces = {"udp [::]:2055"}, .max_file_bytes = std::stoull(argv[2])});
  if (!ring) return complain(ring.error().text);
  if (!appender) return complain(appender.error().text);
  journal::Intake intake(**ring, 1);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    if (line.starts_with("loss ")) {
      std::string word;
      journal::Loss loss;
      words >> word >> loss.first >> loss.ring_drops;
      loss.last = loss.first;
      (*ring)->publish(journal::write_loss_block((*ring)->try_reserve(journal::loss_block_size), loss, 0));
    } else {
      Datagram datagram;
      std::string from;
      std::string to;
      std::uint64_t kernel_drops = 0;
      std::string hex;
      words >> datagram.received >> from >> to >> kernel_drops >> hex;
      const auto sender = Endpoint::parse(from);
      const auto receiver = Endpoint::parse(to);
      if (!sender || !receiver) return complain("cannot read the line: " + line);
      const auto payload = from_hex(hex == "-" ? "" : hex);
      datagram.from = *sender;
      datagram.to = *receiver;
      datagram.payload = payload;
      if (!intake.put(datagram, 0, kernel_drops)) return complain("too long a payload: " + line);
    }
    while (!(*ring)->peek().empty()) {
      const Bytes region = (*ring)->peek();
      Bytes blocks = region;
      if (auto position = (*appender)->append(blocks); !position) return complain(position.error().text);
      (*ring)->release(region.size());
    }
  }
  if (auto closed = (*appender)->close(); !closed) return complain(closed.error().text);
  return 0;
}
