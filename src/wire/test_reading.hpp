// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// For the tests of this folder: a batch's values as numbers, whatever their type.

#include <bit>
#include <optional>
#include <string>

#include "wire/decode.hpp"

namespace flowspan::wire {

/// The value's bits; nullopt for NULL. For text: its length.
inline std::optional<std::uint64_t> bits(const flow::FlowBatch& batch, flow::FieldIndex field, std::size_t row) {
  if (batch.is_null(field, row)) return std::nullopt;
  if (!batch.present(field)) return static_cast<std::uint64_t>(flow::fields[field].absent);
  switch (flow::width(flow::fields[field].type)) {
    case 0: return batch.texts(field)[row].size();
    case 1: return batch.values<std::uint8_t>(field)[row];
    case 2: return batch.values<std::uint16_t>(field)[row];
    case 4: return batch.values<std::uint32_t>(field)[row];
    default: return batch.values<std::uint64_t>(field)[row];
  }
}

/// By name; -1 for NULL, which no field of these protocols can have. INT64_MIN for an unknown name.
inline std::int64_t value(const flow::FlowBatch& batch, std::string_view name, std::size_t row = 0) {
  const flow::FieldIndex field = flow::find_field(name);
  if (field == flow::field_count) return INT64_MIN;
  return static_cast<std::int64_t>(bits(batch, field, row).value_or(~std::uint64_t{0}));
}

inline std::string text(const flow::FlowBatch& batch, std::string_view name, std::size_t row = 0) {
  const flow::FieldIndex field = flow::find_field(name);
  return batch.is_null(field, row) ? "" : batch.texts(field)[row];
}

inline std::string address(const flow::FlowBatch& batch, const std::string& name, std::size_t row = 0) {
  return Ip{static_cast<std::uint64_t>(value(batch, name + "_hi", row)),
            static_cast<std::uint64_t>(value(batch, name + "_lo", row))}
      .to_string();
}

}  // namespace flowspan::wire
