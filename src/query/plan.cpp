// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "engine/scan_sql.hpp"
#include "query/columns.hpp"
#include "query/nearest.hpp"
#include "query/question.hpp"
#include "query/window.hpp"

namespace flowspan::query {
namespace {

constexpr unsigned v4_bits = 32;
constexpr unsigned v6_bits = 128;

/// What a list of flows shows.
constexpr std::array<std::string_view, 12> list_columns{"received_time", "exporter",  "first_time", "last_time",
                                                        "proto",         "src_addr",  "src_port",   "dst_addr",
                                                        "dst_port",      "tcp_flags", "packets",    "bytes"};

/// Name as it may stand in SQL: quoted only where it must be, so that --explain reads well.
std::string name_sql(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  return plain && !name.empty() && name[0] > '9' ? std::string(name) : engine::sql_identifier(name);
}

/// A column of the answer: what is computed of each flow or group, and what is shown of it.
struct Output {
  std::string name;                ///< as the user wrote it
  std::vector<std::string> inner;  ///< "src_hi", "src_lo & 7 AS src_24_lo"
  std::vector<std::string> sort;   ///< names of `inner`
  std::string outer;               ///< "addr(src_hi, src_lo) AS src_addr"
};

Output address_output(const ViewColumn& column) {
  return {column.name,
          {column.hi, column.lo},
          {column.hi, column.lo},
          fmt::format("addr({}, {}) AS {}", column.hi, column.lo, column.name)};
}

Output plain_output(const std::string& name) { return {name, {name_sql(name)}, {name_sql(name)}, name_sql(name)}; }

/// The halves of the mask with the first `bits` of 128 set.
Ip mask_of(unsigned bits) { return Prefix{{}, bits}.mask(); }

/// `half` of the network: an IPv4 address is cut to `v4`, an IPv6 address to `v6` bits.
std::string masked(const ViewColumn& column, const std::string& half, std::uint64_t v4, std::uint64_t v6) {
  constexpr auto all = ~std::uint64_t{0};
  if (v4 == all && v6 == all) return half;
  if (v4 == v6) return fmt::format("{} & {}::UBIGINT", half, v4);
  return fmt::format("{} & CASE WHEN {} = 0 AND {} >> 32 = 65535 THEN {}::UBIGINT ELSE {}::UBIGINT END", half,
                     column.hi, column.lo, v4, v6);
}

Output network_output(const ViewColumn& column, const std::string& name, unsigned v4, unsigned v6) {
  const Ip mask4 = mask_of(v6_bits - v4_bits + v4);
  const Ip mask6 = mask_of(v6);
  const auto stem = fmt::format("{}_{}_{}", column.hi.substr(0, column.hi.size() - 3), v4, v6);
  Output output;
  output.name = name;
  output.inner = {masked(column, column.hi, mask4.hi, mask6.hi) + " AS " + stem + "_hi",
                  masked(column, column.lo, mask4.lo, mask6.lo) + " AS " + stem + "_lo"};
  output.sort = {stem + "_hi", stem + "_lo"};
  output.outer = fmt::format("subnet({0}_hi, {0}_lo, {1}, {2}) AS {3}", stem, v4, v6, name_sql(name));
  return output;
}

std::optional<unsigned> parse_bits(std::string_view text, unsigned most) {
  unsigned bits = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (code != std::errc{} || end != text.data() + text.size() || bits > most) return std::nullopt;
  return bits;
}

tl::unexpected<Error> no_column(const char* flag, std::string_view word, std::span<const std::string_view> known) {
  auto hint = did_you_mean(word, known);
  if (hint.empty()) hint = ": 'flowspan sql \"DESCRIBE flows\"' lists all there are";
  return fail(fmt::format("{}: there is no column '{}'{}", flag, word, hint), ErrorKind::usage);
}

/// "dst_port", "src_addr", "src_addr/24", "src_addr/24/64".
Result<Output> parse_key(const std::string& word) {
  const auto slash = word.find('/');
  const auto name = word.substr(0, slash);
  const auto column = find_column(name);
  if (!column) return no_column("--by", name, column_names());
  if (slash == std::string::npos) return column->address() ? address_output(*column) : plain_output(name);
  if (!column->address())
    return fail(fmt::format("--by: {} is no address, so '{}' is no network: leave out the '/'", name, word),
                ErrorKind::usage);
  const auto rest = std::string_view(word).substr(slash + 1);
  const auto second = rest.find('/');
  const auto first_bits = parse_bits(rest.substr(0, second), second == std::string_view::npos ? v6_bits : v4_bits);
  if (second == std::string_view::npos && first_bits)  // addresses of the other family stay whole
    return *first_bits <= v4_bits ? network_output(*column, word, *first_bits, v6_bits)
                                  : network_output(*column, word, v4_bits, *first_bits);
  const auto second_bits =
      second == std::string_view::npos ? std::nullopt : parse_bits(rest.substr(second + 1), v6_bits);
  if (!first_bits || !second_bits)
    return fail(
        fmt::format("--by: '{}' is no network: write {}/24 (IPv4), {}/48 (IPv6) or {}/24/48", word, name, name, name),
        ErrorKind::usage);
  return network_output(*column, word, *first_bits, *second_bits);
}

Result<Output> parse_sum(const std::string& word, bool wide) {
  const auto known = amount_names();
  if (std::find(known.begin(), known.end(), word) == known.end()) {
    if (find_column(word))
      return fail(
          fmt::format("--sum: {} is no amount: write {}, or group by it with --by", word, fmt::join(known, ", ")),
          ErrorKind::usage);
    return no_column("--sum", word, known);
  }
  auto output = plain_output(word);
  output.inner = {word == "flows" ? "count(*) AS flows"
                  : wide          ? fmt::format("sum({0}) AS {0}", word)
                                  : fmt::format("sum(CAST({0} AS BIGINT)) AS {0}", word)};
  return output;
}

template <typename Parse>
Status parse_all(std::vector<Output>& outputs, const std::vector<std::string>& words, const char* flag, Parse parse) {
  for (const auto& word : words) {
    if (std::any_of(outputs.begin(), outputs.end(), [&](const Output& output) { return output.name == word; }))
      return fail(fmt::format("{}: {} stands there twice: leave one out", flag, word), ErrorKind::usage);
    auto output = parse(word);
    if (!output) return fail(std::move(output.error()));
    outputs.push_back(std::move(*output));
  }
  return {};
}

struct Order {
  std::string name;  ///< empty: none was given
  std::optional<bool> ascending;
};

Result<Order> parse_order(const std::string& word) {
  const auto colon = word.find(':');
  Order order{word.substr(0, colon), {}};
  if (colon == std::string::npos) return order;
  const auto way = word.substr(colon + 1);
  if (way != "asc" && way != "desc")
    return fail(fmt::format("--order: '{}' is no direction: write {}:asc or {}:desc", way, order.name, order.name),
                ErrorKind::usage);
  order.ascending = way == "asc";
  return order;
}

std::string order_sql(const Output& output, bool ascending) {
  std::vector<std::string> parts;
  for (const auto& name : output.sort) parts.push_back(name + (ascending ? "" : " DESC") + " NULLS LAST");
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// "SELECT shown FROM (SELECT computed FROM flows … ORDER BY … LIMIT …) ORDER BY …": what is not shown is not formatted.
std::string assemble(const std::vector<Output>& outputs, const Question& question, bool grouped,
                     const std::string& order) {
  std::vector<std::string> inner;
  std::vector<std::string> outer;
  for (const auto& output : outputs) {
    inner.insert(inner.end(), output.inner.begin(), output.inner.end());
    outer.push_back(output.outer);
  }
  std::vector<std::string> sums;
  for (const auto& total : grouped ? question.totals : std::vector<Measure>{}) {
    const auto name = name_sql(total.name);
    inner.push_back(total.sql + " AS " + name);
    outer.push_back("totals." + name);
    sums.push_back(fmt::format("sum({0}) AS {0}", name));
  }
  auto computed = fmt::format("SELECT {} FROM flows", fmt::join(inner, ", "));
  if (const auto where = window_sql(question.window); !where.empty()) computed += " WHERE " + where;
  if (grouped) computed += " GROUP BY ALL";
  const auto sorted = order.empty() ? "" : " ORDER BY " + order;
  const auto cut = question.top > 0 ? sorted + fmt::format(" LIMIT {}", question.top) : "";
  if (sums.empty()) return fmt::format("SELECT {} FROM ({}{}){}", fmt::join(outer, ", "), computed, cut, sorted);
  return fmt::format(
      "WITH groups AS MATERIALIZED ({}) SELECT {} FROM (SELECT * FROM groups{}) AS shown, (SELECT {} FROM groups) AS "
      "totals{}",
      computed, fmt::join(outer, ", "), cut, fmt::join(sums, ", "), sorted);
}

/// The columns of --sum; what is sorted by is summed as well.
std::vector<std::string> sums_of(const Question& question, const std::string& order) {
  auto sums = question.sum.empty() ? std::vector<std::string>{"bytes", "packets", "flows"} : question.sum;
  const auto amounts = amount_names();
  const auto has = [&](const auto& words) { return std::find(words.begin(), words.end(), order) != words.end(); };
  if (!has(sums) && !has(question.by) && has(amounts)) sums.push_back(order);
  return sums;
}

Status add_measures(const Question& question, const std::string& order, std::vector<Output>& outputs) {
  if (question.measures.empty())
    return parse_all(outputs, sums_of(question, order), "--sum",
                     [&](const std::string& word) { return parse_sum(word, question.wide_counters); });
  for (const auto& measure : question.measures) {
    auto output = plain_output(measure.name);
    output.inner = {measure.sql + " AS " + name_sql(measure.name)};
    outputs.push_back(std::move(output));
  }
  return {};
}

Result<std::string> plan_groups(const Question& question, const Order& order) {
  std::vector<Output> outputs;
  auto status = parse_all(outputs, question.by, "--by", parse_key);
  if (!status) return fail(status.error());
  const auto keys = outputs.size();
  status = add_measures(question, order.name, outputs);
  if (!status) return fail(status.error());

  const auto wanted = order.name.empty() ? outputs[keys].name : order.name;
  const auto sorted = std::find_if(outputs.begin(), outputs.end(), [&](const auto& o) { return o.name == wanted; });
  if (sorted == outputs.end()) {
    if (find_column(wanted))
      return fail(fmt::format("--order: {} is {}: add it there", wanted,
                              question.measures.empty() ? "neither in --by nor in --sum" : "not in --by"),
                  ErrorKind::usage);
    std::vector<std::string_view> known;
    for (const auto& output : outputs) known.push_back(output.name);
    return no_column("--order", wanted, known);
  }
  const bool is_key = static_cast<std::size_t>(sorted - outputs.begin()) < keys;
  std::string text = order_sql(*sorted, order.ascending.value_or(is_key));
  for (std::size_t i = 0; i < keys; ++i)  // equal sums come in the same order every time
    if (outputs[i].name != wanted) text += ", " + order_sql(outputs[i], true);
  return assemble(outputs, question, true, text);
}

Result<std::string> plan_list(const Question& question, const Order& order) {
  if (!question.sum.empty())
    return fail("--sum needs --by: say by what the flows are grouped, e.g. --by src_addr", ErrorKind::usage);
  std::vector<Output> outputs;
  for (const auto name : list_columns) {
    const auto column = find_column(name);
    if (column) outputs.push_back(column->address() ? address_output(*column) : plain_output(column->name));
  }
  if (order.name.empty()) return assemble(outputs, question, false, "");
  const auto column = find_column(order.name);
  if (!column) return no_column("--order", order.name, column_names());
  const auto key = column->address() ? address_output(*column) : plain_output(column->name);
  const bool ascending = order.ascending.value_or(unit_of(order.name) == Unit::none);
  if (std::none_of(outputs.begin(), outputs.end(), [&](const auto& o) { return o.name == key.name; }))
    outputs.push_back(key);
  return assemble(outputs, question, false, order_sql(key, ascending));
}

}  // namespace

Result<std::string> plan_sql(const Question& question) {
  const auto order = parse_order(question.order);
  if (!order) return fail(order.error());
  return question.by.empty() ? plan_list(question, *order) : plan_groups(question, *order);
}

}  // namespace flowspan::query
