// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// A sequence of datagrams, [length, 16 bits big endian][payload], decoded with one memory of exporters. Each step of a datagram
// must be the same with all fields wanted, with none, and after the state was saved and loaded. The length's top bits
// choose the sender and the time that passes, so that the sequence check is reached in depth.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "wire/decode.hpp"

namespace {

using namespace flowspan;

constexpr std::size_t max_datagrams = 64;

void must(bool holds) {
  if (!holds) std::abort();
}

bool same(const wire::Outcome& a, const wire::Outcome& b) {
  return a.flows == b.flows && a.lost_flows == b.lost_flows && a.recovered_flows == b.recovered_flows &&
         a.error == b.error && a.reason == b.reason;
}

/// Cuts the input into datagrams. Each payload is a copy of its own, so that a read beyond it is seen.
std::vector<Datagram> datagrams(Bytes input, std::vector<std::vector<std::byte>>& payloads) {
  std::vector<Datagram> all;
  Time now = 1'700'000'000 * second;
  payloads.reserve(max_datagrams);
  while (input.size() >= 2 && all.size() < max_datagrams) {
    const std::size_t word = std::to_integer<std::size_t>(input[0]) << 8 | std::to_integer<std::size_t>(input[1]);
    const std::size_t length = std::min<std::size_t>(word & 0x7ff, input.size() - 2);
    now += static_cast<Time>(word >> 13) * 700 * millisecond;
    const Bytes payload = input.subspan(2, length);
    input = input.subspan(2 + length);
    payloads.emplace_back(payload.begin(), payload.end());
    Datagram datagram;
    datagram.received = now;
    datagram.from = {Ip::v4(0x0a000000 + (word >> 11 & 3)), static_cast<std::uint16_t>(word)};
    datagram.payload = payloads.back();
    all.push_back(datagram);
  }
  return all;
}

void check_text(const flow::FlowBatch& batch) {
  constexpr flow::FieldIndex extra = flow::find_field("extra");
  if (!batch.present(extra)) return;
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    const std::string& text = batch.texts(extra)[row];
    must(batch.is_null(extra, row) || (text.size() < 512 && text.front() == '{' && text.back() == '}'));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::vector<std::byte>> payloads;
  const std::vector<Datagram> all = datagrams(std::as_bytes(std::span(data, size)), payloads);
  exporter::Exporters with_all;
  exporter::Exporters with_none;
  flow::FlowBatch everything;
  flow::FlowBatch nothing{flow::FieldSet{}};
  std::uint64_t flows = 0;
  std::uint64_t errors = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const wire::Outcome outcome = wire::decode(all[i], with_all, everything);
    must(same(outcome, wire::decode(all[i], with_none, nothing)));
    flows += outcome.flows;
    errors += outcome.error ? 1 : 0;
    if (i == all.size() / 2) {
      Result<exporter::Exporters> loaded = exporter::Exporters::load(with_none.save());
      must(loaded.has_value());
      with_none = std::move(*loaded);
    }
  }
  everything.seal();
  nothing.seal();
  must(everything.rows() == flows && nothing.rows() == flows);
  check_text(everything);
  const exporter::Counters totals = with_all.totals();
  must(totals == with_none.totals());
  must(with_all.save() == with_none.save());
  must(totals.datagrams == all.size() && totals.flows == flows && totals.decode_errors() == errors);
  // A loss taken back was a loss before.
  must(totals.lost_flows < std::uint64_t{1} << 40);
  return 0;
}
