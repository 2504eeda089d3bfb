// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/ndjson_sink.hpp"

#include <algorithm>

#include "store/flow_json.hpp"

namespace flowspan::store {
namespace {

// Some ten megabytes of lines at most wait here.
constexpr std::uint64_t most_rows = 16'384;
constexpr Duration patience = 200 * millisecond;

}  // namespace

flow::FieldSet NdjsonSink::wanted() const { return json_fields(); }

flow::FlowSink::Pace NdjsonSink::pace() const { return {most_rows, 0}; }

void NdjsonSink::put(const flow::FlowBatch& flows) { append_json_lines(flows, lines_); }

Status NdjsonSink::commit(std::span<const flow::Mark>) {
  if (out_ < lines_.size()) {
    const auto out = stream_->write(std::string_view(lines_).substr(out_), patience);
    if (!out) return fail(out.error());
    out_ += *out;
    written_ += *out;
  }
  if (out_ < lines_.size()) return fail(stream_->name() + " takes no more for now", ErrorKind::busy);
  lines_.clear();
  out_ = 0;
  return {};
}

std::uint64_t NdjsonSink::flows_out() const {
  return static_cast<std::uint64_t>(
      std::count(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(out_), '\n'));
}

}  // namespace flowspan::store
