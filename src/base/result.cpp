// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

#include <cerrno>
#include <system_error>

namespace flowspan {

Error system_error(std::string what, int code) {
  ErrorKind kind = ErrorKind::failed;
  if (code == ENOSPC || code == EDQUOT) kind = ErrorKind::no_space;
  if (code == ENOENT) kind = ErrorKind::not_found;
  return Error{std::move(what) + ": " + std::generic_category().message(code), kind};
}

Error system_error(std::string what) { return system_error(std::move(what), errno); }

}  // namespace flowspan
