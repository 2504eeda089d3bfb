// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "base/units.hpp"
#include "engine/database.hpp"
#include "engine/scan_sql.hpp"
#include "store/files.hpp"
#include "store/journal_files.hpp"
#include "store/rows.hpp"
#include "store/sqlite.hpp"

namespace flowspan::store {
namespace {

using sqlite::Database;

struct Content {
  std::vector<Segment> segments;
  std::vector<WriterState> writers;
  std::vector<Quarantined> quarantined;
  std::map<std::string, std::uint64_t> retired;
  std::vector<std::string> damages;  // of the catalog itself
};

Status read_catalog(Database& db, Content& content) {
  auto check = db.query("PRAGMA integrity_check(20)");
  while (true) {
    const auto more = check.step();
    if (!more) return fail(more.error());
    if (!*more) break;
    if (check.text(0) != "ok") content.damages.push_back(check.string(0));
  }
  auto segments = select_segments(db);
  if (!segments) return fail(std::move(segments.error()));
  content.segments = std::move(*segments);
  auto writers = select_writers(db);
  if (!writers) return fail(std::move(writers.error()));
  content.writers = std::move(*writers);
  auto quarantined = select_quarantined(db);
  if (!quarantined) return fail(std::move(quarantined.error()));
  content.quarantined = std::move(*quarantined);
  auto row = db.query("SELECT name, bytes FROM retired");
  while (true) {
    const auto more = row.step();
    if (!more) return fail(more.error());
    if (!*more) return {};
    content.retired.emplace(row.string(0), row.number(1));
  }
}

/// Numbers of the columns that a file's footer names, or why it has none.
class Footers {
 public:
  explicit Footers(engine::Database& database) : database_(database) {}

  Result<std::uint64_t> rows(const std::filesystem::path& file) {
    return number(fmt::format("SELECT CAST(num_rows AS UBIGINT) FROM parquet_file_metadata({})",
                              engine::sql_literal(file.native())));
  }
  Result<std::set<std::uint64_t>> fields(const std::filesystem::path& file) {
    auto rows = database_.query(
        fmt::format("SELECT CAST(field_id AS UBIGINT) FROM parquet_schema({}) WHERE num_children IS NULL",
                    engine::sql_literal(file.native())));
    if (!rows) return fail(std::move(rows.error()));
    const auto table = rows->all();
    if (!table) return fail(table.error());
    std::set<std::uint64_t> numbers;
    for (const auto& row : table->rows) numbers.insert(to_number(row.at(0)));
    return numbers;
  }
  /// Reads every row: how many, and the sums of bytes and packets.
  Result<std::vector<std::uint64_t>> sums(const std::filesystem::path& file, const flow::FieldSet& fields) {
    std::string read;  // hash() of a row makes DuckDB decode all of its columns
    for (flow::FieldIndex i = 0; i < flow::field_count; ++i)
      if (fields[i]) read += fmt::format("{}{}", read.empty() ? "" : ", ", flow::fields[i].name);
    auto rows = database_.query(
        fmt::format("SELECT count(*), CAST(coalesce(sum(bytes), 0) % 18446744073709551616 AS UBIGINT), "
                    "CAST(coalesce(sum(packets), 0) % 18446744073709551616 AS UBIGINT), bit_xor(hash({})) FROM {}",
                    read, engine::read_parquet_sql({&file, 1})));
    if (!rows) return fail(std::move(rows.error()));
    const auto table = rows->all();
    if (!table) return fail(table.error());
    const auto& row = table->rows.at(0);
    return std::vector{to_number(row.at(0)), to_number(row.at(1)), to_number(row.at(2))};
  }

