// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/accountant.hpp"

#include <algorithm>
#include <utility>

#include "pipeline/decode.hpp"

namespace flowspan::pipeline {

using flow::operator""_field;

Accountant::Accountant(std::uint32_t writer, Position from, exporter::Exporters exporters)
    : exporters_(std::move(exporters)) {
  range_.writer = writer;
  range_.from = from;
  range_.to = from;
}

void Accountant::add(const Datagram& datagram) {
  if (batch_.rows() >= flow::FlowBatch::target_rows) take_needed();
  const wire::Outcome outcome = decode(datagram, exporters_, batch_);
  if (range_.datagrams == 0) {
    range_.received_min = datagram.received;
    range_.received_max = datagram.received;
  }
  range_.received_min = std::min(range_.received_min, datagram.received);
  range_.received_max = std::max(range_.received_max, datagram.received);
  ++range_.datagrams;
  range_.rows += outcome.flows;
  range_.lost_flows +=
      static_cast<std::int64_t>(outcome.lost_flows) - static_cast<std::int64_t>(outcome.recovered_flows);
  range_.decode_errors += outcome.error ? 1 : 0;
}

void Accountant::add_dropped(std::uint64_t datagrams, Time when) {
  if (datagrams == 0) return;
  if (range_.datagrams == 0) {
    if (range_.dropped_datagrams == 0) range_.received_min = when;
    range_.received_max = when;
  }
  range_.dropped_datagrams += datagrams;
}

void Accountant::take_needed() {
  batch_.seal();
  range_.fields |= batch_.needed();
  batch_.clear(~range_.fields);
}

flow::Range Accountant::cut(Position to) {
  take_needed();
  range_.to = to;
  flow::Range next;
  next.writer = range_.writer;
  next.from = to;
  next.to = to;
  flow::Range done = std::exchange(range_, next);
  done.fields.set("received_time"_field);
  batch_.clear(flow::FieldSet{}.set());
  return done;
}

}  // namespace flowspan::pipeline
