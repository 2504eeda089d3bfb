// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "query/answer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/database.hpp"
#include "query/newest.hpp"
#include "query/window.hpp"
#include "store/work_folder.hpp"

namespace flowspan::query {
namespace {

/// A journal is committed about every five minutes: losing this race so often is not chance.
constexpr int snapshot_attempts = 10;
constexpr std::uint64_t most_memory = 2'000'000'000;
constexpr std::uint64_t memory_share = 4;

std::uint64_t memory_limit() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page <= 0) return most_memory;
  return std::min(most_memory, static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page) / memory_share);
}

/// What the longest scan of a journal has read: a question may scan it several times.
class LongestScan {
 public:
  void tell(std::uint64_t rows, const flow::Missing& missing) {
    const std::lock_guard lock(mutex_);
    if (rows < rows_) return;
    rows_ = rows;
    missing_ = missing;
  }
  std::pair<std::uint64_t, flow::Missing> told() const {
    const std::lock_guard lock(mutex_);
    return {rows_, missing_};
  }

 private:
  mutable std::mutex mutex_;
  std::uint64_t rows_ = 0;
  flow::Missing missing_;
};

/// Passes flows on and counts them.
class CountingReader final : public flow::Reader {
 public:
  CountingReader(std::unique_ptr<flow::Reader> reader, std::shared_ptr<LongestScan> longest)
      : reader_(std::move(reader)), longest_(std::move(longest)) {}
  ~CountingReader() override { longest_->tell(rows_, reader_->missing()); }
  Result<bool> read(flow::FlowBatch& batch) override {
    auto more = reader_->read(batch);
    if (more && *more) rows_ += batch.rows();
    return more;
  }

 private:
  std::unique_ptr<flow::Reader> reader_;
  std::shared_ptr<LongestScan> longest_;
  std::uint64_t rows_ = 0;
};

/// Reader factories with their counts.
struct LivePart {
  std::vector<std::uint32_t> writers;
  std::vector<engine::ReaderFactory> factories;
  std::vector<std::shared_ptr<LongestScan>> scans;
  Time until = 0;

  std::uint64_t flows() const {
    std::uint64_t sum = 0;
    for (const auto& scan : scans) sum += scan->told().first;
    return sum;
  }
  /// What is missing in the journals that were received in the window. Times of flows that are missing are not known:
  /// the time of receiving stands for them.
  store::Loss loss(const store::Window& window) const {
    store::Loss sum;
    for (const auto& scan : scans) {
      const flow::Missing missing = scan->told().second;
      const bool outside =
          (window.from && missing.received_max < *window.from) || (window.to && missing.received_min >= *window.to);
      if (!outside) sum += store::loss_of(missing);
    }
    sum.settle();
    return sum;
  }
};

engine::ReaderFactory counting(engine::ReaderFactory factory, std::shared_ptr<LongestScan> scan) {
  return [factory = std::move(factory),
          scan = std::move(scan)](const flow::FieldSet& wanted) -> Result<std::unique_ptr<flow::Reader>> {
    auto reader = factory(wanted);
    if (!reader) return fail(std::move(reader.error()));
    return std::make_unique<CountingReader>(std::move(*reader), scan);
  };
}

LivePart counted(std::vector<LiveWriter> writers, Time until) {
  LivePart part;
  part.until = until;
  for (auto& writer : writers) {
    part.writers.push_back(writer.writer);
    part.scans.push_back(std::make_shared<LongestScan>());
    part.factories.emplace_back(counting(std::move(writer.open), part.scans.back()));
  }
  return part;
}

/// Where a question spills: a folder of the store that a later sweep knows, or the system's when the store is read-only.
struct SpillFolder {
  std::optional<store::WorkFolder> own;
  std::filesystem::path path;

  explicit SpillFolder(const store::Store& store) {
    auto folder = store::WorkFolder::make(store.temporary_folder(), "question");
    if (folder) {
      own.emplace(std::move(*folder));
      path = own->path() / "spill";
      return;
    }
    std::error_code code;
    auto base = std::filesystem::temp_directory_path(code);
    if (code) base = "/tmp";
    path = base / fmt::format("flowspan-question-{}", ::getpid());
  }
};

/// One attempt: a snapshot, and a database that has it as the view `flows`.
struct Session {
  store::Snapshot snapshot;
  LivePart live;
  std::optional<engine::Database> database;
  std::optional<Boundary> boundary;  ///< of the newest flows, when there are older ones
};

/// The flows that the question is about.
Result<std::string> relation(Session& session, const store::Store& store, const Request& request) {
  const auto& snapshot = session.snapshot;
  const auto files = snapshot.files(store);
  const bool has_live = !session.live.factories.empty();
  if (request.newest && (has_live || !files.empty())) {
    const auto placed = store::placed_relation_sql(files, places_of(snapshot, session.live.writers), snapshot.fields());
    const auto boundary = find_boundary(*session.database, placed, files, *request.newest);
    if (!boundary) return fail(boundary.error());
    session.boundary = *boundary;
    if (*boundary) return since_boundary_sql(placed, **boundary);
  }
  return store::relation_sql(files, has_live, snapshot.fields());
}

