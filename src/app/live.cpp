// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/live.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "pipeline/live.hpp"

namespace flowspan::app {
namespace {

/// Readers of the flows that are received and not yet in the snapshot's segments, one for each writer that has any.
/// Kind not_found: the journal was committed meanwhile; take a new snapshot.
Result<std::vector<query::LiveWriter>> live_readers(const store::Store& store, const store::Snapshot& snapshot) {
  std::vector<query::LiveWriter> writers;
  for (const store::WriterState& writer : snapshot.writers) {
    if (!writer.active) continue;
    std::vector<pipeline::Stretch> quarantined;
    for (const store::Quarantined& stretch : snapshot.quarantined)
      if (stretch.writer == writer.writer) quarantined.push_back({stretch.position, stretch.length});
    auto live =
        pipeline::LiveJournal::open(store.journal_folder(), writer.writer, writer.position, std::move(quarantined));
    if (!live) return fail(live.error());
    if ((*live)->empty()) continue;
    const std::shared_ptr<pipeline::LiveJournal> shared = std::move(*live);
    writers.push_back({writer.writer, [shared](const flow::FieldSet&) { return shared->read(); }});
  }
  return writers;
}

}  // namespace

Result<query::Truth> ask_store(const query::Request& request, query::RowWriter& rows) {
  return query::answer(request, live_readers, rows);
}

}  // namespace flowspan::app
