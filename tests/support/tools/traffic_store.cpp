// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0

// A store as a collector would have left it after months, in a minute: many segments, one after the other in time.

#include <algorithm>
#include <cstdio>

#include "base/time.hpp"
#include "flow/batch.hpp"
#include "store/segment_writer.hpp"
#include "traffic_arguments.hpp"
#include "traffic_flows.hpp"

namespace {

using namespace traffic;
using namespace flowspan;
using flow::operator""_field;

constexpr const char* usage = R"(usage: traffic_store --store DIR [OPTIONS]
  --segments N       how many (100)
  --flows N          in each (1500)
  --span SECONDS     of time in each (300)
  --end SECONDS      the end of the last, since 1970 (now)
)";

/// The flows of one segment.
class SegmentFlows : public flow::Reader {
 public:
  SegmentFlows(Flows& flows, std::uint64_t count) : flows_(flows), left_(count) {}

  Result<bool> read(flow::FlowBatch& batch) override {
    batch.clear();
    if (left_ == 0) return false;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, flow::FlowBatch::target_rows));
    left_ -= count;
    made_.clear();
    clocks_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      made_.push_back(flows_.next());
      clocks_.push_back(static_cast<std::int64_t>(flows_.clock_ms()));
    }
    fill(batch);
    batch.seal();
    return true;
  }

 private:
  template <typename T, typename F>
  void put(flow::FlowBatch& batch, flow::FieldIndex field, F value_of) const {
    if (!batch.wants(field)) return;
    T* const values = batch.put<T>(field);
    for (std::size_t i = 0; i < made_.size(); ++i) values[i] = static_cast<T>(value_of(made_[i]));
  }
  void fill(flow::FlowBatch& batch) const {
    constexpr std::uint64_t mapped = 0xFFFF'0000'0000;
    batch.add_rows(made_.size());
    if (batch.wants("received_time"_field)) {
      auto* const values = batch.put<std::int64_t>("received_time"_field);
      for (std::size_t i = 0; i < made_.size(); ++i) values[i] = clocks_[i] * 1000;
    }
    if (batch.wants("export_time"_field)) {
      auto* const values = batch.put<std::int64_t>("export_time"_field);
      for (std::size_t i = 0; i < made_.size(); ++i) values[i] = clocks_[i] * 1'000'000;
    }
    batch.put_all("exporter_lo"_field, mapped | 0x0A000001);
    put<std::uint64_t>(batch, "src_lo"_field, [](const Flow& flow) { return mapped | flow.src; });
    put<std::uint64_t>(batch, "dst_lo"_field, [](const Flow& flow) { return mapped | flow.dst; });
    put<std::uint64_t>(batch, "next_hop_lo"_field, [](const Flow& flow) { return mapped | flow.next_hop; });
    put<std::uint16_t>(batch, "src_port"_field, [](const Flow& flow) { return flow.src_port; });
    put<std::uint16_t>(batch, "dst_port"_field, [](const Flow& flow) { return flow.dst_port; });
    put<std::uint8_t>(batch, "proto"_field, [](const Flow& flow) { return flow.proto; });
    put<std::uint16_t>(batch, "tcp_flags"_field, [](const Flow& flow) { return flow.flags; });
    put<std::uint8_t>(batch, "tos"_field, [](const Flow& flow) { return flow.tos; });
    put<std::uint64_t>(batch, "bytes"_field, [](const Flow& flow) { return flow.bytes; });
    put<std::uint64_t>(batch, "packets"_field, [](const Flow& flow) { return flow.packets; });
    put<std::int64_t>(batch, "first_time"_field, [](const Flow& flow) { return flow.first; });
    put<std::int64_t>(batch, "last_time"_field, [](const Flow& flow) { return flow.last; });
    put<std::uint32_t>(batch, "in_if"_field, [](const Flow& flow) { return flow.in_if; });
    put<std::uint32_t>(batch, "out_if"_field, [](const Flow& flow) { return flow.out_if; });
    put<std::uint32_t>(batch, "src_as"_field, [](const Flow& flow) { return flow.src_as; });
    put<std::uint32_t>(batch, "dst_as"_field, [](const Flow& flow) { return flow.dst_as; });
    put<std::uint8_t>(batch, "src_mask"_field, [](const Flow& flow) { return flow.src_mask; });
    put<std::uint8_t>(batch, "dst_mask"_field, [](const Flow& flow) { return flow.dst_mask; });
  }

  Flows& flows_;
  std::uint64_t left_;
  std::vector<Flow> made_;
  std::vector<std::int64_t> clocks_;
};

flow::FieldSet all_fields() {
  flow::FieldSet fields;
  for (const char* name :
       {"received_time", "export_time", "exporter_lo", "src_lo", "dst_lo", "next_hop_lo", "src_port",
        "dst_port",      "proto",       "tcp_flags",   "tos",    "bytes",  "packets",     "first_time",
        "last_time",     "in_if",       "out_if",      "src_as", "dst_as", "src_mask",    "dst_mask"})
    fields.set(flow::find_field(name));
  return fields;
}

Status make(const Arguments& arguments) {
  const auto segments = arguments.whole("segments", 100);
  const auto rows = arguments.whole("flows", 1500);
  const double span = arguments.number("span", 300);
  const double end = arguments.number("end", static_cast<double>(wall_us()) / 1e6);
  const auto start_ms = static_cast<std::uint64_t>((end - span * static_cast<double>(segments)) * 1000);
  auto store = store::Store::open(arguments.text("store", ""), store::Mode::create);
  if (!store) return fail(store.error());
  const auto lock = (*store)->lock_collector();
  if (!lock) return fail(lock.error());
  auto writers = (*store)->writers();
  if (!writers) return fail(writers.error());
  Position position{1, 0};
  for (const auto& writer : *writers) position = std::max(position, writer.position);
  store::SegmentStore sink(**store);
  Flows flows(1 + position.file, start_ms, static_cast<double>(rows) / span);
  for (std::uint64_t i = 0; i < segments; ++i) {
    flow::Range range;
    range.from = position;
    range.to = {position.file + 1, 0};
    range.fields = all_fields();
    range.rows = rows;
    range.datagrams = rows / 30 + 1;
    range.received_min = static_cast<Time>(flows.clock_ms()) * millisecond;
    range.received_max = range.received_min + static_cast<Duration>(span * 1e9);
    SegmentFlows reader(flows, rows);
    if (auto done = sink.commit(range, reader, [] { return std::string(); }); !done) return done;
    position = range.to;
  }
  std::printf("{\"segments\":%lu,\"flows\":%lu,\"file_bytes\":%lu}\n", sink.segments(), sink.rows(), sink.file_bytes());
  return {};
}

}  // namespace

int main(int count, char** words) {
  const Arguments arguments(count, words, {"store", "segments", "flows", "span", "end"}, usage);
  if (arguments.text("store", "").empty()) {
    std::fputs(usage, stderr);
    return 2;
  }
  if (const auto done = make(arguments); !done) die(done.error().text);
  return 0;
}
