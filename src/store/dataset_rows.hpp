// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ip.hpp"
#include "flow/batch.hpp"

namespace flowspan::store {

/// One row of the dataset's table Flow, without its ID.
struct DatasetRow {
  std::optional<std::uint32_t> sys_uptime;  ///< ms; nothing: the protocol has none
  std::optional<std::int64_t> unixs;        ///< the export's second
  std::optional<std::int64_t> first;        ///< the router's SysUptime in ms; without sys_uptime UNIX ms
  std::optional<std::int64_t> last;
  std::optional<Ip> source;
  std::optional<Ip> destination;
  std::optional<std::uint8_t> proto;
  std::optional<std::uint16_t> source_port;
  std::optional<std::uint16_t> destination_port;
  std::int64_t received_us = 0;  ///< since 1970
};

/// The fields of which a row is made.
flow::FieldSet dataset_fields();
/// Appends the rows of a batch. FIRST and LAST are what the exporter wrote, for the decoder's arithmetic is undone.
void append_dataset_rows(const flow::FlowBatch& batch, std::vector<DatasetRow>& rows);

}  // namespace flowspan::store
