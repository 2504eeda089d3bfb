// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>

#include "app/commands.hpp"
#include "app/tell.hpp"

namespace flowspan::app {

int report(const Error& error) {
  tell("flowspan: {}\n", error.text);
  return error.kind == ErrorKind::usage ? exit_usage : exit_failed;
}

}  // namespace flowspan::app
