// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/nfcapd.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "base/ip.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace flowspan::app {
namespace {

constexpr std::string_view default_port = "9995";
/// getopt(3) letters of nfcapd 1.7.1, and of 1.6 (-X).
constexpr std::string_view with_value = "BbCfgIiJlmMnpPRsStTuwx";
constexpr std::string_view without_value = "46DeEhjrvVyzZX";

struct Option {
  char letter;
  std::string value;
};

/// What is said of options that need nothing here.
constexpr std::array comments{
    std::pair{'C', "-C: nfcapd's configuration file is not read: give what it holds as options"},
    std::pair{'D', "-D: flowspan stays in the foreground: packaging/flowspan.service runs it under systemd"},
    std::pair{'E', "-E: see flows with: flowspan query --last 5m"},
    std::pair{'P', "-P: no pid file: the lock in the store names the process, systemd knows it too"},
    std::pair{'S', "-S: segments always lie in folders by year, month and day (UTC)"},
    std::pair{'T', "-T: every field of every flow is kept"},
    std::pair{'X', "-X: every field of every flow is kept"},
    std::pair{'Z', "-Z: times are UTC inside; flowspan query --tz local shows them in your zone"},
    std::pair{'e',
              "-e: flows expire by keep, keep_bytes and min_free; nfexpire's limits go there:\n#keep = \"90d\"\n"
              "#keep_bytes = \"500GB\""},
    std::pair{'h', "-h: flowspan collect --help"},
    std::pair{'i', "-i: counters are published in the store every second: counters.json"},
    std::pair{'j', "-j: segments are always compressed"},
    std::pair{'m', "-m: counters are published in the store every second: counters.json"},
    std::pair{'r', "-r: has no meaning here"},
    std::pair{'v', "-v: warnings and errors are always said"},
    std::pair{'V', "-V: flowspan --version"},
    std::pair{'y', "-y: segments are always compressed"},
    std::pair{'z', "-z: segments are always compressed"},
};

/// Splits as a shell would: blanks, '…', "…" and backslashes.
Result<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::optional<std::string> word;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (quote == 0 && blank) {
      if (word) words.push_back(std::move(*word));
      word.reset();
      continue;
    }
    if (!word) word.emplace();
    if (c == quote)
      quote = 0;
    else if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    else if (c == '\\' && quote != '\'' && i + 1 < line.size())
      *word += line[++i];
    else
      *word += c;
  }
  if (quote != 0) return fail(fmt::format("--from-nfcapd: a quote {} is not closed", quote), ErrorKind::usage);
  if (word) words.push_back(std::move(*word));
  return words;
}

/// getopt(3): "-Dp 9995", "-p9995".
Result<std::vector<Option>> parse_options(std::string_view line) {
  const auto words = split_words(line);
  if (!words) return fail(words.error());
  std::vector<Option> options;
  for (std::size_t i = 0; i < words->size(); ++i) {
    const auto& word = (*words)[i];
    if (i == 0 && word.ends_with("nfcapd")) continue;
    if (word.size() < 2 || word[0] != '-')
      return fail(fmt::format("--from-nfcapd: '{}' is no option of nfcapd: give its options in quotes, e.g. '-p 9995 "
                              "-w /data/flows'",
                              word),
                  ErrorKind::usage);
    for (std::size_t at = 1; at < word.size(); ++at) {
      const char letter = word[at];
      if (without_value.find(letter) != std::string_view::npos) {
        options.push_back({letter, {}});
        continue;
      }
      if (with_value.find(letter) == std::string_view::npos)
        return fail(fmt::format("--from-nfcapd: nfcapd 1.7 has no option -{}: see nfcapd -h", letter),
                    ErrorKind::usage);
      if (at + 1 == word.size() && i + 1 == words->size())
        return fail(fmt::format("--from-nfcapd: -{} lacks its value", letter), ErrorKind::usage);
      options.push_back({letter, at + 1 < word.size() ? word.substr(at + 1) : (*words)[++i]});
      break;
    }
  }
  return options;
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      continue;
    }
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return text;
}