 private:
  static std::uint64_t to_number(const engine::Value& value) {
    if (const auto* is_unsigned = std::get_if<std::uint64_t>(&value)) return *is_unsigned;
    if (const auto* is_signed = std::get_if<std::int64_t>(&value)) return static_cast<std::uint64_t>(*is_signed);
    return 0;
  }
  Result<std::uint64_t> number(const std::string& sql) {
    auto rows = database_.query(sql);
    if (!rows) return fail(std::move(rows.error()));
    const auto table = rows->all();
    if (!table) return fail(table.error());
    if (table->rows.empty()) return fail("the file has no footer");
    return to_number(table->rows.front().at(0));
  }
  engine::Database& database_;
};

class Examination {
 public:
  Examination(Store& store, const Content& content, VerifyReport& report)
      : store_(store), content_(content), report_(report) {}

  void error(std::string text) { report_.findings.push_back({true, std::move(text)}); }
  void note(std::string text) { report_.findings.push_back({false, std::move(text)}); }

  void catalog() {
    for (const auto& damage : content_.damages)
      error("the catalog is damaged: " + damage + " (stop the collector, keep a copy, and run `sqlite3 " +
            store_.catalog().file().string() + " .recover`)");
  }

  void segment(const Segment& segment, Footers& footers, bool deep) {
    ++report_.segments;
    report_.rows += segment.rows;
    const auto file = store_.path() / segment.name;
    std::error_code failed;
    const auto bytes = std::filesystem::file_size(file, failed);
    if (failed) {
      if (store_retired(segment.name)) return;
      return error(file.string() + " is missing: its " + count_text(segment.rows) +
                   " flows are lost (restore the file from a backup)");
    }
    if (bytes != segment.file_bytes)
      return error(file.string() + " has " + count_text(bytes) + " bytes, the catalog says " +
                   count_text(segment.file_bytes) + ": it was changed or cut (restore it from a backup)");
    const auto rows = footers.rows(file);
    if (!rows) return error(file.string() + " cannot be read: " + rows.error().text);
    if (*rows != segment.rows)
      return error(file.string() + " has " + count_text(*rows) + " flows, the catalog says " +
                   count_text(segment.rows));
    columns(segment, file, footers);
    if (!deep) return;
    const auto sums = footers.sums(file, segment.fields);
    if (!sums) return error(file.string() + " cannot be read to its end: " + sums.error().text);
    if (sums->at(0) != segment.rows || sums->at(1) != segment.raw_bytes || sums->at(2) != segment.raw_packets)
      error(file.string() + " does not add up to what the catalog says: " + count_text(sums->at(0)) + " flows, " +
            count_text(sums->at(1)) + " bytes, " + count_text(sums->at(2)) + " packets");
  }

  void orphans(Time now) {
    std::set<std::string> known;
    for (const auto& segment : content_.segments) known.insert(segment.name);
    std::error_code ignored;
    for (auto at = std::filesystem::recursive_directory_iterator(store_.segments_folder(), ignored);
         at != std::filesystem::recursive_directory_iterator(); at.increment(ignored)) {
      if (!at->is_regular_file(ignored)) continue;
      const auto name = at->path().lexically_relative(store_.path()).generic_string();
      if (known.contains(name) || content_.retired.contains(name)) continue;
      if (age_of(at->path(), now).value_or(0) < minute) continue;  // about to be committed
      const bool is_ours = parse_segment_name(at->path().filename().string()).has_value();
      note(at->path().string() + (is_ours ? " is left over from a crash: the next collector removes it"
                                          : " is not flowspan's: nothing reads it"));
    }
    if (!content_.retired.empty())
      note(count_text(content_.retired.size()) +
           " files of retired segments wait to be removed: a collector does it, " +
           "15 minutes after they left the catalog");
  }

