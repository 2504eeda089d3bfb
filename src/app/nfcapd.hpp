// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace flowspan::app {

/// nfcapd's command line (nfdump 1.6 and 1.7, with or without the program's name) as a flowspan.toml that does the same; what has no
/// meaning here becomes a comment that says what is done instead. Words may be quoted as for a shell.
Result<std::string> translate_nfcapd(std::string_view options);

}  // namespace flowspan::app
