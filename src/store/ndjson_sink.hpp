// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/out_stream.hpp"
#include "flow/sink.hpp"

namespace flowspan::store {

/// Flows as lines of JSON. Keeps no marks: a run begins with what it receives, and what it recovers.
class NdjsonSink final : public flow::FlowSink {
 public:
  explicit NdjsonSink(std::unique_ptr<OutStream> stream) : stream_(std::move(stream)) {}

  flow::FieldSet wanted() const override;
  Pace pace() const override;
  bool keeps_marks() const override { return false; }
  Result<std::optional<flow::Mark>> mark(std::uint32_t) override { return std::nullopt; }
  void put(const flow::FlowBatch& flows) override;
  Status commit(std::span<const flow::Mark> marks) override;
  std::uint64_t progress() const override { return written_; }
  std::uint64_t flows_out() const override;
  bool ended() const override { return stream_->ended(); }

 private:
  std::unique_ptr<OutStream> stream_;
  std::string lines_;  // from out_ on not yet out
  std::size_t out_ = 0;
  std::uint64_t written_ = 0;  // bytes, ever
};

}  // namespace flowspan::store
