// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "pipeline/collector.hpp"
#include "store/segment_writer.hpp"

namespace flowspan::app {

/// What the start of a collector found and mended.
struct StartReport {
  std::uint64_t recovered_datagrams = 0;
  std::uint64_t recovered_flows = 0;
  std::uint64_t damaged_blocks = 0;
  std::uint64_t quarantined = 0;  ///< stretches put aside now
  /// Every writer whose journal may be there, and every worker's: for the outputs.
  std::vector<pipeline::WriterHistory> histories;
};

/// Commits what the journals of an earlier run still hold, puts aside what kills the decoder, and tells where each of
/// `workers` workers goes on; when their number has changed, what is known of the exporters is dealt out anew. To be
/// called before the collector's threads are started (see run_in_child), by the holder of the collector's lock. With
/// `keep_journals` the journals stay, for outputs that have yet to read them.
Result<std::vector<pipeline::WriterStart>> start_writers(store::Store& store, store::SegmentStore& segments,
                                                         unsigned workers, bool keep_journals, StartReport& report);

}  // namespace flowspan::app
