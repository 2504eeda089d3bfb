// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "pipeline/decode_reader.hpp"

#include <algorithm>

#include "pipeline/decode.hpp"

namespace flowspan::pipeline {

Result<bool> DecodeReader::read(flow::FlowBatch& batch) {
  batch.clear();
  // Stops where another datagram might not fit, so that a batch is one vector of the writer and not one and a scrap.
  while (batch.rows() == 0 || batch.rows() + largest_ <= flow::FlowBatch::target_rows) {
    Datagram datagram;
    const Result<bool> more = datagrams_.next(datagram);
    if (!more) return fail(more.error());
    if (tally_ != nullptr) tally_->drop(datagrams_.drops(), exporters_);
    if (!*more) break;
    const wire::Outcome outcome = decode(datagram, exporters_, batch);
    if (tally_ != nullptr) tally_->add(datagram, outcome, exporters_);
    largest_ = std::max<std::size_t>(largest_, outcome.flows);
  }
  batch.seal();
  return batch.rows() > 0;
}

}  // namespace flowspan::pipeline