Status open_view(Session& session, const store::Store& store, const Request& request) {
  const bool has_live = !session.live.factories.empty();
  auto factories = session.live.factories;
  auto status = engine::register_live_flows(*session.database, std::move(factories));
  if (!status) return status;
  using flow::operator""_field;
  store::ViewOptions options;
  options.exporters = request.exporters;
  options.raw = request.raw;
  options.sampling_said = has_live || session.snapshot.fields()["sampling_rate"_field];
  const auto flows = relation(session, store, request);
  if (!flows) return fail(flows.error());
  auto view = "CREATE TEMP VIEW flows AS SELECT * FROM (" + store::flows_sql(*flows, options) + ")";
  const auto condition = request.window_in_view ? window_sql(request.window) : std::string{};
  if (!condition.empty()) view += " WHERE " + condition;
  return session.database->run(view);
}

Result<Session> open_session(store::Store& store, const Request& request, const LiveReaders& live,
                             const std::filesystem::path& spill) {
  Session session;
  auto snapshot = store::take_snapshot(store, request.window, request.newest);
  if (!snapshot) return fail(std::move(snapshot.error()));
  session.snapshot = std::move(*snapshot);
  if (live) {
    const Time until = now();
    auto readers = live(store, session.snapshot);
    if (!readers) return fail(std::move(readers.error()));
    session.live = counted(std::move(*readers), until);
  }
  auto database = engine::Database::open({.memory_limit = memory_limit(), .temp_directory = spill});
  if (!database) return fail(std::move(database.error()));
  session.database.emplace(std::move(*database));
  auto status = open_view(session, store, request);
  if (!status) return fail(std::move(status.error()));
  return session;
}

/// Starts the query and fetches its first rows, so that a journal that went away is known before anything is written.
Result<std::pair<engine::Rows, bool>> start_one(Session& session, const std::string& sql) {
  auto rows = session.database->query(sql);
  if (!rows) return fail(std::move(rows.error()));
  auto more = rows->next_chunk();
  if (!more) return fail(std::move(more.error()));
  return std::pair{std::move(*rows), *more};
}

Result<std::pair<engine::Rows, bool>> start(Session& session, const Request& request) {
  auto started = start_one(session, request.sql);
  if (started || request.wide_sql.empty() || started.error().kind == ErrorKind::not_found) return started;
  return start_one(session, request.wide_sql);
}

Status write_chunk(const engine::Rows& rows, RowWriter& writer, std::vector<engine::Value>& values) {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < values.size(); ++column) values[column] = rows.value(column, row);
    writer.row(values);
  }
  return writer.flush();
}

/// Writes all rows, the first chunk of which is there.
Status write_rows(engine::Rows& rows, bool more, RowWriter& writer) {
  writer.begin(rows.columns());
  std::vector<engine::Value> values(rows.columns().size());
  while (more) {
    auto status = write_chunk(rows, writer, values);
    if (!status) return status;
    auto next = rows.next_chunk();
    if (!next) return fail(std::move(next.error()));
    more = *next;
  }
  return {};
}

Truth truth_about(const Session& session, const Request& request) {
  auto truth = truth_of(session.snapshot, request.window);
  truth.raw = request.raw;
  truth.rates_configured = std::any_of(request.exporters.begin(), request.exporters.end(), [](const auto& exporter) {
    return exporter.default_sampling || exporter.forced_sampling;
  });
  if (request.newest) {
    truth.newest = Truth::Newest{*request.newest, {}};
    if (session.boundary) truth.newest->received_from = session.boundary->received;
  }
  if (session.live.factories.empty()) return truth;
  truth.live = Truth::Live{session.live.flows(), session.live.until};
  truth.loss += session.live.loss(request.window);
  return truth;
}

}  // namespace

Result<Truth> answer(const Request& request, const LiveReaders& live, RowWriter& writer) {
  auto store = store::Store::open(request.store, store::Mode::read);
  if (!store) return fail(std::move(store.error()));
  const SpillFolder spill(**store);
  for (int attempt = 1;; ++attempt) {
    auto session = open_session(**store, request, live, spill.path);
    const Interrupt::Acting acting(session ? request.interrupt : nullptr, [&] { session->database->interrupt(); });
    if (request.interrupt != nullptr && request.interrupt->asked()) return fail("the question was interrupted");
    auto started = session ? start(*session, request) : fail(session.error());
    if (!started) {
      if (started.error().kind == ErrorKind::not_found && attempt < snapshot_attempts) continue;
      return fail(std::move(started.error()));
    }
    {
      auto rows = std::move(started->first);  // ends here, and with it the live readers that count
      auto status = write_rows(rows, started->second, writer);
      if (!status) return fail(std::move(status.error()));
    }
    auto truth = truth_about(*session, request);
    truth.notes = writer.notes();
    auto status = writer.end(truth_json(truth));
    if (!status) return fail(std::move(status.error()));
    return truth;
  }
}

}  // namespace flowspan::query
