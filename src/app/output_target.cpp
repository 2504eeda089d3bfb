// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/configuration.hpp"

namespace flowspan::app {
namespace {

constexpr std::string_view known = "write ndjson:- (standard output), ndjson:FILE or ndjson:tcp:HOST:PORT";

}  // namespace

Result<OutputTarget> OutputTarget::parse(const std::string& text) {
  const auto colon = text.find(':');
  if (text.substr(0, colon) != "ndjson" || colon == std::string::npos)
    return fail("there is no output '" + text + "': " + std::string(known), ErrorKind::usage);
  OutputTarget target;
  target.text = text;
  const std::string rest = text.substr(colon + 1);
  if (rest.empty()) return fail("'" + text + "' says not where: " + std::string(known), ErrorKind::usage);
  if (rest == "-") return target;
  if (rest.starts_with("tcp:")) {
    auto address = source::Address::parse_target(rest.substr(4));
    if (!address) return fail(address.error());
    target.kind = Kind::tcp;
    target.address = std::move(*address);
    return target;
  }
  target.kind = Kind::file;
  target.path = rest;
  return target;
}

}  // namespace flowspan::app
