// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/result.hpp"

namespace flowspan::store {

namespace sqlite {
class Database;
}

/// Takes a catalog of format `from` (0: empty) to Catalog::format, inside the caller's transaction.
Status migrate(sqlite::Database& db, std::int64_t from);

}  // namespace flowspan::store
