// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/account_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/units.hpp"
#include "exporter/counters.hpp"
#include "query/output.hpp"

namespace flowspan::app {
namespace {

using flow::ExporterAccount;
using Json = nlohmann::ordered_json;

std::int64_t committed(const AccountSum& sum) { return sum.account.stored - sum.waiting; }

std::int64_t refused(const AccountSum& sum) {
  std::int64_t all = 0;
  for (const auto& [reason, datagrams] : sum.refused) all += datagrams;
  return all;
}

/// NULL where no flow came under a number: such an exporter announces nothing.
engine::Value announced(const AccountSum& sum) {
  const ExporterAccount& account = sum.account;
  const bool told = account.announced != 0 || account.stored != account.unnumbered || account.all_lost() != 0;
  return told ? engine::Value(account.announced) : engine::Value();
}

struct Column {
  const char* name;
  engine::Value (*value)(const AccountSum&);
  enum class Table { always, used, never } table;  ///< whether people see it: `used` if it is not 0 in all rows
};

template <std::int64_t ExporterAccount::*member>
engine::Value number(const AccountSum& sum) {
  return sum.account.*member;
}

using enum Column::Table;
constexpr auto columns = std::to_array<Column>({
    {"announced", announced, always},
    {"stored", [](const AccountSum& sum) -> engine::Value { return committed(sum); }, always},
    {"waiting", [](const AccountSum& sum) -> engine::Value { return sum.waiting; }, always},
    {"network", number<&ExporterAccount::network>, always},
    {"kernel", number<&ExporterAccount::kernel>, always},
    {"ring", number<&ExporterAccount::ring>, always},
    {"journal", number<&ExporterAccount::journal>, used},
    {"down", number<&ExporterAccount::down>, used},
    {"quarantined", number<&ExporterAccount::quarantined>, used},
    {"undecodable", number<&ExporterAccount::undecodable>, always},
    {"unclear", number<&ExporterAccount::unclear>, used},
    {"not_numbered", number<&ExporterAccount::unnumbered>, used},
    {"repeated", number<&ExporterAccount::repeated>, used},
    {"difference", [](const AccountSum& sum) -> engine::Value { return sum.account.difference(); }, always},
    {"datagrams", number<&ExporterAccount::datagrams>, never},
    {"refused_datagrams", [](const AccountSum& sum) -> engine::Value { return refused(sum); }, never},
    {"late", number<&ExporterAccount::late>, used},
    {"restarts", number<&ExporterAccount::restarts>, used},
    {"resets", number<&ExporterAccount::resets>, used},
});

bool is_zero(const engine::Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr || *number == 0;
}

std::string name_of(const AccountTable& table, const Ip& ip) {
  const store::ExporterSettings* settings = store::settings_of(table.exporters, ip);
  return settings == nullptr || settings->name.empty() ? ip.to_string() : settings->name;
}

bool has_hours(AccountBy by) { return by == AccountBy::hour || by == AccountBy::exporter_hour; }
bool has_exporters(AccountBy by) { return by == AccountBy::exporter || by == AccountBy::exporter_hour; }

/// What comes before the numbers.
void put_key(const AccountTable& table, const AccountKey& key, bool names, bool days, std::vector<engine::Value>& row) {
  const bool is_rest = key.exporter == flow::Ledger::others;
  if (has_exporters(table.by)) row.push_back(is_rest ? std::string("others") : key.exporter.value_or(Ip{}).to_string());
  if (names) row.push_back(is_rest ? std::string("others") : name_of(table, key.exporter.value_or(Ip{})));
  if (has_hours(table.by)) row.push_back(engine::Timestamp{key.begins.value_or(0), 0});
  if (days) row.push_back(key.span / second);
}

std::string reason_name(std::size_t number) {
  return std::string(exporter::name(static_cast<exporter::Reason>(number)));
}

std::int64_t refused_for(const AccountSum& sum, const std::string& reason) {
  const auto found = sum.refused.find(reason);
  return found == sum.refused.end() ? 0 : found->second;
}

/// Of the rows' differences, without their signs: one must not hide another.
std::int64_t unexplained(const AccountTable& table) {
  std::int64_t sum = 0;
  for (const auto& [key, row] : table.rows) sum += std::abs(row.account.difference());
  return sum;
}

std::string quality(const AccountTable& table) {
  const AccountSum total = table.total();
  Json json;
  json["balances"] = unexplained(table) == 0;
  json["not_accounted_for"] = unexplained(table);
  json["announced"] = total.account.announced;
  json["stored"] = committed(total);
  json["waiting"] = total.waiting;
  json["lost"] = total.account.all_lost();
  for (std::size_t i = 0; i < exporter::reason_count; ++i)
    json["refused_datagrams"][reason_name(i)] = refused_for(total, reason_name(i));
  Json& machine = json["machine"];
  for (const auto& column : flow::writer_columns) machine[std::string(column.name)] = table.machine.*column.value;
  machine["not_placed"] = std::max<std::int64_t>(table.machine.dropped() - table.machine.placed, 0);
  json["ledger_begins"] = table.begins ? Json(time_text(*table.begins)) : Json(nullptr);
  return json.dump();
}

std::string plural(std::int64_t count, const char* thing) {
  return fmt::format("{} {}{}", count_text(static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0))), thing,
                     count == 1 ? "" : "s");
}