/// An IPv6 address goes into brackets before a port.
std::string host_port(const std::string& host, const std::string& port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

class Translation {
 public:
  Status take(const Option& option);
  std::string toml() const;

 private:
  Status take_rate(const std::string& value);
  Status take_source(const std::string& value);
  Status take_repeater(const std::string& value);
  Status take_number(const char* key, char letter, const std::string& value);
  void take_hook(const std::string& value);
  void take_folder(char letter, const std::string& value);
  void comment(char letter, const std::string& value);
  std::string listen() const;

  std::string host_;
  std::string port_{default_port};
  std::string group_;
  char family_ = 0;
  std::string lines_;  ///< keys other than listen and mirror
  std::string notes_;  ///< comments
  std::string mirrors_;
  std::string all_;  ///< keys of the table that matches every exporter
  std::string tables_;
};

Status Translation::take_number(const char* key, char letter, const std::string& value) {
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_time = letter == 't';
  if (code != std::errc{} || end != value.data() + value.size() || number == 0 || (is_time && number > 1'000'000'000))
    return fail(fmt::format("--from-nfcapd: -{} {}: this is no number nfcapd takes", letter, value), ErrorKind::usage);
  if (is_time)
    lines_ += fmt::format("{} = \"{}\"  # -t {}\n", key, duration_text(static_cast<Duration>(number) * second), value);
  else
    lines_ += fmt::format("{} = {}  # -B {}\n", key, number, value);
  return {};
}

Status Translation::take_rate(const std::string& value) {
  std::int64_t rate = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), rate);
  if (code != std::errc{} || end != value.data() + value.size() || rate == 0 || rate == INT64_MIN)
    return fail(fmt::format("--from-nfcapd: -s {}: this is no sampling rate", value), ErrorKind::usage);
  all_ += rate > 0 ? fmt::format("sampling = {}  # -s {}: where the exporter says none\n", rate, value)
                   : fmt::format("force_sampling = {}  # -s {}: whatever the exporter says\n", -rate, value);
  return {};
}

Status Translation::take_source(const std::string& value) {
  const auto first = value.find(',');
  const auto last = first == std::string::npos ? first : value.find(',', first + 1);
  const auto address = first == std::string::npos ? std::string{} : value.substr(first + 1, last - first - 1);
  const auto prefix = Prefix::parse(address);
  if (last == std::string::npos || !prefix)
    return fail(fmt::format("--from-nfcapd: -n {}: write ident,address,folder", value), ErrorKind::usage);
  tables_ += fmt::format("\n[[exporter]]  # -n {}: all exporters share the store\nmatch = {}\nname = {}\n",
                         one_line(value), quoted(address), quoted(value.substr(0, first)));
  return {};
}

Status Translation::take_repeater(const std::string& value) {
  const auto slash = value.find('/');
  const auto port = slash == std::string::npos ? std::string(default_port) : value.substr(slash + 1);
  if (slash == 0 || value.empty() || port.empty())
    return fail(fmt::format("--from-nfcapd: -R {}: write host/port", value), ErrorKind::usage);
  mirrors_ += (mirrors_.empty() ? "" : ", ") + quoted(host_port(value.substr(0, slash), port));
  return {};
}

void Translation::take_hook(const std::string& value) {
  lines_ += "on_segment = " + quoted(value) +
            "  # -x; %f is the segment's whole path, %d the store, %t its time, %n its flows\n";
  for (const char* word : {"%u", "%i"})
    if (value.find(word) != std::string::npos)
      notes_ += fmt::format("# -x: {} has no meaning here: take it out of on_segment\n", word);
}

void Translation::take_folder(char letter, const std::string& value) {
  auto folder = value;
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  lines_ += "store = " + quoted(folder + "/flowspan") +
            fmt::format("  # -{}: beside nfcapd's files, which stay as they are\n", letter);
  if (letter == 'M') notes_ += "# -M: all exporters share the store; ask for one with WHERE exporter = '192.0.2.1'\n";
}

void Translation::comment(char letter, const std::string& value) {
  for (const auto& [known, text] : comments)
    if (known == letter) notes_ += fmt::format("# {}\n", text);
  if (letter == 'f') notes_ += fmt::format("# -f: read a capture with: flowspan read {}\n", one_line(value));
}

Status Translation::take(const Option& option) {
  switch (option.letter) {
    case 'b': host_ = option.value; return {};
    case 'p': port_ = option.value; return {};
    case 'J': group_ = option.value; return {};
    case '4':
    case '6': family_ = option.letter; return {};
    case 'l':
    case 'w':
    case 'M': take_folder(option.letter, option.value); return {};
    case 't': return take_number("rotate", 't', option.value);
    case 'B': return take_number("receive_buffer", 'B', option.value);
    case 'R': return take_repeater(option.value);
    case 'x': take_hook(option.value); return {};
    case 'n': return take_source(option.value);
    case 's': return take_rate(option.value);
    case 'I': all_ += "name = " + quoted(option.value) + "  # -I\n"; return {};
    case 'u': lines_ += "user = " + quoted(option.value) + "  # -u\n"; return {};
    case 'g': lines_ += "group = " + quoted(option.value) + "  # -g\n"; return {};
    default: comment(option.letter, option.value); return {};
  }
}

std::string Translation::listen() const {
  auto host = group_.empty() ? host_ : group_;
  if (host.empty() && family_ == '4') host = "0.0.0.0";
  if (host.empty() && family_ == '6') host = "::";
  return fmt::format("listen = [{}]\n", quoted(host_port(host, port_)));
}

std::string Translation::toml() const {
  auto text = "# flowspan.toml for what nfcapd did; run it with: flowspan collect --config flowspan.toml\n" + listen();
  text += lines_;
  if (!mirrors_.empty()) text += "mirror = [" + mirrors_ + "]  # -R\n";
  text += notes_;
  if (!all_.empty()) text += "\n[[exporter]]  # every exporter\nmatch = \"::/0\"\n" + all_;
  return text + tables_;
}

}  // namespace

Result<std::string> translate_nfcapd(std::string_view line) {
  const auto options = parse_options(line);
  if (!options) return fail(options.error());
  Translation translation;
  for (std::size_t i = 0; i < options->size(); ++i) {
    const auto& option = (*options)[i];
    const bool may_repeat = option.letter == 'n' || option.letter == 'R';
    bool last = true;
    for (std::size_t later = i + 1; later < options->size(); ++later) {
      const bool both_folders = std::string_view("lwM").find(option.letter) != std::string_view::npos &&
                                std::string_view("lwM").find((*options)[later].letter) != std::string_view::npos;
      last &= (*options)[later].letter != option.letter && !both_folders;
    }
    if (!last && !may_repeat) continue;
    const auto status = translation.take(option);
    if (!status) return fail(status.error());
  }
  return translation.toml();
}

}  // namespace flowspan::app
