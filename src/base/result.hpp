// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace flowspan {

/// What kind of failure an Error is, where a caller acts on the difference.
enum class ErrorKind {
  failed,        ///< everything that only needs to be told
  usage,         ///< the user's words are wrong: exit code 2
  no_space,      ///< the disk is full: room can be made, then try again
  not_found,     ///< a file or object is not there
  busy,          ///< somebody else holds it
  newer_format,  ///< written by a later flowspan
};

/// A failure in one sentence for the user: what, where, what to do.
struct Error {
  std::string text;
  ErrorKind kind = ErrorKind::failed;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(std::string text, ErrorKind kind = ErrorKind::failed) {
  return tl::unexpected<Error>(Error{std::move(text), kind});
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

/// Describes errno (or `code`) after a failed system call: "cannot open x: No such file or directory".
/// ENOSPC and EDQUOT become ErrorKind::no_space, ENOENT not_found.
Error system_error(std::string what, int code);
Error system_error(std::string what);

}  // namespace flowspan
