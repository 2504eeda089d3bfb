// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/dataset_rows.hpp"

#include "base/time.hpp"

namespace flowspan::store {
namespace {

using flow::FieldIndex;
using flow::FlowBatch;
using flow::operator""_field;

/// A column of a batch, also where the batch has none: then all rows have the field's absent value.
template <typename T>
class Column {
 public:
  Column(const FlowBatch& batch, FieldIndex field)
      : values_(batch.present(field) ? batch.values<T>(field) : nullptr),
        validity_(values_ != nullptr ? batch.validity(field) : nullptr),
        absent_(flow::fields[field].absent) {}

  std::optional<T> at(std::size_t row) const {
    if (values_ == nullptr) return absent_ == flow::null ? std::nullopt : std::optional(static_cast<T>(absent_));
    if (validity_ != nullptr && (validity_[row / 64] >> (row % 64) & 1) == 0) return std::nullopt;
    return values_[row];
  }

 private:
  const T* values_;
  const std::uint64_t* validity_;
  std::int64_t absent_;
};

constexpr std::int64_t floor_div(std::int64_t value, std::int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

std::optional<Ip> address(const Column<std::uint64_t>& hi, const Column<std::uint64_t>& lo, std::size_t row) {
  const auto upper = hi.at(row);
  const auto lower = lo.at(row);
  if (!upper || !lower) return std::nullopt;
  return Ip{*upper, *lower};
}

}  // namespace

flow::FieldSet dataset_fields() {
  flow::FieldSet fields;
  for (const FieldIndex field : {"received_time"_field, "export_time"_field, "sys_uptime"_field, "first_time"_field,
                                 "last_time"_field, "src_hi"_field, "src_lo"_field, "dst_hi"_field, "dst_lo"_field,
                                 "src_port"_field, "dst_port"_field, "proto"_field})
    fields.set(field);
  return fields;
}

void append_dataset_rows(const FlowBatch& batch, std::vector<DatasetRow>& rows) {
  const Column<std::int64_t> received(batch, "received_time"_field);
  const Column<std::int64_t> exported(batch, "export_time"_field);
  const Column<std::uint32_t> uptime(batch, "sys_uptime"_field);
  const Column<std::int64_t> first(batch, "first_time"_field);
  const Column<std::int64_t> last(batch, "last_time"_field);
  const Column<std::uint64_t> src_hi(batch, "src_hi"_field);
  const Column<std::uint64_t> src_lo(batch, "src_lo"_field);
  const Column<std::uint64_t> dst_hi(batch, "dst_hi"_field);
  const Column<std::uint64_t> dst_lo(batch, "dst_lo"_field);
  const Column<std::uint16_t> src_port(batch, "src_port"_field);
  const Column<std::uint16_t> dst_port(batch, "dst_port"_field);
  const Column<std::uint8_t> proto(batch, "proto"_field);
  rows.reserve(rows.size() + batch.rows());
  for (std::size_t i = 0; i < batch.rows(); ++i) {
    DatasetRow& row = rows.emplace_back();
    const auto export_time = exported.at(i);
    row.sys_uptime = export_time ? uptime.at(i) : std::nullopt;
    if (export_time) row.unixs = floor_div(*export_time, second);
    const auto router_time = [&](std::optional<std::int64_t> time) -> std::optional<std::int64_t> {
      if (!time || !row.sys_uptime) return time;
      const std::int64_t before_export = *export_time / millisecond - *time;
      return static_cast<std::uint32_t>(*row.sys_uptime - static_cast<std::uint32_t>(before_export));
    };
    row.first = router_time(first.at(i));
    row.last = router_time(last.at(i));
    row.source = address(src_hi, src_lo, i);
    row.destination = address(dst_hi, dst_lo, i);
    row.proto = proto.at(i);
    row.source_port = src_port.at(i);
    row.destination_port = dst_port.at(i);
    row.received_us = received.at(i).value_or(0);
  }
}

}  // namespace flowspan::store
