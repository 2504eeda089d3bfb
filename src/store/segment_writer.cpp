// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/segment_writer.hpp"

#include <optional>
#include <utility>

#include "base/fault.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "store/account.hpp"
#include "store/files.hpp"
#include "store/rows.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

std::string text_of(const Position& position) {
  return "journal " + std::to_string(position.file) + " offset " + std::to_string(position.offset);
}

struct Turn {
  Position position;
  std::uint64_t sequence = 1;
};

/// Where the writer stands, and that the range was not committed before.
Result<Turn> turn_of(sqlite::Database& db, const flow::Range& range) {
  auto row = db.query("SELECT file, \"offset\", next_sequence FROM writers WHERE writer = ?");
  row.bind(range.writer);
  const auto found = row.step();
  if (!found) return fail(found.error());
  if (!*found) return Turn{};
  const Turn turn{{static_cast<std::uint32_t>(row.integer(0)), row.number(1)}, row.number(2)};
  if (range.from < turn.position || range.to < range.from)
    return fail("writer " + std::to_string(range.writer) + " offers " + text_of(range.from) + " to " +
                text_of(range.to) + ", but the catalog stands at " + text_of(turn.position) +
                ": the range was committed before");
  return turn;
}

Status move_writer(sqlite::Database& db, const flow::Range& range, std::uint64_t next_sequence,
                   const std::string& state) {
  return db
      .query(
          "INSERT INTO writers (writer, file, \"offset\", next_sequence, state) VALUES (?, ?, ?, ?, ?) "
          "ON CONFLICT (writer) DO UPDATE SET file = excluded.file, \"offset\" = excluded.\"offset\", "
          "next_sequence = excluded.next_sequence, state = excluded.state, attempts = 0, active = 1")
      .all(range.writer, range.to.file, range.to.offset, next_sequence, sqlite::Blob{state})
      .run();
}

/// What was lost in the range: as the journal thread counted it, and how the ledger explains it.
Loss loss_of_range(const flow::Range& range, const flow::Missing& missing) {
  Loss loss = loss_of(missing);
  loss.lost_flows = static_cast<std::uint64_t>(range.lost_flows);  // see Loss::settle()
  loss.dropped_datagrams = range.dropped_datagrams;
  loss.decode_errors = range.decode_errors;
  return loss;
}

Status add_loss(sqlite::Database& db, const flow::Range& range, const Loss& loss) {
  if (loss == Loss{}) return {};
  return db
      .query(
          "INSERT INTO losses (writer, received_min, received_max, datagrams, lost_flows, dropped_datagrams, "
          "decode_errors, dropped_flows, down_flows, undecodable_flows, unclear_flows) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .all(range.writer, range.received_min, range.received_max, range.datagrams, loss.lost_flows,
           loss.dropped_datagrams, loss.decode_errors, loss.dropped_flows, loss.down_flows, loss.undecodable_flows,
           loss.unclear_flows)
      .run();
}

/// Removes an unfinished file.
class Unfinished {
 public:
  explicit Unfinished(std::filesystem::path file) : file_(std::move(file)) {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    if (!file_.empty()) (void)remove_file(file_);
  }
  void finished() { file_.clear(); }

 private:
  std::filesystem::path file_;
};

}  // namespace

Result<engine::ParquetWriter> SegmentStore::take_writer() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto writer = std::move(idle_.back());
      idle_.pop_back();
      return writer;
    }
  }
  return engine::ParquetWriter::open();
}

void SegmentStore::give_back(engine::ParquetWriter writer) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(writer));
}

Status SegmentStore::commit(const flow::Range& range, flow::Reader& flows,
                            const std::function<flow::Learned()>& learned) {
  Turn turn;
  auto seen = store_.catalog().read([&](sqlite::Database& db) -> Status {
    auto found = turn_of(db, range);
    if (!found) return fail(std::move(found.error()));
    turn = *found;
    return {};
  });
  if (!seen) return seen;

  Segment segment;
  // A range of nothing has no time: without one it would leave an empty folder of 1970.
  segment.name = segment_prefix(range.received_min != 0 ? range.received_min : now()) + std::to_string(range.writer) +
                 "-" + std::to_string(turn.sequence) + ".parquet";
  const auto file = store_.path() / segment.name;
  auto part = file;
  part += ".part";
  if (auto made = make_folder(store_.path(), file.parent_path()); !made) return made;
  Unfinished unfinished(part);

  if (auto point = fault_point("segment.before_write"); !point) return point;
  auto writer = take_writer();
  if (!writer) return fail(std::move(writer.error()));
  auto columns = range.fields;
  columns.set(flow::find_field("received_time"));
  auto written = writer->write(flows, columns, part,
                               {.metadata = {{"flowspan_store", store_.id()},
                                             {"flowspan_writer", std::to_string(range.writer)},
                                             {"flowspan_sequence", std::to_string(turn.sequence)}}});
  give_back(std::move(*writer));
  if (!written) return fail(std::move(written.error()));
  set_stats(segment, *written);
  if (segment.rows != range.rows) {
    ++miscounted_;
    log::warn("writer " + std::to_string(range.writer) + ": " + count_text(range.rows) + " flows were counted in " +
              text_of(range.from) + " to " + text_of(range.to) + ", but " + count_text(segment.rows) +
              " decoded: " + segment.name + " has the latter (please report this)");
  }
  const bool has_rows = segment.rows != 0;
  if (has_rows) {
    if (auto point = fault_point("segment.before_fsync"); !point) return point;
    if (auto synced = finish_file(part); !synced) return synced;
    if (auto point = fault_point("segment.after_fsync"); !point) return point;
    if (auto moved = move_file(part, file); !moved) return moved;
    // From here on it stays whatever happens: when the transaction fails in its last step, nobody can say whether it is
    // on the disk. A further try takes the same name; the sweep knows the rest.
    unfinished.finished();
    if (auto point = fault_point("segment.after_rename"); !point) return point;
  }

  segment.writer = range.writer;
  segment.sequence = turn.sequence;
  segment.from = range.from;
  segment.to = range.to;
  segment.fields = columns;
  segment.datagrams = range.datagrams;
  segment.loss = loss_of_range(range, flows.missing());
  segment.committed_at = now();
  const flow::Learned after = learned();
  auto committed = store_.catalog().write([&](sqlite::Database& db) -> Status {
    const auto still = turn_of(db, range);
    if (!still) return fail(still.error());
    if (still->sequence != turn.sequence) return fail("writer " + std::to_string(range.writer) + " has two committers");
    if (has_rows) {
      if (auto added = insert_segment(db, segment); !added) return added;
    } else if (auto added = add_loss(db, range, segment.loss); !added) {
      return added;
    }
    if (auto added = add_account(db, after.ledger, {.writer = range.writer}); !added) return added;
    if (auto moved = move_writer(db, range, turn.sequence + (has_rows ? 1 : 0), after.state); !moved) return moved;
    return fault_point("catalog.before_commit");
  });
  if (!committed) return committed;
  if (auto point = fault_point("catalog.after_commit"); !point) log::warn(point.error().text);  // it is committed
  if (has_rows) {
    ++segments_;
    rows_ += segment.rows;
    file_bytes_ += segment.file_bytes;
    if (on_segment_) on_segment_({segment, file});
  }
  return {};
}

}  // namespace flowspan::store
