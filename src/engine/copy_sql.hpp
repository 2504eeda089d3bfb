// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The COPY that writes a segment. Only for the .cpp files of this folder.

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/parquet_out.hpp"
#include "flow/fields.hpp"

namespace flowspan::engine {

/// "COPY (select) TO 'file' (FORMAT parquet, …)" with the field numbers as Parquet field ids.
std::string copy_to_parquet(std::string_view select, const flow::FieldSet& columns, const std::filesystem::path& file,
                            const ParquetOptions& options);

}  // namespace flowspan::engine
