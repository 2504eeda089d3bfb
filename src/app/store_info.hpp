// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "app/configuration.hpp"
#include "store/info.hpp"

namespace flowspan::app {

/// `flowspan store info` on stdout: a list of names and values, or one JSON object with plain numbers.
Status write_store_info(const store::StoreInfo& info, const std::filesystem::path& path, Format format);

}  // namespace flowspan::app
