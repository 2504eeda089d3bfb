// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace flowspan::query {

/// How an answer is written.
enum class Format {
  table,   ///< for people: aligned, amounts with units
  csv,     ///< RFC 4180: CRLF, quoted where it must be; numbers plain; NULL is an empty field
  json,    ///< one object {"rows": […], "quality": {…}}
  ndjson,  ///< an object a line, written at once
};

}  // namespace flowspan::query
