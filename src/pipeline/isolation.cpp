// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
// How a datagram that kills the decoder is found: a child process decodes, and tells through shared memory where it is.

#include <algorithm>

#include "base/child.hpp"
#include "base/file.hpp"
#include "flow/batch.hpp"
#include "journal/follow.hpp"
#include "journal/names.hpp"
#include "journal/pcapng.hpp"
#include "pipeline/decode.hpp"
#include "pipeline/recovery.hpp"

namespace flowspan::pipeline {
namespace {

/// Where the child is; read by the parent after the child's death.
struct Place {
  Position after;  // of the previous datagram's block
  Position end;    // of this datagram's block
  Time received;
  Endpoint from;
  Endpoint to;
  bool decoding;
};

constexpr int child_done = 0;
constexpr int child_failed = 3;

int decode_all(const RecoveryOptions& options, const WriterStart& start, Place& place) {
  exporter::Exporters exporters;
  if (!start.state.empty()) {
    auto loaded = exporter::Exporters::load(start.state);
    if (!loaded) return child_failed;
    exporters = std::move(*loaded);
  }
  auto journal = journal::Follower::open(options.journal_directory, options.writer, start.position);
  if (!journal) return child_failed;
  SkippingReader datagrams(**journal, options.quarantined);
  flow::FlowBatch batch;
  place.after = (*journal)->position();
  for (Datagram datagram;;) {
    const Result<bool> more = datagrams.next(datagram);
    if (!more) return child_failed;
    if (!*more) return child_done;
    place.end = (*journal)->position();
    place.received = datagram.received;
    place.from = datagram.from;
    place.to = datagram.to;
    place.decoding = true;
    batch.clear();
    decode(datagram, exporters, batch);
    batch.seal();
    place.decoding = false;
    place.after = place.end;
  }
}

}  // namespace

Result<std::optional<Killer>> find_killer(const RecoveryOptions& options, const WriterStart& start) {
  const auto shared = SharedMemory::create(sizeof(Place));
  if (!shared) return fail(shared.error());
  auto* const place = new (shared->data()) Place{};
  const auto end = run_in_child([&] { return decode_all(options, start, *place); });
  if (!end) return fail(end.error());
  if (!place->decoding) return std::optional<Killer>();
  Killer killer;
  killer.position = place->after.file == place->end.file ? place->after : Position{place->end.file, 0};
  killer.length = place->end.offset - killer.position.offset;
  killer.datagram = Datagram{place->received, place->from, place->to, {}};
  killer.reason = end->text;
  return std::optional<Killer>(std::move(killer));
}

}  // namespace flowspan::pipeline
