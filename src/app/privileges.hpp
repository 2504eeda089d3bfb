// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace flowspan::app {

/// Becomes `user` and `group` (names or numbers; empty: unchanged; without a group, the user's own), for good, after
/// making `store` if it is not there and giving it to them. Does nothing when both are empty.
Status drop_privileges(const std::string& user, const std::string& group, const std::filesystem::path& store);

}  // namespace flowspan::app
