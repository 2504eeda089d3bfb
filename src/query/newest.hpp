// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/database.hpp"
#include "store/snapshot.hpp"
#include "store/views.hpp"

namespace flowspan::query {

/// The oldest of the newest flows, in the order (received_time, writer, sequence, row).
struct Boundary {
  Time received = 0;  ///< in whole microseconds
  std::uint32_t place = 0;
  std::uint64_t row = 0;
};

/// The places of a snapshot's segments and of the live readers of these writers: the writers one after the other, each
/// with its segments by sequence and then its journal.
store::Places places_of(const store::Snapshot& snapshot, std::span<const std::uint32_t> live_writers);

/// Finds the boundary of the `newest` flows (at least 1) in a relation of store::placed_relation_sql; nullopt: there are
/// fewer. `files` are the relation's: their row groups' bounds keep it from reading all of them.
Result<std::optional<Boundary>> find_boundary(engine::Database& database, const std::string& placed_relation,
                                              std::span<const std::filesystem::path> files, std::uint64_t newest);

/// The flows of a placed relation from the boundary on, as a relation.
std::string since_boundary_sql(const std::string& placed_relation, const Boundary& boundary);

}  // namespace flowspan::query
