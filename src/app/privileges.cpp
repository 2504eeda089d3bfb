// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/privileges.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <optional>

namespace flowspan::app {
namespace {

template <typename Id>
std::optional<Id> parse_id(const std::string& text) {
  Id id{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

struct Identity {
  uid_t user;
  gid_t group;
};

Result<Identity> find_identity(const std::string& user, const std::string& group) {
  Identity identity{getuid(), getgid()};
  if (!user.empty()) {
    // One thread only at this time: getpwnam's static answer is ours.
    const passwd* entry = getpwnam(user.c_str());
    const auto number = parse_id<uid_t>(user);
    if (entry == nullptr && number) entry = getpwuid(*number);
    if (entry == nullptr)
      return fail("there is no user '" + user + "' on this machine: name another with --user", ErrorKind::usage);
    identity = {entry->pw_uid, entry->pw_gid};
  }
  if (!group.empty()) {
    const ::group* entry = getgrnam(group.c_str());
    const auto number = parse_id<gid_t>(group);
    if (entry == nullptr && number) entry = getgrgid(*number);
    if (entry == nullptr)
      return fail("there is no group '" + group + "' on this machine: name another with --group", ErrorKind::usage);
    identity.group = entry->gr_gid;
  }
  return identity;
}

}  // namespace

Status drop_privileges(const std::string& user, const std::string& group, const std::filesystem::path& store) {
  if (user.empty() && group.empty()) return {};
  const auto identity = find_identity(user, group);
  if (!identity) return fail(identity.error());
  std::error_code code;
  std::filesystem::create_directories(store, code);
  if (code) return fail("cannot make the store " + store.string() + ": " + code.message());
  if (getuid() == 0) {
    if (chown(store.c_str(), identity->user, identity->group) != 0)
      return fail(system_error("cannot give the store " + store.string() + " to user '" + user + "'"));
    if (setgroups(1, &identity->group) != 0) return fail(system_error("cannot leave root's groups"));
  }
  if (setgid(identity->group) != 0) return fail(system_error("cannot become group '" + group + "' (only root can)"));
  if (setuid(identity->user) != 0) return fail(system_error("cannot become user '" + user + "' (only root can)"));
  return {};
}

}  // namespace flowspan::app
