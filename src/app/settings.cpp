// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/units.hpp"

namespace flowspan::app {
namespace {

using Words = std::vector<std::string>;

constexpr std::string_view no_limit = "unlimited";
constexpr unsigned max_workers = 256;

Result<std::string> one(const Words& words) {
  if (words.size() != 1) return fail("takes one value", ErrorKind::usage);
  return words[0];
}

template <typename T>
Status store_in(T& member, Result<T> value) {
  if (!value) return fail(std::move(value.error()));
  member = std::move(*value);
  return {};
}

// How a value of each type is read and written. A type's smallest sensible value is checked by the setting's row.

Status parse(std::string& member, const std::string& word) {
  member = word;
  return {};
}
Status parse(std::filesystem::path& member, const std::string& word) {
  if (word.empty()) return fail("an empty path names nothing: write a folder", ErrorKind::usage);
  member = word;
  return {};
}
Status parse(std::uint64_t& member, const std::string& word) { return store_in(member, parse_size(word)); }
Status parse(Duration& member, const std::string& word) { return store_in(member, parse_duration(word)); }
Status parse(double& member, const std::string& word) { return store_in(member, parse_fraction(word)); }
Status parse(unsigned& member, const std::string& word) {
  unsigned value = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (code != std::errc{} || end != word.data() + word.size() || value == 0 || value > max_workers)
    return fail(fmt::format("'{}' is no number from 1 to {}", word, max_workers), ErrorKind::usage);
  member = value;
  return {};
}
Status parse(bool& member, const std::string& word) {
  if (word != "true" && word != "false")
    return fail(fmt::format("'{}' is neither true nor false", word), ErrorKind::usage);
  member = word == "true";
  return {};
}
Status parse(Format& member, const std::string& word) {
  constexpr std::array<std::string_view, 4> names{"table", "csv", "json", "ndjson"};
  const auto found = std::find(names.begin(), names.end(), word);
  if (found == names.end())
    return fail(fmt::format("'{}' is no format: write table, csv, json or ndjson", word), ErrorKind::usage);
  member = static_cast<Format>(found - names.begin());
  return {};
}
Status parse(std::optional<source::Address>& member, const std::string& word) {
  member.reset();
  if (word.empty()) return {};  // nowhere
  auto address = source::Address::parse_listen(word);
  if (!address) return fail(std::move(address.error()));
  if (address->multicast())
    return fail("'" + word + "' is a multicast group: name an address of this machine", ErrorKind::usage);
  member = std::move(*address);
  return {};
}
template <typename T>
Status parse(std::optional<T>& member, const std::string& word) {
  member.reset();
  if (word == no_limit) return {};
  T value{};
  auto status = parse(value, word);
  if (!status) return fail(status.error().text + ", or unlimited", ErrorKind::usage);
  member = value;
  return {};
}

std::string exact_size(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> units{"", "KiB", "MiB", "GiB", "TiB"};
  std::size_t power = 0;
  for (; power + 1 < units.size() && bytes != 0 && bytes % 1024 == 0; ++power) bytes /= 1024;
  return fmt::format("{}{}", bytes, units[power]);
}

std::string to_text(const std::string& value) { return value.empty() ? "none" : value; }
std::string to_text(const std::filesystem::path& value) { return value.empty() ? "none" : value.string(); }
std::string to_text(const OutputTarget& value) { return value.text; }
std::string to_text(std::uint64_t value) { return exact_size(value); }
std::string to_text(Duration value) { return duration_text(value); }
std::string to_text(double value) { return fmt::format("{:g}%", value * 100); }
std::string to_text(unsigned value) { return std::to_string(value); }
std::string to_text(bool value) { return value ? "true" : "false"; }
std::string to_text(Format value) {
  constexpr std::array names{"table", "csv", "json", "ndjson"};
  return names[static_cast<std::size_t>(value)];
}
std::string to_text(const source::Address& value) { return value.text; }
std::string to_text(const std::optional<source::Address>& value) { return value ? value->text : "none"; }
std::string to_text(const Prefix& value) { return value.to_string(); }
template <typename T>
std::string to_text(const std::optional<T>& value) {
  return value ? to_text(*value) : std::string(no_limit);
}
template <typename T>
std::string to_text(const std::vector<T>& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : " ") + to_text(value);
  return text.empty() ? "none" : text;
}

/// Rows for members that are read with parse() above. Least: the smallest value that makes sense.
template <auto member, std::int64_t least = 0>
Status set_one(Configuration& configuration, const Words& words) {
  const auto word = one(words);
  if (!word) return fail(word.error());
  auto value = configuration.*member;
  auto status = parse(value, *word);
  if (!status) return status;
  if constexpr (least > 0) {
    if (std::cmp_less(value, least))
      return fail(fmt::format("{} is too little: write {} or more", *word, to_text(decltype(value){least})),
                  ErrorKind::usage);
  }
  configuration.*member = std::move(value);
  return {};
}
template <auto member, auto parse_item, bool may_be_empty>
Status set_list(Configuration& configuration, const Words& words) {
  auto& list = configuration.*member;
  list.clear();
  for (const auto& word : words) {
    auto item = parse_item(word);
    if (!item) return fail(std::move(item.error()));
    list.push_back(std::move(*item));
  }
  if (!may_be_empty && list.empty()) return fail("an empty list leaves nothing to do", ErrorKind::usage);
  return {};
}
template <auto member>
std::string text_of(const Configuration& configuration) {
  return to_text(configuration.*member);
}
template <auto member>
void copy_of(Configuration& to, const Configuration& from) {
  to.*member = from.*member;
}

template <auto member, std::int64_t least = 0>
constexpr Setting row(std::string_view key, Kind kind, std::string_view value, std::string_view help,
                      bool reload = false) {
  return {key, kind, value, help, reload, set_one<member, least>, text_of<member>, copy_of<member>};
}
template <auto member, auto parse_item, bool may_be_empty = true>
constexpr Setting list_row(std::string_view key, std::string_view value, std::string_view help, bool reload = false) {
  return {key,
          Kind::list,
          value,
          help,
          reload,
          set_list<member, parse_item, may_be_empty>,
          text_of<member>,
          copy_of<member>};
}

Result<source::Address> parse_listen(const std::string& word) { return source::Address::parse_listen(word); }
Result<source::Address> parse_target(const std::string& word) { return source::Address::parse_target(word); }
Result<Prefix> parse_network(const std::string& word) { return Prefix::parse(word); }

Result<OutputTarget> parse_output(const std::string& word) { return OutputTarget::parse(word); }

/// As a path, but "" is none.
Status set_sqlite_file(Configuration& configuration, const Words& words) {
  const auto word = one(words);
  if (!word) return fail(word.error());
  configuration.sqlite_file = *word;
  return {};
}

using C = Configuration;
constexpr std::int64_t mebi = 1 << 20;
constexpr bool reloads = true;

// clang-format off
constexpr std::array table{
    row<&C::store>("store", Kind::text, "DIR", "folder that holds the flows; FLOWSPAN_STORE where it is not given"),
    list_row<&C::listen, parse_listen, false>("listen", "HOST:PORT", "where exporters send: any protocol on any port; a multicast group is joined (239.1.1.1%eth0:2055)"),
    row<&C::workers>("workers", Kind::count, "N", "receiving and decoding threads; exporters are dealt among them by source address"),
    row<&C::ring, mebi>("ring", Kind::size, "SIZE", "memory of each worker for datagrams that wait for the disk"),
    row<&C::receive_buffer, 4096>("receive_buffer", Kind::size, "SIZE", "socket buffer asked of the kernel for each socket"),
    row<&C::journal_max, mebi>("journal_max", Kind::size, "SIZE", "most that received and not yet decoded datagrams may take on disk"),
    row<&C::journal_sync, millisecond>("journal_sync", Kind::text, "TIME", "how much a power cut may cost"),
    row<&C::rotate, second>("rotate", Kind::text, "TIME", "a segment is finished after this time…"),
    row<&C::rotate_size, mebi>("rotate_size", Kind::size, "SIZE", "… or at this size, whichever comes first"),
    row<&C::keep>("keep", Kind::text, "TIME", "flows received longer ago than this are removed", reloads),
    row<&C::keep_bytes>("keep_bytes", Kind::size, "SIZE", "the oldest flows are removed when segments take more than this", reloads),
    row<&C::min_free>("min_free", Kind::share, "SHARE", "the oldest flows are removed when the file system has less free than this", reloads),
    row<&C::compact>("compact", Kind::flag, "", "merge small segments in the background"),
    list_row<&C::mirror, parse_target>("mirror", "HOST:PORT", "repeat every datagram as it came to these addresses"),
    Setting{"sqlite.file", Kind::text, "FILE", "fill this SQLite dataset as well (GDP's dataset.sqlite3)", false, set_sqlite_file, text_of<&C::sqlite_file>, copy_of<&C::sqlite_file>},
    row<&C::sqlite_keep>("sqlite.keep", Kind::flag, "", "do not clear the dataset when a run begins"),
    list_row<&C::output, parse_output>("output", "KIND:TARGET", "hand flows on as they are decoded: ndjson:-, ndjson:FILE, ndjson:tcp:HOST:PORT"),
    list_row<&C::allow, parse_network>("allow", "NETWORK", "take datagrams only from these networks", reloads),
    row<&C::on_segment>("on_segment", Kind::text, "COMMAND", "shell command to run after each segment is committed", reloads),
    row<&C::metrics>("metrics", Kind::text, "HOST:PORT", "serve counters to Prometheus here (/metrics), and /healthz and /readyz"),
    row<&C::user>("user", Kind::text, "NAME", "become this user once the ports are bound"),
    row<&C::group>("group", Kind::text, "NAME", "become this group once the ports are bound"),
    row<&C::format>("format", Kind::text, "FORMAT", "of the summary at the end: table, csv, json or ndjson"),
    row<&C::quiet>("quiet", Kind::flag, "", "say nothing but warnings and errors"),
};
// clang-format on

}  // namespace

std::span<const Setting> settings() { return table; }

const Setting* find_setting(std::string_view key) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Setting& s) { return s.key == key; });
  return found == table.end() ? nullptr : &*found;
}

std::string flag_of(const Setting& setting) {
  std::string name(setting.key);
  if (name.ends_with(".file")) name.resize(name.size() - 5);  // sqlite.file is --sqlite
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '_' || c == '.'; }, '-');
  const bool on = setting.kind == Kind::flag && setting.text(Configuration{}) == "true";
  return (on ? "--no-" : "--") + name;
}

std::vector<std::string_view> setting_keys() {
  std::vector<std::string_view> keys;
  for (const auto& setting : table) keys.push_back(setting.key);
  return keys;
}

}  // namespace flowspan::app