  /// The list was made before the catalog was read, so that files which a collector committed and unlinked since are
  /// not missed; sizes are as of now.
  void journals(const std::vector<JournalFile>& before_catalog) {
    auto files = before_catalog;
    for (auto& file : files)
      for (const auto& now_there : journal_now_)
        if (now_there.writer == file.writer && now_there.number == file.number) file.bytes = now_there.bytes;
    for (const auto& writer : content_.writers) {
      if (!writer.active) continue;
      const JournalFile* first = nullptr;
      const JournalFile* before = nullptr;
      for (const auto& file : files) {
        if (file.writer != writer.writer || file.number < writer.position.file) continue;
        if (first == nullptr) first = &file;
        if (before != nullptr && file.number != before->number + 1)
          error(fmt::format("writer {}: the journal files between {} and {} are missing: what they held is lost",
                            writer.writer, before->number, file.number));
        before = &file;
      }
      position(writer, first);
      if (writer.attempts >= 2)
        note(fmt::format("writer {}: its recovery has begun {} times and not ended", writer.writer, writer.attempts));
    }
    for (const auto& stretch : content_.quarantined) {
      std::error_code ignored;
      if (!stretch.file.empty() && !std::filesystem::exists(store_.path() / stretch.file, ignored))
        note(stretch.file + " of the quarantine is gone (it held a datagram of " + stretch.exporter + ": " +
             stretch.reason + ")");
    }
  }

 private:
  bool store_retired(const std::string& name) {
    // Compacted or retired since the catalog was read, and unlinked: not missing.
    bool is_there = true;
    (void)store_.catalog().read([&](Database& db) -> Status {
      auto row = db.query("SELECT count(*) FROM segments WHERE name = ?");
      row.bind(name);
      if (const auto found = row.step(); found && *found) is_there = row.integer(0) != 0;
      return {};
    });
    return !is_there;
  }

  void columns(const Segment& segment, const std::filesystem::path& file, Footers& footers) {
    const auto numbers = footers.fields(file);
    if (!numbers) return error(file.string() + " cannot be read: " + numbers.error().text);
    std::set<std::uint64_t> said;
    for (flow::FieldIndex i = 0; i < flow::field_count; ++i)
      if (segment.fields[i]) said.insert(flow::fields[i].number);
    const bool agree = segment.knows_more ? std::includes(numbers->begin(), numbers->end(), said.begin(), said.end())
                                          : *numbers == said;
    if (!agree)
      error(fmt::format("{} has the columns {}, the catalog says {}", file.string(), fmt::join(*numbers, " "),
                        fmt::join(said, " ")));
  }

  void position(const WriterState& writer, const JournalFile* first) {
    if (first == nullptr || writer.position == Position{}) return;  // everything committed, or nothing begun
    if (first->number == writer.position.file && first->bytes < writer.position.offset)
      error(fmt::format("writer {}: the journal file {} ends at {}, but {} is committed: it was cut", writer.writer,
                        first->number, first->bytes, writer.position.offset));
    if (first->number > writer.position.file + 1)
      error(
          fmt::format("writer {}: the journal begins at file {}, but only file {} is committed: what stood between "
                      "is lost",
                      writer.writer, first->number, writer.position.file));
  }

  Store& store_;
  const Content& content_;
  VerifyReport& report_;
  std::vector<JournalFile> journal_now_ = list_journal(store_.journal_folder());
};

}  // namespace

bool VerifyReport::sound() const {
  return std::none_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.error; });
}

Result<VerifyReport> verify(Store& store, const VerifyOptions& options) {
  VerifyReport report;
  Content content;
  const auto journal_before = list_journal(store.journal_folder());
  auto read = store.catalog().read([&](Database& db) { return read_catalog(db, content); });
  if (!read) return fail(std::move(read.error()));
  auto database =
      engine::Database::open({.threads = 1, .memory_limit = 512ull << 20, .temp_directory = {}, .keep_order = false});
  if (!database) return fail(std::move(database.error()));
  Footers footers(*database);
  Examination examination(store, content, report);
  examination.catalog();
  for (const auto& segment : content.segments) examination.segment(segment, footers, options.deep);
  examination.orphans(now());
  examination.journals(journal_before);
  return report;
}

}  // namespace flowspan::store