void note_machine(const flow::WriterAccount& machine, std::vector<std::string>& notes) {
  if (machine.dropped() == 0) return;
  std::string text = "this machine dropped";
  const auto add = [&](std::int64_t count, const char* where) {
    if (count != 0) text += fmt::format(" {} {},", plural(count, "datagram"), where);
  };
  add(machine.kernel, "in the kernel (socket buffer full)");
  add(machine.ring, "in the ring (journal thread too slow)");
  add(machine.journal, "before the journal (full)");
  add(machine.quarantined, "into quarantine");
  text.pop_back();
  const std::int64_t rest = std::max<std::int64_t>(machine.dropped() - machine.placed, 0);
  if (rest > 0)
    text += fmt::format("; the exporter of {} of these is not known", count_text(static_cast<std::uint64_t>(rest)));
  notes.push_back(std::move(text));
}

}  // namespace

AccountSum AccountTable::total() const {
  AccountSum sum;
  for (const auto& [key, row] : rows) {
    sum.account += row.account;
    sum.waiting += row.waiting;
    for (const auto& [reason, datagrams] : row.refused) sum.refused[reason] += datagrams;
  }
  return sum;
}

Status write_account(const AccountTable& table, Format format, const query::TimeZone& zone) {
  const bool for_people = format == Format::table;
  const auto differs = [&](const auto& row) {
    return row.first.exporter && name_of(table, *row.first.exporter) != row.first.exporter->to_string();
  };
  const bool names =
      has_exporters(table.by) && (!for_people || std::any_of(table.rows.begin(), table.rows.end(), differs));
  const bool days =
      has_hours(table.by) && (!for_people || std::any_of(table.rows.begin(), table.rows.end(),
                                                         [](const auto& row) { return row.first.span != hour; }));
  engine::Table out;
  if (has_exporters(table.by)) out.columns.push_back({"exporter", "VARCHAR"});
  if (names) out.columns.push_back({"exporter_name", "VARCHAR"});
  if (has_hours(table.by)) out.columns.push_back({"hour", "TIMESTAMP_S"});
  if (days) out.columns.push_back({"seconds", "BIGINT"});
  std::vector<const Column*> shown;
  for (const Column& column : columns) {
    const bool is_used = std::any_of(table.rows.begin(), table.rows.end(),
                                     [&](const auto& row) { return !is_zero(column.value(row.second)); });
    if (for_people && (column.table == never || (column.table == used && !is_used))) continue;
    shown.push_back(&column);
    out.columns.push_back({column.name, "BIGINT"});
  }
  if (!for_people)
    for (std::size_t i = 0; i < exporter::reason_count; ++i)
      out.columns.push_back({"refused_" + reason_name(i), "BIGINT"});
  for (const auto& [key, sum] : table.rows) {
    std::vector<engine::Value>& row = out.rows.emplace_back();
    put_key(table, key, names, days, row);
    for (const Column* column : shown) row.push_back(column->value(sum));
    if (for_people) continue;
    for (std::size_t i = 0; i < exporter::reason_count; ++i) row.emplace_back(refused_for(sum, reason_name(i)));
  }
  return query::write_table(format, query::standard_output(), out, quality(table), zone);
}

std::vector<std::string> account_notes(const AccountTable& table) {
  std::vector<std::string> notes;
  const AccountSum total = table.total();
  if (refused(total) > 0) {
    std::string text = "datagrams that were not what they should be:";
    for (const auto& [reason, datagrams] : total.refused)
      text += fmt::format(" {} {},", count_text(static_cast<std::uint64_t>(datagrams)), reason);
    text.pop_back();
    notes.push_back(std::move(text));
  }
  note_machine(table.machine, notes);
  if (total.account.unclear != 0)
    notes.push_back(fmt::format("{} lost on the way or here: both happened in the same stretch of time",
                                plural(total.account.unclear, "flow")));
  if (table.begins) notes.push_back("the ledger begins at " + time_text(*table.begins));
  if (table.rows.empty()) {
    notes.push_back("nothing is in the ledger for this window");
  } else if (const std::int64_t rest = unexplained(table); rest != 0) {
    notes.push_back(fmt::format("{} {} not accounted for: see 'difference' (please report this)", plural(rest, "flow"),
                                rest == 1 ? "is" : "are"));
  } else {
    notes.push_back(fmt::format(
        "balances: {} announced, {} stored, {} waiting, {} lost", plural(total.account.announced, "flow"),
        count_text(static_cast<std::uint64_t>(committed(total))), count_text(static_cast<std::uint64_t>(total.waiting)),
        count_text(static_cast<std::uint64_t>(total.account.all_lost()))));
  }
  return notes;
}

}  // namespace flowspan::app
