// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <span>

#include "app/commands.hpp"
#include "app/system.hpp"
#include "app/tell.hpp"
#include "base/units.hpp"
#include "source/capture_file.hpp"
#include "source/pacing.hpp"
#include "source/udp_sender.hpp"

namespace flowspan::app {
namespace {

namespace fs = std::filesystem;

constexpr Duration progress_interval = 500 * millisecond;
constexpr double fastest = 1e9;

/// Nothing: flat out.
Result<std::optional<double>> parse_speed(const std::string& word) {
  if (word == "max") return std::optional<double>{};
  double speed = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), speed);
  if (code != std::errc{} || end != word.data() + word.size() || !(speed > 0) || speed > fastest)
    return fail(
        fmt::format("--speed: '{}' is no speed: write how many times as fast as recorded, e.g. 10, or max", word),
        ErrorKind::usage);
  return std::optional<double>{speed};
}

/// A folder stands for its captures: a store for its quarantine.
Result<std::vector<fs::path>> files_of(const fs::path& path) {
  std::error_code code;
  if (!fs::is_directory(path, code)) return std::vector{path};
  const bool is_store = fs::exists(path / "catalog.sqlite3", code);
  const auto folder = is_store ? path / "quarantine" : path;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    const auto extension = it->path().extension();
    if (extension == ".pcap" || extension == ".pcapng") files.push_back(it->path());
  }
  if (files.empty())
    return fail(fmt::format("{} holds no captures to replay{}", folder.string(),
                            is_store ? ": nothing is in quarantine" : " (*.pcap, *.pcapng)"),
                ErrorKind::not_found);
  std::sort(files.begin(), files.end());
  return files;
}

/// Datagrams that are due now, with payloads of their own: a reader's live until its next only.
class Batch {
 public:
  static constexpr std::size_t size = 64;

  void add(const Datagram& datagram) {
    auto& bytes = payloads_[count_];
    bytes.assign(datagram.payload.begin(), datagram.payload.end());
    datagrams_[count_] = datagram;
    datagrams_[count_++].payload = bytes;
  }
  bool full() const { return count_ == size; }
  void send(source::UdpSender& sender) {
    if (count_ > 0) sender.send_waiting(std::span(datagrams_).first(count_));
    count_ = 0;
  }

 private:
  std::array<std::vector<std::byte>, size> payloads_;
  std::array<Datagram, size> datagrams_;
  std::size_t count_ = 0;
};

class Replay {
 public:
  Replay(source::UdpSender& sender, std::optional<double> speed, const std::atomic<bool>& stop, bool progress)
      : sender_(sender), speed_(speed), stop_(stop), progress_(progress) {}

  Status file(const fs::path& path) {
    auto capture = source::CaptureFile::open(path);
    if (!capture) return fail(std::move(capture.error()));
    source::ReplayPacing pacing(speed_, monotonic_now());
    Datagram datagram;
    while (!stop_) {
      const auto more = (*capture)->next(datagram);
      if (!more) return fail(more.error());
      if (!*more) break;
      wait(pacing, datagram.received);
      if (stop_) break;
      batch_.add(datagram);
      ++datagrams_;
      if (batch_.full()) batch_.send(sender_);
      show(path, **capture);
    }
    batch_.send(sender_);
    if (!stop_ && !(*capture)->warning().empty()) tell("flowspan: {}\n", (*capture)->warning());
    return {};
  }
  std::uint64_t datagrams() const { return datagrams_; }

 private:
  void wait(source::ReplayPacing& pacing, Time recorded) {
    auto left = pacing.wait(recorded, monotonic_now());
    if (left > 0) batch_.send(sender_);
    for (; left > 0 && !stop_; left = pacing.wait(recorded, monotonic_now()))
      sleep_for(std::min(left, progress_interval));
  }
  void show(const fs::path& path, const source::CaptureFile& capture) {
    if (!progress_ || monotonic_now() < shown_ + progress_interval) return;
    shown_ = monotonic_now();
    const auto at = capture.progress();
    const auto share = at.size > 0 ? fmt::format("{} %", at.read * 100 / at.size) : size_text(at.read);
    tell("\r{}: {}, {} datagrams\x1b[K", path.filename().string(), share, count_text(datagrams_));
  }

  source::UdpSender& sender_;
  std::optional<double> speed_;
  const std::atomic<bool>& stop_;
  bool progress_;
  Time shown_ = 0;
  Batch batch_;
  std::uint64_t datagrams_ = 0;
};

/// All files of all arguments.
Result<std::vector<fs::path>> all_files(const std::vector<fs::path>& paths) {
  if (paths.empty())
    return fail("replay needs a file: a capture, a journal, or a store for its quarantine", ErrorKind::usage);
  std::vector<fs::path> files;
  for (const auto& path : paths) {
    auto found = files_of(path);
    if (!found) return found;
    files.insert(files.end(), found->begin(), found->end());
  }
  return files;
}

Result<source::Address> parse_to(const std::string& to) {
  if (to.empty()) return fail("replay needs --to HOST:PORT, where it sends to", ErrorKind::usage);
  auto target = source::Address::parse_target(to);
  if (!target) return fail("--to: " + target.error().text, ErrorKind::usage);
  return target;
}

Result<std::uint64_t> send_files(const std::vector<fs::path>& files, Replay& replay, const std::atomic<bool>& stop) {
  for (const auto& path : files) {
    if (stop) break;
    const auto status = replay.file(path);
    if (!status) return fail(status.error());
  }
  return replay.datagrams();
}

void say_sent(const source::SendCounters& counters, const std::string& to, Duration took, bool stopped) {
  tell("{}sent {} datagrams to {} in {:.1f} s, {} refused by this machine\n", stopped ? "stopped: " : "",
       count_text(counters.sent), to, static_cast<double>(took) / static_cast<double>(second),
       count_text(counters.refused));
  if (counters.unreachable > 0) tell("flowspan: {} said that nobody listens there: start the collector first\n", to);
}

}  // namespace

int run_replay(const ReplayOptions& options) {
  const auto files = all_files(options.files);
  if (!files) return report(files.error());
  const auto target = parse_to(options.to);
  if (!target) return report(target.error());
  const auto speed = parse_speed(options.speed);
  if (!speed) return report(speed.error());
  const auto sender = source::UdpSender::open(*target);
  if (!sender) return report(sender.error());
  if (!(*sender)->warning().empty() && !options.quiet) tell("flowspan: {}\n", (*sender)->warning());

  const InterruptFlag stop;
  const bool progress = !options.quiet && stderr_is_terminal();
  Replay replay(**sender, *speed, stop.raised(), progress);
  const Time begin = monotonic_now();
  const auto sent = send_files(*files, replay, stop.raised());
  if (progress) tell("\r\x1b[K");
  const auto counters = (*sender)->counters();
  if (sent || counters.sent > 0) say_sent(counters, options.to, monotonic_now() - begin, stop.raised());
  if (!sent) return report(sent.error());
  if (*sent == 0 && !stop.raised()) return report({"there was no UDP datagram to send: is it a capture of exports?"});
  return counters.refused > 0 ? exit_failed : exit_done;
}

}  // namespace flowspan::app
