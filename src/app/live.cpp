// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/live.hpp"

#include <memory>
#include <utility>

#include "pipeline/live.hpp"

namespace flowspan::app {

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

}  // namespace flowspan::app
