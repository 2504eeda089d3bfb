// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/flow_scan.hpp"
#include "query/interrupt.hpp"
#include "query/output.hpp"
#include "query/truth.hpp"
#include "store/snapshot.hpp"
#include "store/views.hpp"

namespace flowspan::query {

/// The flows of one writer after a snapshot.
struct LiveWriter {
  std::uint32_t writer = 0;
  engine::ReaderFactory open;
};
/// Opens the journals after a snapshot, up to what is in them now. not_found: a journal was committed and removed since
/// the snapshot, so a new one is needed.
using LiveReaders =
    std::function<Result<std::vector<LiveWriter>>(const store::Store& store, const store::Snapshot& snapshot)>;

struct Request {
  std::filesystem::path store;
  std::string sql;  ///< over the view `flows`
  /// The same question without the limits that make `sql` quick; asked when `sql` fails. Empty: there is none.
  std::string wide_sql;
  store::Window window;
  /// true: `flows` holds the window's flows only. false: `sql` has the condition itself; the window prunes files.
  bool window_in_view = false;
  /// `flows` holds only so many flows that arrived last, in the order (received_time, writer, sequence, row); at least 1.
  /// Not together with a window.
  std::optional<std::uint64_t> newest;
  bool raw = false;
  std::vector<store::ExporterSettings> exporters;
  Interrupt* interrupt = nullptr;  ///< ends the question from another thread
};

/// How a request is asked: answer() with the readers of the live part, or what a test puts in its place.
using Ask = std::function<Result<Truth>(const Request& request, RowWriter& rows)>;

/// Asks the store: committed segments and the live part as of one moment. Rows go to `rows`, the truth is returned; its
/// JSON form ends the rows. The store is read only.
Result<Truth> answer(const Request& request, const LiveReaders& live, RowWriter& rows);

}  // namespace flowspan::query
