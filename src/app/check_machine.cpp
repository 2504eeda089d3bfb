// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <tuple>

#include "app/check.hpp"
#include "app/monitor.hpp"
#include "app/system.hpp"
#include "base/units.hpp"
#include "source/udp.hpp"

namespace flowspan::app {
namespace {

constexpr std::uint64_t enough_files = 1024;
/// Of this program's first days, and far beyond its last.
constexpr const char* earliest = "2026-01-01";
constexpr const char* latest = "2100-01-01";

void check_buffer(const source::UdpSocketInfo& socket, Findings& findings) {
  const auto what = "buffer " + socket.listen.text;
  if (socket.warning.empty())
    findings.push_back({Verdict::ok, what, size_text(socket.granted_buffer) + " granted"});
  else
    findings.push_back({Verdict::warning, what, socket.warning});
}

void check_clock(Time time, Findings& findings) {
  if (time < parse_time(earliest, 0).value_or(0) || time > parse_time(latest, 0).value_or(time)) {
    findings.push_back({Verdict::error, "clock",
                        fmt::format("this machine believes it is {}: set the clock, flows are filed by it",
                                    time_text(time / second * second))});
    return;
  }
  const auto synchronised = clock_is_synchronised();
  if (!synchronised)
    findings.push_back({Verdict::warning, "clock", "cannot be asked whether something keeps it right"});
  else if (!*synchronised)
    findings.push_back(
        {Verdict::warning, "clock", "nothing keeps it right: start a time service, e.g. chrony or systemd-timesyncd"});
  else
    findings.push_back({Verdict::ok, "clock", "synchronised, " + time_text(time / second * second)});
}

}  // namespace

void check_ports(const Configuration& configuration, Findings& findings) {
  for (const auto& listen : configuration.listen) {
    source::UdpOptions options;
    options.listens = {listen};
    options.receive_buffer = configuration.receive_buffer;
    const auto receivers = source::UdpReceiver::open(options);
    if (!receivers) {
      findings.push_back({Verdict::error, "listen " + listen.text, receivers.error().text});
      continue;
    }
    findings.push_back({Verdict::ok, "listen " + listen.text, "free (UDP)"});
    for (const auto& socket : receivers->front()->sockets()) check_buffer(socket, findings);
  }
  if (!configuration.metrics) return;
  const auto what = "metrics " + configuration.metrics->text;
  if (const auto free = check_monitor_address(*configuration.metrics); !free)
    findings.push_back({Verdict::error, what, free.error().text});
  else
    findings.push_back({Verdict::ok, what, "free (TCP)"});
}

void check_identity(const Configuration& configuration, Findings& findings) {
  const auto& [user, group] = std::tie(configuration.user, configuration.group);
  if (user.empty() && group.empty()) {
    if (is_root())
      findings.push_back(
          {Verdict::warning, "user", "collecting as root: give --user, it needs no more than the ports"});
    return;
  }
  const auto missing = [&](const char* what, const std::string& name) {
    findings.push_back({Verdict::error, what,
                        fmt::format("there is no {0} '{1}': make it, e.g. {2} --system {1}", what, name,
                                    std::string_view(what) == "user" ? "useradd" : "groupadd")});
  };
  const auto entry = find_user(user);
  if (!user.empty() && !entry) return missing("user", user);
  if (!group.empty() && !find_group(group)) return missing("group", group);
  if (!is_root()) {
    findings.push_back({Verdict::warning, "user",
                        "only root can become another user: start collect as root, or leave "
                        "user and group out"});
    return;
  }
  const auto owner = owner_of(configuration.store);
  if (entry && owner && *owner != *entry)
    findings.push_back(
        {Verdict::warning, "user",
         fmt::format("{0} belongs to another user than {1}: chown -R {1} {0}", configuration.store.string(), user)});
  else
    findings.push_back({Verdict::ok, "user", "becomes " + (user.empty() ? group : user)});
}

void check_machine(const Configuration& configuration, Time now, Findings& findings) {
  check_clock(now, findings);
  const auto limit = open_files_limit();
  if (limit.soft < enough_files)
    findings.push_back({Verdict::warning, "open files",
                        fmt::format("{} at most, {} are better: ulimit -n {} (systemd: LimitNOFILE={})", limit.soft,
                                    enough_files, enough_files, enough_files)});
  else
    findings.push_back({Verdict::ok, "open files", fmt::format("{} at most", limit.soft)});
  if (const auto cores = processors(); cores > 0 && configuration.workers > cores)
    findings.push_back(
        {Verdict::warning, "workers",
         fmt::format("{} workers on {} processors gain nothing: lower workers", configuration.workers, cores)});
  const auto rings = configuration.ring * configuration.workers;
  const auto memory = memory_bytes();
  if (memory > 0 && rings > memory / 2)
    findings.push_back({Verdict::warning, "memory",
                        fmt::format("the rings may take {} of {}: lower ring", size_text(rings), size_text(memory))});
}

}  // namespace flowspan::app
